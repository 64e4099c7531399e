import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { redactor } from '../../src/sources/redact.js';
import { resolveSecret } from '../../src/sources/secret.js';
import { sourceContext } from '../helpers/source-context.js';

const folder = mkdtempSync(join(tmpdir(), 'scorecard-secret-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const context = sourceContext({
  env: { TOKEN: ' hvs.abc \n', EMPTY: '', TWO: 'a\nb', HOME: folder, PATH: process.env['PATH'] },
  cwd: '/',
  inventoryPath: join(folder, 'inventory.yaml'),
});
function file(name: string, text: string, mode = 0o600): string {
  writeFileSync(join(folder, name), text);
  chmodSync(join(folder, name), mode);
  return name;
}
const failing = async (spec: Parameters<typeof resolveSecret>[0]): Promise<string> =>
  resolveSecret(spec, context).then(
    () => 'resolved',
    (error: unknown) => JSON.stringify((error as { failure?: unknown }).failure),
  );

describe('where a credential comes from', () => {
  test('nowhere, the environment, a file beside the inventory or at home, a program', async () => {
    expect(await resolveSecret({}, context)).toBeNull();
    expect(await resolveSecret({ token_env: 'TOKEN' }, context)).toBe('hvs.abc');
    expect(await resolveSecret({ token_file: file('t', 'from-file\n') }, context)).toBe('from-file');
    expect(await resolveSecret({ token_file: '~/t' }, context)).toBe('from-file');
    expect(await resolveSecret({ token_command: ['printf', '%s\n', 'a b $HOME'] }, context)).toBe(
      'a b $HOME',
    );
  });
  test('an environment that lacks it, or holds more than a token', async () => {
    expect(await failing({ token_env: 'ABSENT' })).toMatch(/credential.*ABSENT is not set/);
    expect(await failing({ token_env: 'EMPTY' })).toMatch(/EMPTY is not set/);
    const two = await failing({ token_env: 'TWO' });
    expect(two).toMatch(/not one line of ASCII/);
    expect(two).not.toContain('a\\nb');
  });
  test('a file that everybody may read, is missing, is no file, is binary', async () => {
    expect(await failing({ token_file: file('open', 'x', 0o644) })).toMatch(/read by everybody.*chmod 600/);
    expect(await failing({ token_file: file('group', 'x', 0o640) })).toBe('resolved');
    expect(await failing({ token_file: 'missing' })).toMatch(/cannot be read/);
    mkdirSync(join(folder, 'folder'));
    expect(await failing({ token_file: 'folder' })).toMatch(/not a plain file/);
    expect(await failing({ token_file: file('binary', '\u0000\u0001') })).toMatch(/not one line of ASCII/);
    expect(await failing({ token_file: file('empty', '\n') })).toMatch(/is empty/);
  });
  test('a program that fails, prints its secret on the way, prints too much, is not there', async () => {
    const failed = await failing({ token_command: ['sh', '-c', 'echo s3cr3t; echo s3cr3t >&2; exit 3'] });
    expect(failed).toMatch(/token_command sh failed: exit code 3/);
    expect(failed).not.toContain('s3cr3t');
    expect(await failing({ token_command: ['no-such-program'] })).toMatch(/no such program/);
    expect(await failing({ token_command: ['head', '-c', '1000000', '/dev/zero'] })).toMatch(/failed/);
  });
});

test('secrets are masked in the forms they travel in, and ordinary words are not', () => {
  const secret = 'a"b/c+d=';
  const mask = redactor([secret, 'abc']);
  const forms = [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret),
    Buffer.from(secret).toString('base64'),
  ];
  expect(mask(forms.join(' '))).toBe('[redacted] [redacted] "[redacted]" [redacted]');
  expect(mask('abc')).toBe('abc');
});
