/** Parsers of what control-plane systems answer, and of run folders that may come from anyone. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseManifest } from '../../src/evidence/manifest.js';
import { readHostFile } from '../../src/evidence/read.js';
import { parseRecord } from '../../src/evidence/run-record.js';
import { fleetFacts } from '../../src/facts/sources/index.js';
import { parsePolicy } from '../../src/facts/sources/vault/rules.js';
import { keeper } from '../../src/facts/sources/certificates/keep.js';
import { readStoredLine } from '../../src/facts/sources/certificates/stored.js';
import type { Policy, SourceAnswer, SourceEvidence, SourceName } from '../../src/model.js';
import { AUDIT, role } from '../helpers/vault-system.js';
import { auditLine } from '../helpers/vault-audit.js';
import { evidenceOf } from '../helpers/evidence.js';
import { fixtures, texts } from './corpus.js';
import { promise, type Target } from './target.js';

const JSON_WORDS = [
  '{',
  '}',
  '[',
  ']',
  '":',
  '",',
  'null',
  'true',
  '{"data":',
  '"keys":',
  '[[[[[[[[',
  '\\u0000',
  '"__proto__":',
  '1e308',
];
const LOGIN =
  'Nov 21 02:00:00 web-01 sshd[7]: Accepted publickey for ops from 10.0.0.1 port 5 ssh2: ED25519-CERT SHA256:a ID adm-full (serial 7) CA ED25519 SHA256:b';
const WINDOW = 'logins/1763690400000-1763776800000/000000';
const CA_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIF7NEHyGaHhh/Zx8VFTsmRBQeCo7o/Pbdy7dWGJ2zpmm\n';
const POLICY = { attestations: [] } as unknown as Policy;

function answer(bytes: Buffer, status: number): SourceAnswer {
  const body = bytes.toString('utf8');
  const clean = Buffer.from(body).equals(bytes);
  return {
    asked: 'GET https://example.org/',
    at: '2026-11-21T02:00:00.000Z',
    status,
    body: clean ? body : bytes.toString('base64'),
    encoding: clean ? 'utf8' : 'base64',
    bytes: bytes.length,
    cut: false,
    sha256: '',
  };
}

interface Asked {
  readonly name: string;
  readonly source: SourceName;
  readonly type: string;
  /** Names under which the answer under test is kept. */
  readonly under: readonly string[];
  /** Sound answers beside it. */
  readonly beside?: Readonly<Record<string, string>>;
  readonly configuration?: Readonly<Record<string, unknown>>;
  readonly status?: number;
  readonly seeds: readonly Buffer[];
  readonly words?: readonly string[];
}

function source(asked: Asked): Target {
  const { name, status = 200, beside = {} } = asked;
  return {
    name,
    seeds: asked.seeds,
    words: asked.words ?? JSON_WORDS,
    share: 0.3,
    run: (bytes) => {
      const sound = Object.entries(beside).map(
        ([key, body]) => [key, answer(Buffer.from(body), status)] as const,
      );
      const tried = asked.under.map((key) => [key, answer(bytes, status)] as const);
      const evidence: SourceEvidence = {
        schema: 1,
        source: asked.source,
        type: asked.type,
        startedAt: '2026-11-21T02:00:00.000Z',
        finishedAt: '2026-11-21T02:00:05.000Z',
        configuration: asked.configuration ?? {},
        failures: [],
        answers: Object.fromEntries([...sound, ...tried]),
      };
      const facts = fleetFacts({ [asked.source]: {} }, [evidence], POLICY);
      promise(
        Object.values(facts).every((reading) => typeof reading.ok === 'boolean'),
        'every fact is a reading',
      );
    },
  };
}

const json = (...values: readonly unknown[]): readonly Buffer[] =>
  values.map((value) => Buffer.from(JSON.stringify(value)));

const MOUNTS = {
  data: { 'ssh/': { type: 'ssh', accessor: 'ssh_1', config: { max_lease_ttl: 0 } }, 'kv/': { type: 'kv' } },
};
const VAULT = {
  ':mounts': JSON.stringify(MOUNTS),
  ':audit': JSON.stringify({ data: AUDIT }),
  ':policies': JSON.stringify({ data: { keys: ['default', 'adm'] } }),
  ':policy/adm': JSON.stringify({ data: { policy: 'path "ssh/sign/adm" { capabilities = ["update"] }' } }),
  ':ssh/roles': JSON.stringify({ data: { keys: ['adm'] } }),
  ':ssh/roles/adm': JSON.stringify({ data: role() }),
  ':ssh/public_key': CA_KEY,
};
const vault = (name: string, under: readonly string[], seeds: readonly Buffer[]): Target =>
  source({ name, source: 'vault', type: 'vault', under, beside: VAULT, seeds });

