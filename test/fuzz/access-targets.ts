/** Parsers of what the access report reads, and the judgement of a host any of whose probes says anything. */
import { CHECKS } from '../../checks/index.js';
import { createDigest } from '../../src/access/digest.js';
import { hostPart } from '../../src/access/host.js';
import { windowOf } from '../../src/access/logins.js';
import { PROBES } from '../../src/collector/probes.js';
import { judgeHost } from '../../src/evaluate.js';
import { readAccessFacts } from '../../src/facts/access-facts.js';
import { argumentsOf, decoded, parseEvents } from '../../src/facts/audit-records.js';
import { withoutSecrets, wordsOf } from '../../src/facts/command-text.js';
import { readFacts } from '../../src/facts/index.js';
import { entryTime, parseEntry } from '../../src/facts/journal-entry.js';
import { parsePackageLine } from '../../src/facts/package-log.js';
import { parseSudo } from '../../src/facts/sessions.js';
import { parseSudoers } from '../../src/facts/sudoers.js';
import { loadInventory } from '../../src/inventory/load.js';
import { judgeContext } from '../../src/judgement.js';
import { evidenceWith, fixtures, outputsOf, texts } from './corpus.js';
import { promise, type Target } from './target.js';

const text = (parse: (text: string) => unknown) => (bytes: Buffer) => void parse(bytes.toString('utf8'));

const AUDIT = [
  'type=SYSCALL msg=audit(1763690400.123:42): arch=c000003e syscall=59 success=yes exit=0 ppid=1 pid=7 auid=1000 uid=0 euid=0 ses=3 comm="id" exe="/usr/bin/id" key="x"',
  'type=EXECVE msg=audit(1763690400.123:42): argc=3 a0="id" a1=2D75 a2_len=8 a2[0]=6161 a2[1]=6262',
  'type=LOGIN msg=audit(1763690400.100:41): pid=7 uid=0 old-auid=4294967295 auid=1000 tty=(none) old-ses=4294967295 ses=3 res=1\u001dUID="root"',
].join('\n');
const AUDIT_WORDS = ['type=', 'SYSCALL', 'EXECVE', 'msg=audit(', 'a0=', 'a1[0]=', 'ses=', 'auid=', '\u001d'];

const { hosts, ...inventory } = loadInventory({
  path: 'fuzz.yaml',
  text: [
    'defaults: { user: auditor, become: sudo }',
    'accounts: { adm: [ops], agt: [agent], atm: [automation, auditor] }',
    'hosts:',
    '  - name: fuzz',
    '    allowed_principals: { adm: [adm-full], agt: [agt-resolver], atm: [atm-scorecard] }',
    '',
  ].join('\n'),
});
const CONTEXT = judgeContext(
  { inventory: { hosts, ...inventory }, checks: CHECKS, plugins: [], guidance: [] },
  [],
  new Date('2026-11-21T02:00:00Z'),
);

/** A host one of whose probes says this: every check has an outcome, and the access report its part. */
function judged(probe: string): Target {
  return {
    name: `judgement of the probe ${probe}`,
    seeds: outputsOf(probe),
    words: ['F', 'D', 'G', 'A', 'P', 'S', '=AAAA', '-', 'now 1795000000', 'since 1793000000', '\n'],
    share: 0.02,
    run: (bytes) => {
      const evidence = evidenceWith(probe, bytes);
      const [host] = hosts;
      if (!host) return;
      const { report } = judgeHost(host, evidence, CONTEXT);
      for (const { id, outcome } of report.results)
        promise(outcome.status !== 'unknown' || outcome.reason !== 'check-crashed', `${id} does not crash`);
      const access = readAccessFacts(evidence);
      for (const reading of Object.values(access))
        promise(reading.ok || !reading.detail.startsWith('internal error'), 'no defect of ours');
      const { fleet, policy } = CONTEXT;
      const part = hostPart({
        evidence,
        facts: readFacts(evidence, policy),
        expected: CONTEXT.expectations(host),
        fleet,
        policy,
        now: CONTEXT.now,
        access,
        approvals: { ok: false, reason: 'not-configured', detail: '' },
        holders: new Map(),
        window: windowOf(evidence.finishedAt, 14 * 86_400_000),
      });
      const digest = createDigest();
      digest.add(part);
    },
  };
}

