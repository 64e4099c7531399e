/** Parsers of what comes on other ways: through a queue, through AWS, from what Ansible saved, from whoever approves. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readAnsible } from '../../src/evidence/from-ansible.js';
import { parseJson } from '../../src/facts/sources/answers.js';
import { readApprovals } from '../../src/facts/sources/approvals.js';
import { packAnswer, unpackAnswer } from '../../src/queue/answer.js';
import { decodeAnswer, parseEnvelope, parseSender, parseTask } from '../../src/queue/protocol.js';
import { createRecipient } from '../../src/queue/seal.js';
import { createSshLog } from '../../src/transports/openssh/log.js';
import { open } from '../../src/transports/ssm/envelope.js';
import { evidenceWith, texts } from './corpus.js';
import { promise, type Target } from './target.js';

const JSON_WORDS = ['{', '}', '[', ']', '":', '",', 'null', '"__proto__":', '[[[[[[[[', '1e308'];
const TOKEN = '0123456789abcdef0123456789abcdef';
const JOB = 'run.web-01';
const MiB = 1024 * 1024;

const folder = mkdtempSync(join(tmpdir(), 'ssh-scorecard-fuzz-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const recipient = createRecipient();
const answered = await packAnswer(
  { kind: 'evidence', evidence: evidenceWith('system', Buffer.from('clock 1\n')) },
  { job: JOB, worker: 'w', recipient: recipient.publicKey },
);

const approvals: Target = {
  name: 'approvals',
  seeds: texts(
    '{"requester":"bernd","approver":"carla","from":"2026-11-20T09:00:00Z","until":"2026-11-20T11:00:00Z"}\n',
    '{"kind":"access_request","spec":{"user":"a","state":2,"roles":["x"],"created":"2026-11-20T09:00:00Z"}}\n',
    '[{"user":"a","state":"APPROVED","reviews":[{"author":"b"}]}]',
  ),
  words: [...JSON_WORDS, '"requester":', '"from":', '"until":', '"spec":', '"state":', '\n'],
  share: 0.3,
  run: (bytes) => {
    const body = bytes.toString('utf8');
    const answer = {
      asked: 'FILE',
      at: '2026-11-21T02:00:00.000Z',
      status: 0,
      body,
      encoding: 'utf8' as const,
      bytes: bytes.length,
      cut: false,
      sha256: '',
    };
    for (const type of ['jsonl', 'teleport', 'webhook'])
      readApprovals({
        schema: 1,
        source: 'approvals',
        type,
        startedAt: '2026-11-21T02:00:00.000Z',
        finishedAt: '2026-11-21T02:00:05.000Z',
        configuration: {},
        failures: [],
        answers: { 'file/a.jsonl': answer },
      });
  },
};

export const ANSWER_TARGETS: readonly Target[] = [
  approvals,
  {
    name: 'answers through a queue',
    seeds: [answered],
    words: [...JSON_WORDS, '"protocol":1', '"kind":"refused"', '"job":"run.web-01"', '\n'],
    share: 0.2,
    run: async (bytes) => {
      decodeAnswer(bytes);
      const work = await unpackAnswer(bytes, JOB, recipient, undefined);
      promise(work?.kind !== 'evidence' || bytes.equals(answered), 'what was changed is not believed');
    },
  },
  {
    name: 'tasks through a queue',
    seeds: texts('{"task":"{\\"protocol\\":1,\\"version\\":\\"0.1.0\\",\\"run\\":\\"r\\"}","mac":"aa"}'),
    words: [...JSON_WORDS, '"task":', '"host":', '"limits":', '"parameters":'],
    share: 0.3,
    run: (bytes) => {
      const whole = bytes.toString('utf8');
      parseSender(whole);
      const value = parseJson(whole);
      parseEnvelope(value);
      parseTask(value);
    },
  },
  {
    name: 'output of Run Command',
    seeds: [
      Buffer.from(
        `@@ssm ${TOKEN} ${TOKEN} gz 60 -\n${gzipSync('frames').toString('base64')}!0!\n@@more ${TOKEN} AAAA`,
      ),
      // One kilobyte that unpacks to a gigabyte would be the host's choice.
      Buffer.from(
        `@@ssm ${TOKEN} ${TOKEN} gz 99999 -\n${gzipSync(Buffer.alloc(8 * MiB)).toString('base64')}!0!`,
      ),
    ],
    words: [`@@ssm ${TOKEN} `, `${TOKEN} gz 9 -\n`, 'raw', '!0!', `\n@@more ${TOKEN} `, 'AAAA', 'no-gzip'],
    share: 0.1,
    run: (bytes) => {
      const whole = bytes.toString('utf8');
      const { stdout } = open(whole, whole, TOKEN, MiB);
      // One byte more says that there was more.
      promise(stdout.length <= MiB + 1, 'no more is unpacked than was asked for');
    },
  },
  {
    name: 'what Ansible saved',
    seeds: texts(
      `web-01 | CHANGED | rc=0 | (stdout) @@${TOKEN} S 1 0 1 sh\\n@@${TOKEN} E 0 (stderr) x\n`,
      'web-02 | UNREACHABLE!: timed out\nweb-03 | FAILED! => {"msg": "x", "rc": 1}\n',
      '{"plays":[{"tasks":[{"hosts":{"a":{"stdout":"x","rc":0}}}]}]}',
    ),
    words: [...JSON_WORDS, ' | CHANGED => ', ' | rc=0 | ', '(stdout)', '(stderr)', '"plays":', '"hosts":'],
    share: 0.1,
    run: async (bytes) => {
      const path = join(folder, 'saved.log');
      writeFileSync(path, bytes);
      for (const host of (await readAnsible(path)).values()) await host.read();
    },
  },
  {
    name: 'the log of the system ssh',
    seeds: texts(
      'debug1: Server host key: ssh-ed25519 SHA256:AAAA\ndebug1: Authentication succeeded (publickey).\nssh: connect to host x port 22: Connection refused\n',
    ),
    words: ['debug1: ', 'Server host key:', 'Authenticated to', 'Permission denied', 'kex_exchange', ': '],
    share: 0.3,
    run: (bytes) => {
      const log = createSshLog(() => undefined);
      for (let at = 0; at < bytes.length; at += 1000) log.push(bytes.toString('utf8', at, at + 1000));
      promise(log.errors.length <= 100, 'not every line is kept');
    },
  },
];