const siem = (type: string, ...seeds: readonly unknown[]): Target =>
  source({
    name: `${type} answers`,
    source: 'siem',
    type,
    under: [WINDOW],
    configuration: { timezone: '+00:00', match: 'short', hosts: {} },
    seeds: json(...seeds),
  });

const AUDIT_LINES = [
  auditLine({
    time: '2026-11-21T02:00:00Z',
    answered: { serial_number: 'aa', signed_key: 'ssh-ed25519-cert-v01@openssh.com AAAA' },
  }),
  auditLine({
    time: '2026-11-21T02:00:00Z',
    type: 'request',
    asked: { valid_principals: 'adm-full', ttl: '8h' },
    clear: ['ttl'],
  }),
];

const folder = mkdtempSync(join(tmpdir(), 'ssh-scorecard-fuzz-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const RECORD = {
  format: 1,
  tool: 'ssh-scorecard',
  version: '0.1.0',
  command: 'run',
  state: 'finished',
  run: {
    id: '2026-11-21T02-00-00Z-1a2b3c',
    startedAt: '2026-11-21T02:00:00Z',
    finishedAt: '2026-11-21T02:00:05Z',
    now: '2026-11-21T02:00:00Z',
  },
  clock: 'start',
  hosts: ['web-01'],
  warnings: [],
};

export const SOURCE_TARGETS: readonly Target[] = [
  vault('Vault: mounts', [':mounts'], json(MOUNTS)),
  vault('Vault: audit devices', [':audit'], json({ data: AUDIT })),
  vault('Vault: roles', [':ssh/roles/adm'], json({ data: role() })),
  vault(
    'Vault: policies and public keys',
    [':policy/adm', ':ssh/public_key', ':ssh/config/ca', ':ssh/tune'],
    [...json({ data: { policy: VAULT[':policy/adm'] } }), Buffer.from(CA_KEY)],
  ),
  {
    name: 'Vault: policy language',
    seeds: texts(
      'path "ssh/sign/+" {\n  capabilities = ["update", "sudo"]\n  allowed_parameters = { "ttl" = ["1h"] }\n}\n',
      '{"path":{"ssh/*":{"policy":"write"}}}',
    ),
    words: ['path', '"ssh/*"', '{', '}', 'capabilities', '= [', ']', 'deny', '<<EOT\n', '/*', '#', '${'],
    share: 0.1,
    run: (bytes) => void parsePolicy(bytes.toString('utf8')),
  },
  siem('loki', {
    status: 'success',
    data: {
      resultType: 'streams',
      result: [{ stream: { host: 'web-01' }, values: [['1763700000000000000', LOGIN]] }],
    },
  }),
  siem('elasticsearch', {
    hits: {
      total: { value: 1, relation: 'eq' },
      hits: [
        {
          _id: 'a',
          _source: { '@timestamp': '2026-11-21T02:00:00Z', message: LOGIN, host: { name: 'web-01' } },
        },
      ],
    },
  }),
  siem(
    'splunk',
    { results: [{ _raw: LOGIN, _time: '2026-11-21T02:00:00Z', host: 'web-01' }] },
    { preview: false, result: { _raw: LOGIN } },
  ),
  siem('cloudwatch', {
    status: 'Complete',
    results: [
      [
        { field: '@message', value: LOGIN },
        { field: '@timestamp', value: '2026-11-21 02:00:00.000' },
        { field: '@ptr', value: 'p' },
      ],
    ],
  }),
  source({
    name: 'certificate log: kept lines',
    source: 'certificates',
    type: 'vault-audit',
    under: ['issued'],
    status: 0,
    seeds: AUDIT_LINES.map((line) => Buffer.from(`${line}\n`)),
  }),
  {
    name: 'certificate log: lines to keep',
    seeds: AUDIT_LINES.map((line) => Buffer.from(line)),
    words: JSON_WORDS,
    share: 0.3,
    run: (bytes) => {
      const line = bytes.toString('utf8');
      for (const type of ['vault-audit', 'jsonl', 'csv', 'ssh-keygen'] as const)
        keeper(type as Parameters<typeof keeper>[0], ['ssh/'])(line);
      readStoredLine(line, ['ssh/']);
    },
  },
  source({
    name: 'GitHub runs',
    source: 'pipeline',
    type: 'github',
    under: ['runs/1763690400000/0001', 'workflow'],
    seeds: json({
      workflow_runs: [
        {
          id: 1,
          status: 'completed',
          conclusion: 'success',
          created_at: '2026-11-21T02:00:00Z',
          updated_at: '2026-11-21T02:05:00Z',
          event: 'schedule',
          html_url: 'https://x',
        },
      ],
    }),
  }),
  source({
    name: 'GitLab pipelines',
    source: 'pipeline',
    type: 'gitlab',
    under: ['runs/1763690400000/0001', 'schedules'],
    seeds: json([
      {
        id: 1,
        status: 'success',
        created_at: '2026-11-21T02:00:00.000Z',
        updated_at: '2026-11-21T02:05:00.000Z',
        source: 'schedule',
        web_url: 'https://x',
      },
    ]),
  }),
  source({
    name: 'pipeline status file',
    source: 'pipeline',
    type: 'status-file',
    under: ['status'],
    status: 0,
    seeds: json({
      pipeline: 'converge',
      covers_from: '2026-11-20T00:00:00Z',
      runs: [{ started_at: '2026-11-21T02:00:00Z', result: 'success' }],
    }),
  }),
  source({
    name: 'Git answers',
    source: 'git',
    type: 'git',
    under: ['central', 'sign-off', 'history', 'size/0123456789012345678901234567890123456789', 'contains'],
    beside: { head: '0123456789012345678901234567890123456789', tracked: 'x' },
    status: 0,
    seeds: texts(
      '0123456789012345678901234567890123456789\u001f2026-11-21\n',
      'hosts:\n  - name: a\n  - &x {name: b}\n  - *x\n',
    ),
    words: ['hosts:', '\u001f', '\u001e', '- ', '&a', '*a', '!!map', '2026-11-21'],
  }),
  source({
    name: 'attestations',
    source: 'attestations',
    type: 'files',
    under: ['file/a.yaml'],
    status: 0,
    seeds: texts(
      'kind: sign-off\nsubject: migration\nby: A\ndate: 2026-11-01\nexpires: 2027-01-01\nevidence: T-1\n',
    ),
    words: ['kind:', 'subject:', '- ', '&a [*a]', '*a', '? ', '|', '!!binary', 'attestations:'],
  }),
  {
    name: 'run.json',
    seeds: json(RECORD),
    words: JSON_WORDS,
    share: 0.3,
    run: (bytes) => void parseRecord('run.json', bytes.toString('utf8')),
  },
  {
    name: 'MANIFEST.sha256',
    seeds: texts(`${'0'.repeat(64)}  run.json\n${'1'.repeat(64)}  evidence/web-01.json.gz\n`),
    words: ['  ', '../', 'evidence/', 'a'.repeat(64), '\\'],
    run: (bytes) => void parseManifest(bytes.toString('utf8')),
  },
  {
    name: 'evidence files of a run folder',
    seeds: json(evidenceOf({ system: 'clock 1\n' })),
    words: [...JSON_WORDS, '"probes":', '"host":"fuzz"', '"schema":1'],
    share: 0.05,
    run: async (bytes) => {
      writeFileSync(
        join(folder, 'evidence-test.json.gz'),
        bytes[0] === 0x1f ? bytes : gzipSync(bytes, { level: 1 }),
      );
      await readHostFile(folder, '../evidence-test.json.gz');
    },
  },
  {
    name: 'packed bytes of a run folder',
    seeds: [gzipSync('{}'), ...fixtures('sshd-t', /9\.2/).map((text) => gzipSync(text))],
    words: ['\u001f\u008b'],
    share: 0.05,
    run: async (bytes) => {
      writeFileSync(join(folder, 'packed-test.json.gz'), bytes);
      await readHostFile(folder, '../packed-test.json.gz');
    },
  },
];
