/** Where settings go, so that they win: judged by the real sshd where it is here. */
import { describe, expect, test } from 'vitest';
import type { SshdFacts } from '../../src/facts/types.js';
import { DROP_IN, planSettings } from '../../src/remedy/settings.js';

const STAT = { path: '', kind: 'file', mode: 0o644, uid: 0, gid: 0, size: 1, mtime: 0, ctime: 0 } as const;
const WITNESS = { user: 'ops', host: 'h', address: '10.0.0.1', localAddress: '10.0.0.2', localPort: 22 };
const WANTED = [{ check: 'root-login', name: 'PermitRootLogin', value: 'no' }] as const;

function facts(
  files: Readonly<Record<string, string>>,
  at: { path: string; line: number },
  minor = 2,
): SshdFacts {
  const [major, version] = minor === 0 ? [8, 0] : [9, minor];
  const inMatch = at.line > 5;
  return {
    binary: '/usr/sbin/sshd',
    version: { text: '', major, minor: version },
    files: Object.entries(files).map(([path, text]) => ({ path, text, stat: STAT })),
    cases: [
      {
        witness: WITNESS,
        accounts: ['root'],
        settings: { permitrootlogin: ['yes'] },
        origins: { permitrootlogin: at },
        by: 'sshd',
      },
    ],
    matchBlocks: inMatch
      ? [
          {
            at: { ...at, line: at.line - 1 },
            criteria: 'User x',
            settings: { permitrootlogin: { value: 'yes', at } },
          },
        ]
      : [],
  };
}

const MAIN = '/etc/ssh/sshd_config';
const INCLUDE = 'Include /etc/ssh/sshd_config.d/*.conf\n';
const plan = (from: SshdFacts, subject: string) =>
  planSettings(from, WANTED, new Map([['root-login', new Set([subject])]]));

describe('planSettings', () => {
  test('a drop-in is enough where it is read first', () => {
    const { edits, proofs } = plan(
      facts({ [MAIN]: `${INCLUDE}PermitRootLogin yes\n` }, { path: MAIN, line: 2 }),
      `${MAIN}:2`,
    );
    expect(edits.map(({ kind, path }) => [kind, path])).toEqual([
      ['folder', '/etc/ssh/sshd_config.d'],
      ['content', DROP_IN],
    ]);
    expect(proofs).toEqual([
      { connection: 'user=ops,host=h,addr=10.0.0.1,laddr=10.0.0.2,lport=22', wanted: ['permitrootlogin no'] },
    ]);
  });

  test.each([
    [
      'an earlier drop-in',
      { [MAIN]: INCLUDE, '/etc/ssh/sshd_config.d/00-aaa.conf': 'PermitRootLogin yes\n' },
    ],
    ['no Include', { [MAIN]: 'PermitRootLogin yes\n' }],
    ['an Include after other lines', { [MAIN]: `PermitRootLogin yes\n${INCLUDE}` }],
  ])('with %s, the main file names it first', (_, files) => {
    const { edits } = plan(facts(files, { path: MAIN, line: 1 }), `${MAIN}:1`);
    expect(edits.at(-1)).toEqual({ kind: 'top', path: MAIN, line: `Include ${DROP_IN}` });
  });

  test('a Match block is beaten by Match all, and what an earlier remedy wrote stays', () => {
    const before = `# Written by ssh-scorecard remediate. sshd keeps the first value it reads: this file must be read first.\nLogLevel VERBOSE\n`;
    const from = facts({ [MAIN]: INCLUDE, [DROP_IN]: before }, { path: MAIN, line: 7 });
    const content = plan(from, `${MAIN}:7`).edits.find(({ kind }) => kind === 'content');
    expect(content).toMatchObject({
      content: expect.stringMatching(
        /\nLogLevel VERBOSE\nPermitRootLogin no\nMatch all\n {4}PermitRootLogin no\n$/,
      ),
    });
  });

  test('before 8.2 the main file is changed, and the line in the Match block made a comment', () => {
    const text = `a\nb\nc\nd\ne\nMatch User x\n  PermitRootLogin yes\n`;
    expect(plan(facts({ [MAIN]: text }, { path: MAIN, line: 7 }, 0), `${MAIN}:7`).edits).toEqual([
      { kind: 'disable', path: MAIN, line: '  PermitRootLogin yes' },
      { kind: 'top', path: MAIN, line: 'PermitRootLogin no' },
    ]);
  });

  test('options on the command line and findings of others are left alone', () => {
    const from = facts({ [MAIN]: INCLUDE }, { path: 'command line', line: 0 });
    expect(plan(from, "PermitRootLogin on sshd's command line").edits).toEqual([]);
    expect(plan(facts({ [MAIN]: INCLUDE }, { path: MAIN, line: 2 }), 'another subject').edits).toEqual([]);
  });
});
