/** Inputs as large as a host can make them that once took the square of their length, or all memory. */
import { describe, expect, test } from 'vitest';
import { readLogins } from '../../src/facts/login-log.js';
import { readSessions } from '../../src/facts/sessions.js';
import { evidenceWith } from './corpus.js';
import { TARGETS } from './targets.js';

const KiB = 1024;

/** Parser, what is repeated, to how many bytes. */
const LARGE: readonly (readonly [parser: string, part: string, size: number])[] = [
  [
    'sshd_config and the match engine',
    `${'Include sshd_config.d/*\n'.repeat(30)}${'# x\n'.repeat(200)}`,
    64 * KiB,
  ],
  ['sshd_config and the match engine', 'Port 22\nListenAddress 127.0.0.1\n', 1024 * KiB],
  ['sshd_config and the match engine', 'Match User a,b,c\nAllowUsers x\n', 1024 * KiB],
  ['rsyslog configuration', '0 : ` \n', 1024 * KiB],
  ['rsyslog configuration', '*.* @a ', 1024 * KiB],
  ['rsyslog configuration', 'input(type="imuxsock" socket="/a")\n*.* @b\n', 1024 * KiB],
  ['rsyslog configuration', 'ruleset(name="r") {\n$IncludeConfig /etc/rsyslog.d/*.conf\n', 2 * KiB],
  ['other log forwarders', '\r\n', 1024 * KiB],
  ['other log forwarders', 'auth:\n#\n', 1024 * KiB],
  ['sudoers', ', !/bin/', 2 * KiB],
  ['sudoers', 'a b = : : : c = d\n', 256 * KiB],
  ['Git answers', '}', 256 * KiB],
  ['Git answers', '"', 256 * KiB],
  ['attestations', '&a ', 256 * KiB],
  ['audit records', 'type=EXECVE msg=audit(1763690400.123:42): argc=1 a0="x"\n', 4096 * KiB],
];

/** Parser, and a text of that many lines which all differ. */
const DIFFERENT: readonly (readonly [parser: string, line: (index: number) => string, lines: number])[] = [
  ['attestations', (index) => `a${index}: 1\n`, 25_000],
  ['attestations', (index) => (index === 0 ? '{' : `a${index}: 1,\n`), 23_000],
  ['Git answers', (index) => `a${index}: 1\n`, 25_000],
];

/** A second for 256 KiB, and one to begin with. */
const mostMs = (bytes: number): number => 1000 + bytes / 256;

async function processorMs(work: () => void | Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

describe('large inputs', () => {
  const cases = LARGE.map(([name, part, size]) => [name, part.slice(0, 60), size, part] as const);
  test.each(cases)('%s: %j, to %i bytes', async (name, _shown, size, part) => {
    const target = TARGETS.find((one) => one.name === name);
    if (!target) throw new Error(`no parser ${name}`);
    const bytes = Buffer.alloc(size, part);
    expect(await processorMs(() => target.run(bytes))).toBeLessThan(mostMs(size));
  });

  test.each(DIFFERENT.map(([name, line, lines]) => [name, lines, line(1), line] as const))(
    '%s: %i different lines like %j',
    async (name, lines, _shown, line) => {
      const target = TARGETS.find((one) => one.name === name);
      if (!target) throw new Error(`no parser ${name}`);
      const bytes = Buffer.from(Array.from({ length: lines }, (_, index) => line(index)).join(''));
      expect(await processorMs(() => target.run(bytes))).toBeLessThan(mostMs(bytes.length));
    },
  );

  test('logs of nothing but short lines: the newest are read, and the rest is a gap', async () => {
    const bytes = Buffer.from(
      `source journal\nnow 1795000000\nsince 1793000000\n${'J {x}\n'.repeat(600_000)}`,
    );
    const gaps = new Set<string>();
    const spent = await processorMs(() => {
      for (const reading of [
        readLogins(evidenceWith('logins', bytes)),
        readSessions(evidenceWith('sessions', bytes)),
      ])
        for (const gap of reading.ok ? reading.gaps : [reading.detail]) gaps.add(gap);
    });
    expect(spent).toBeLessThan(mostMs(bytes.length));
    expect([...gaps]).toContain('only the last 20000 of 600000 journal entries were read');
  });

  test('aliases of sudoers that lead to each other and to nothing', async () => {
    const aliases = Array.from({ length: 17 }, (_, index) => {
      const next = Array.from({ length: 40 }, () => `L${index + 1}`).join(', ');
      return `User_Alias L${index} = ${next}`;
    });
    const bytes = Buffer.from(`${aliases.join('\n')}\nUser_Alias L17 =\nL0 ALL = ALL\n`);
    const target = TARGETS.find(({ name }) => name === 'sudoers');
    expect(await processorMs(() => target?.run(bytes))).toBeLessThan(mostMs(bytes.length));
  });
});