export const ACCESS_TARGETS: readonly Target[] = [
  {
    name: 'audit records',
    seeds: texts(AUDIT),
    words: AUDIT_WORDS,
    share: 0.5,
    run: text((whole) => parseEvents(whole.split('\n'))),
  },
  {
    name: 'arguments in audit records',
    seeds: texts('argc=3 a0="id" a1=2D75 a2_len=8 a2[0]=6161 a2[1]=6262'),
    words: AUDIT_WORDS,
    share: 0.3,
    run: text((whole) => {
      argumentsOf(whole);
      decoded(whole);
    }),
  },
  {
    name: 'sudoers',
    seeds: [
      ...outputsOf('sudoers'),
      ...texts(
        'Defaults env_reset, !authenticate\nUser_Alias OPS = ops, %wheel, !x\nCmnd_Alias C = /bin/ls *, \\\n sudoedit /etc/x\nOPS ALL=(root:adm) NOPASSWD: C, !/bin/sh\n#includedir /etc/sudoers.d\n@include /etc/x\n',
      ),
    ],
    words: ['Defaults', 'User_Alias', 'Cmnd_Alias', 'ALL=(ALL)', 'NOPASSWD:', '%', '\\\n', '@include', '= '],
    share: 0.3,
    run: (bytes) =>
      void parseSudoers([
        { path: '/etc/sudoers', bytes },
        { path: '/etc/sudoers.d/a', bytes },
      ]),
  },
  {
    name: 'sudo in logs',
    seeds: texts('ops : TTY=pts/0 ; PWD=/home/ops ; USER=root ; COMMAND=/usr/bin/id -u --password x'),
    words: ['TTY=', 'PWD=', 'USER=', 'COMMAND=', ' ; ', 'TSID='],
    run: text((whole) => {
      parseSudo(whole);
      withoutSecrets(whole);
      wordsOf(whole);
    }),
  },
  {
    name: 'package logs',
    seeds: texts(
      '2026-11-20 10:00:00 install curl:amd64 <none> 8.0\n2026-11-20T10:00:00+0000 SUBDEBUG Installed: vim-9\n[2026-11-20T10:00:00+0000] [ALPM] upgraded linux (6 -> 7)\nRunning `apk add curl` at 2026-11-20 10:00:00\n',
    ),
    words: [
      'install',
      'Installed:',
      'SUBDEBUG',
      '[ALPM]',
      'Running `apk',
      '|install|',
      '2026-11-20 10:00:00',
    ],
    share: 0.5,
    run: text((whole) => {
      for (const line of whole.split('\n'))
        for (const tool of ['dpkg', 'dnf', 'yum', 'zypper', 'apk', 'pacman', '__proto__'])
          parsePackageLine(tool, line, 60, 1_795_000_000_000);
    }),
  },
  {
    name: 'journal entries',
    seeds: [
      ...fixtures('logging', /journal.*\.(txt|json)$/),
      ...texts('{"__REALTIME_TIMESTAMP":"1763690400000000","MESSAGE":[65,66],"_PID":"7"}'),
    ],
    words: ['{"MESSAGE":', '"_PID":', '[1,2,', '256]', '"__REALTIME_TIMESTAMP":', 'null}'],
    run: text((whole) => {
      for (const line of whole.split('\n').slice(0, 1000)) {
        const entry = parseEntry(line);
        if (entry) promise(typeof entryTime(entry) === 'number', 'a time is a number');
      }
    }),
  },
  ...PROBES.map(({ name }) => judged(name)),
];
