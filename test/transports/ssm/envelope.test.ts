import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compose } from '../../../src/collector/compose.js';
import { PROBES } from '../../../src/collector/probes.js';
import { open, pack, withoutNonce, type Envelope } from '../../../src/transports/ssm/envelope.js';
import { needs, title } from '../../helpers/needs.js';

const TOKEN = 'a'.repeat(32);
const MOST = 1 << 20;

function lines(body: string, more: Partial<Envelope> = {}): string {
  const packed = pack({
    command: 'exec /bin/sh -s',
    body,
    draws: false,
    token: TOKEN,
    maxStdout: MOST,
    maxStderr: 1000,
    toLogs: false,
    ...more,
  });
  if (packed === null) throw new Error('too long');
  return packed.join('\n');
}

function run(script: string, shell: readonly string[] = ['sh']): { out: string; err: string } {
  const [program = 'sh', ...args] = shell;
  const { stdout, stderr } = spawnSync(program, [...args, '-c', script], {
    encoding: 'latin1',
    maxBuffer: 1 << 26,
    env: {},
  });
  return { out: stdout, err: stderr };
}

/** Text that gzip cannot make shorter. */
function noise(bytes: number): string {
  return randomBytes(bytes).toString('base64');
}

describe('the envelope of a script and its output', () => {
  test('output, status and standard error come back as they were', () => {
    const { out, err } = run(lines("printf 'one\\ntwo'; echo trouble >&2; exit 7"));
    const opened = open(out, err, TOKEN, MOST);
    expect(Buffer.from(opened.stdout).toString()).toBe('one\ntwo');
    expect(opened.stderr).toBe('trouble\n');
    expect(opened.exitCode).toBe(7);
    expect(opened.failure).toBeUndefined();
  });

  for (const [name, need, shell] of [
    ['dash', needs.program('dash', 'dash'), ['dash']],
    ['bash', needs.program('bash', 'bash'), ['bash']],
    ['busybox', needs.busybox, ['busybox', 'sh']],
  ] as const)
    test.skipIf(need)(title(`the same by ${name}`, need), () => {
      const { out, err } = run(lines('printf hello; exit 3'), shell);
      const opened = open(out, err, TOKEN, MOST);
      expect([Buffer.from(opened.stdout).toString(), opened.exitCode]).toEqual(['hello', 3]);
    });

  test.skipIf(needs.busybox)(title('a host that has only busybox', needs.busybox), () => {
    const folder = mkdtempSync(join(tmpdir(), 'busybox-'));
    run(`busybox --install -s ${folder}`);
    const script = lines('seq 1 20000; echo trouble >&2; exit 5', { draws: true }).replaceAll(
      /PATH=[^;]+;/g,
      `PATH=${folder};`,
    );
    const { out, err } = run(script.replaceAll('/bin/sh', 'sh'), ['busybox', 'sh']);
    rmSync(folder, { recursive: true });
    const opened = open(out, err, TOKEN, MOST);
    expect(opened.failure).toBeUndefined();
    expect(Buffer.from(opened.stdout).toString()).toMatch(/^1\n2\n[^]*\n20000\n$/);
    expect([opened.exitCode, opened.stderr]).toEqual([5, 'trouble\n']);
  });

  test('every byte survives', () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const { out, err } = run(lines(`printf %s '${all.toString('base64')}' | base64 -d`));
    expect(Buffer.from(open(out, err, TOKEN, MOST).stdout)).toEqual(all);
  });

  test('every host draws a nonce of its own, and the one of the script is not sent', () => {
    const asked = 'f'.repeat(32);
    const { body, draws } = withoutNonce(`NONCE=${asked}\nprintf '%s' "$NONCE"\n`);
    const script = lines(body, { draws });
    expect(script).not.toContain(asked);
    const drawn = [1, 2].map(() => {
      const { out, err } = run(script);
      const { stdout, nonce } = open(out, err, TOKEN, MOST);
      expect(Buffer.from(stdout).toString()).toBe(nonce);
      return nonce;
    });
    expect(new Set([...drawn, asked]).size).toBe(3);
  });

  test('what is over 24,000 characters goes to standard error, up to its 8,000', () => {
    const text = noise(20_000);
    const { out, err } = run(lines(`printf %s '${text}'`));
    expect(out.length).toBeLessThanOrEqual(24_000);
    expect(err.length).toBeLessThanOrEqual(8000);
    expect(err).not.toBe('');
    const opened = open(out, err, TOKEN, MOST);
    expect(opened.failure).toBeUndefined();
    expect(Buffer.from(opened.stdout).toString()).toBe(text);
  });

  test('a cut output is said, and what is whole in it is kept', () => {
    const parts = Array.from({ length: 40 }, () => noise(1000));
    const whole = parts.join('\n');
    const { out, err } = run(lines('', { command: `printf %s '${whole}'` }));
    for (const suffix of ['--output truncated--', '\n---Output truncated---', '']) {
      const opened = open(out.slice(0, 20_000) + suffix, err.slice(0, 0), TOKEN, MOST);
      expect(opened.failure?.code).toBe('output-cut');
      const kept = Buffer.from(opened.stdout).toString();
      expect(whole.startsWith(kept)).toBe(true);
      expect(kept.length).toBeGreaterThan(10_000);
    }
  });

  test('a flood on standard error ends at its limit', () => {
    const { out, err } = run(lines('head -c 50000000 /dev/zero >&2; echo after'));
    expect(err.length).toBe(1001);
    expect(open(out, err, TOKEN, MOST).stderr).toHaveLength(1001);
  });

  test('a log group gets everything on standard output, in lines', () => {
    const text = noise(40_000);
    const { out, err } = run(lines('cat', { command: `printf %s '${text}'`, toLogs: true }));
    expect(err).toBe('');
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(1000);
    expect(Buffer.from(open(out, err, TOKEN, MOST).stdout).toString()).toBe(text);
  });

  test('more than the limit is told and bounded, a bomb too', () => {
    const { out, err } = run(lines('head -c 300000 /dev/zero', { maxStdout: 1000 }));
    const opened = open(out, err, TOKEN, 1000);
    expect([opened.failure?.code, opened.stdout.length]).toEqual(['too-much-output', 1000]);
    const bomb = run(lines('head -c 900000 /dev/zero'));
    expect(open(bomb.out, bomb.err, TOKEN, 1000)).toMatchObject({ failure: { code: 'too-much-output' } });
  });

  test.each([
    ['gzip', 'no-gzip', 'no gzip'],
    ['base64', 'no-base64', 'neither base64 nor openssl'],
  ])('a host without %s says so', (missing, word, reason) => {
    const hidden = missing === 'base64' ? 'base64|openssl' : missing;
    const shim = `command() { case $2 in ${hidden}) return 1 ;; esac; builtin command "$@"; }\n`;
    const { out, err } = run(shim + lines('echo never'), ['bash']);
    expect(out).toContain(word);
    const { failure } = open(out, err, TOKEN, MOST);
    expect(failure?.code).toBe('exec-refused');
    expect(failure?.detail).toContain(reason);
  });

  test('a gzip that only unpacks is no hindrance', () => {
    const shim = `gzip() { case $1 in -d) /bin/gzip "$@" ;; *) return 1 ;; esac; }\n`;
    const { out, err } = run(shim + lines('printf plain'), ['bash']);
    expect(out).toMatch(/^@@ssm \w+ \w+ raw /);
    expect(Buffer.from(open(out, err, TOKEN, MOST).stdout).toString()).toBe('plain');
  });

  test('an output that begins otherwise, or with another token, is nothing', () => {
    const { out, err } = run(lines('printf hello'));
    for (const bad of [`motd\n${out}`, out.replace(TOKEN, 'b'.repeat(32)), '', out.slice(1)]) {
      const opened = open(bad, err, TOKEN, MOST);
      expect([opened.failure?.code, opened.stdout.length]).toEqual(['no-frames', 0]);
    }
  });

  test('no bytes make it throw', () => {
    const { out, err } = run(lines("printf 'x%.0s' 1 2 3 4 5 6 7 8 9"));
    fc.assert(
      fc.property(
        fc.nat(out.length),
        fc.nat(60),
        fc.string({ unit: 'binary' }),
        fc.string(),
        (at, gap, text, more) => {
          const mangled = out.slice(0, at) + text + out.slice(at + gap);
          const opened = open(mangled, err + more, TOKEN, MOST);
          expect(opened.stdout.length).toBeLessThanOrEqual(MOST);
        },
      ),
      { seed: 20261121, numRuns: 500 },
    );
  });

  test('the collector with every probe fits, and many wrappers do', () => {
    const wrappers = Array.from({ length: 100 }, (_, index) => `/usr/local/bin/atm-wrapper-${index}.sh`);
    const script = compose(PROBES, 'f'.repeat(32), { wrappers, loginWindowDays: 30 });
    const { body, draws } = withoutNonce(script);
    expect(draws).toBe(true);
    expect(lines(body, { draws, toLogs: true }).length).toBeLessThan(60_000);
  });

  test('nothing in it is a parameter to Run Command, and a script that cannot be packed is not sent', () => {
    expect(lines('echo hi')).not.toContain('{{');
    expect(
      pack({
        command: 'x',
        body: noise(60_000),
        draws: true,
        token: TOKEN,
        maxStdout: 1,
        maxStderr: 1,
        toLogs: false,
      }),
    ).toBeNull();
  });

  test.skipIf(needs.shellcheck)(title('shellcheck finds nothing', needs.shellcheck), () => {
    const script = lines('echo hi', { draws: true });
    const told = execFileSync('shellcheck', ['-s', 'sh', '-'], { input: script, encoding: 'utf8' });
    expect(told).toBe('');
  });
});
