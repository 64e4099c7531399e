/** The collector as a file on the host: what it takes from standard input, and what it refuses. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differing, forcedInput, forcedScript } from '../../src/collector/forced.js';
import { readFrames } from '../../src/collector/frames.js';
import { PROBES } from '../../src/collector/probes.js';
import { standaloneScript } from '../../src/collector/standalone.js';
import { needs, title } from '../helpers/needs.js';
import { removeDirectory, temporaryDirectory } from '../helpers/sshd.js';

const NONCE = '0123456789abcdef'.repeat(2);
const SHELLS = [
  ['dash', 'dash'],
  ['bash', 'bash'],
  ['ksh', 'ksh93u+m'],
  ['mksh', 'mksh'],
  ['busybox', 'busybox'],
] as const;

describe('the parameters of the forced command', () => {
  const directory = temporaryDirectory('forced');
  const path = join(directory, 'collector');
  /** Up to its parameters: what follows would read the machine for nothing. */
  const head = `${forcedScript().split('SELF=$(sha256sum <"$0")')[0] ?? ''}\nprintf '%s|%s|%s|' "$NONCE" "$LOGIN_DAYS" "$WRAPPERS"\nexit 0\n`;
  const given = (input: string, shell: readonly string[] = ['sh']) => {
    const ran = spawnSync(shell[0] ?? 'sh', [...shell.slice(1), path], { input });
    return { status: ran.status, out: ran.stdout.toString('latin1'), err: ran.stderr.toString() };
  };

  beforeAll(() => {
    writeFileSync(path, head);
    chmodSync(path, 0o755);
  });
  afterAll(() => removeDirectory(directory));

  const needsRoot = needs.root;

  for (const [shell, from] of SHELLS) {
    const need = needsRoot ?? needs.program(shell, from);
    it.skipIf(need)(title(`are read by ${shell}`, need), () => {
      const wrappers = ['/usr/local/bin/atm-wrapper.sh', '/opt/a+b@c'];
      const input = forcedInput(NONCE, { wrappers, loginWindowDays: 14 });
      expect(given(input, shell === 'busybox' ? ['busybox', 'sh'] : [shell])).toEqual({
        status: 0,
        out: `${NONCE}|14|${wrappers.join('\n')}|`,
        err: '',
      });
    });
  }

  it.skipIf(needsRoot).each([
    ['nothing', ''],
    ['no end', `ssh-scorecard 1 ${NONCE} 14\n`],
    ['another protocol', `ssh-scorecard 2 ${NONCE} 14\nend\n`],
    ['a short nonce', 'ssh-scorecard 1 abc 14\nend\n'],
    ['a nonce that is none', `ssh-scorecard 1 ${'G'.repeat(32)} 14\nend\n`],
    ['no days', `ssh-scorecard 1 ${NONCE} 0\nend\n`],
    ['too many days', `ssh-scorecard 1 ${NONCE} 1000\nend\n`],
    ['words behind', `ssh-scorecard 1 ${NONCE} 14 more\nend\n`],
    ['a relative program', `ssh-scorecard 1 ${NONCE} 14\nbin/x\nend\n`],
    ['a program with a blank', `ssh-scorecard 1 ${NONCE} 14\n/bin/x y\nend\n`],
    ['a whole script', 'NONCE=1\nid\n'.repeat(5000)],
  ])(title('are refused: %s', needsRoot), (_, input) => {
    const { status, out, err } = given(input);
    expect([status, out]).toEqual([64, '']);
    expect(err).toContain('ssh-scorecard collector: expected its parameters on standard input');
  });

  it.skipIf(needsRoot)(title('run nothing, whatever is sent', needsRoot), () => {
    const nasty = fc.oneof(
      fc.string({ maxLength: 300, unit: 'binary' }),
      fc
        .constantFrom('$(touch PWNED)', '`id`', '*', '/etc/*', '/$HOME', '; id', '/a\0b')
        .map((text) => `ssh-scorecard 1 ${NONCE} 14\n${text}\nend\n`),
    );
    fc.assert(
      fc.property(nasty, (input) => {
        const { status, out } = given(input);
        expect([0, 64]).toContain(status);
        // Only what fits the form is left, and it is as it was sent: never expanded.
        expect(out).toMatch(/^$|^[0-9a-f]{32}\|\d{1,3}\|(\/[A-Za-z0-9_.+@/-]*\n?)*\|$/);
      }),
      { seed: 11, numRuns: 60 },
    );
  });

  it('hold only what the script takes', () => {
    expect(() => forcedInput(NONCE, { wrappers: ['/bin/a b'], loginWindowDays: 14 })).toThrow(
      'not a plain absolute path',
    );
    const wrappers = Array.from({ length: 300 }, (_, at) => `/usr/local/bin/a-wrapper-of-some-length-${at}`);
    expect(() => forcedInput(NONCE, { wrappers, loginWindowDays: 14 })).toThrow(
      'more than --forced-command can send',
    );
  });
});

describe('a copy of another version', () => {
  const own = createHash('sha256').update(forcedScript()).digest('hex');

  it('is told by its checksum, and one that tells none is no better', () => {
    expect(differing(own)).toBeUndefined();
    expect(differing('0'.repeat(64))).toMatchObject({ code: 'collector-differs' });
    expect(differing(undefined)?.detail).toContain('could not tell');
  });

  it('tells it in the opening frame', () => {
    const stdout = Buffer.from(`\n@@${NONCE} S 1 0 1795248315 sh ${own}\n@@${NONCE} E 0\n`);
    expect(readFrames(stdout, NONCE, PROBES).collector).toMatchObject({ script: own });
    const forged = Buffer.from(`\n@@${NONCE} S 1 0 1795248315 sh ../x\n@@${NONCE} E 0\n`);
    expect(readFrames(forged, NONCE, PROBES).collector).not.toHaveProperty('script');
  });
});

describe('the stand-alone script', () => {
  it('makes a new nonce each time and reads every probe', () => {
    const script = standaloneScript({ wrappers: [], loginWindowDays: 1 });
    const run = (command: string) =>
      execFileSync('sh', ['-c', command], {
        input: script,
        maxBuffer: 1 << 26,
        stdio: ['pipe', 'pipe', 'ignore'],
      });
    const nonceOf = (out: Buffer) => /\n@@([0-9a-f]{32}) S /.exec(out.toString('latin1'))?.[1] ?? '';
    const out = run('exec sh -s');
    const nonce = nonceOf(out);
    const frames = readFrames(out, nonce, PROBES);
    expect(frames.failure).toBeUndefined();
    expect(Object.keys(frames.probes)).toHaveLength(PROBES.length);
    // Of a second run its first line is enough.
    const other = nonceOf(run('sh -s | head -c 300'));
    expect(other).toMatch(/^[0-9a-f]{32}$/);
    expect(other).not.toBe(nonce);
  });

  const need = needs.shellcheck;
  it.skipIf(need).each([
    ['stand-alone', () => standaloneScript({ wrappers: ['/bin/x'], loginWindowDays: 14 })],
    ['forced', forcedScript],
  ] as const)(title('shellcheck finds nothing in the %s one', need), (_, script) => {
    const ran = spawnSync('shellcheck', ['-s', 'sh', '-S', 'warning', '-e', 'SC2034', '-'], {
      input: script(),
      encoding: 'utf8',
    });
    expect(ran.stdout).toBe('');
  });
});
