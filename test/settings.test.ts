import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../src/errors.js';
import { environmentName, OPTION_NAMES, optionSpec } from '../src/options.js';
import { resolveSettings } from '../src/settings.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'settings-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const write = (text: string) => writeFileSync(join(folder, 'ssh-scorecard.yaml'), text);
const refuse = (flags: Record<string, unknown>, env: NodeJS.ProcessEnv = {}) => {
  try {
    resolveSettings({ config: 'none', ...flags }, env, folder);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('accepted');
};

describe('precedence', () => {
  test('flag, then environment, then file, then built-in, each with its origin', () => {
    write('concurrency: 7\ntimeout: 90s\nretries: 1\n');
    const { settings, origins } = resolveSettings(
      { concurrency: '9' },
      { SSH_SCORECARD_CONCURRENCY: '8', SSH_SCORECARD_RETRIES: '5' },
      folder,
    );
    expect([settings.concurrency, settings.retries, settings.timeout, settings.format]).toEqual([
      9,
      5,
      90_000,
      'table',
    ]);
    expect(origins.concurrency).toBe('flag');
    expect(origins.retries).toBe('environment SSH_SCORECARD_RETRIES');
    expect(origins.timeout).toBe('ssh-scorecard.yaml:2');
    expect(origins.format).toBe('built-in');
  });

  test('lists: repeated flags, comma-separated variables, YAML lists', () => {
    write('host: [a, b]\n');
    expect(resolveSettings({}, {}, folder).settings.host).toEqual(['a', 'b']);
    expect(resolveSettings({}, { SSH_SCORECARD_HOST: 'c, d' }, folder).settings.host).toEqual(['c', 'd']);
    expect(resolveSettings({ host: ['e', 'f'] }, { SSH_SCORECARD_HOST: 'c' }, folder).settings.host).toEqual([
      'e',
      'f',
    ]);
  });

  test('lists of known words: commas everywhere, and no other word', () => {
    const given = (flags: Record<string, unknown>, env = {}) =>
      resolveSettings({ config: 'none', ...flags }, env, folder).settings.status;
    expect(given({})).toEqual([]);
    expect(given({ status: ['fail, unknown', 'waived'] })).toEqual(['fail', 'unknown', 'waived']);
    expect(given({}, { SSH_SCORECARD_STATUS: 'fail,pass' })).toEqual(['fail', 'pass']);
    expect(refuse({ status: ['fail,'] }).message).toContain('one or more of pass, fail, unknown, waived');
    expect(refuse({ status: ['failed'] }).message).toContain('--status');
  });

  test('a variable that sets nothing is told, not ignored', () => {
    expect(
      resolveSettings({ config: 'none' }, { SSH_SCORECARD_CONCURENCY: '3' }, folder).warnings[0],
    ).toContain('did you mean "SSH_SCORECARD_CONCURRENCY"');
  });
});

describe('refused, each with what was expected', () => {
  test.each([
    [{ concurrency: 'abc' }, 'a whole number from 1 to 2000'],
    [{ concurrency: '0' }, 'a whole number from 1 to 2000'],
    [{ concurrency: ['3', '4'] }, 'one value, not several'],
    [{ timeout: '30' }, 'a duration'],
    [{ timeout: '1ms' }, 'a duration'],
    [{ 'max-output': '12X' }, 'a size'],
    [{ color: 'blue' }, 'one of auto, always, never'],
    [{ host: [''] }, 'a value'],
  ])('%j', (flags, expected) => {
    expect(refuse(flags).message).toContain(`expected ${expected}`);
  });

  test('a settings file says line, column and a near name', () => {
    write('concurrency: 5\n\nconcurency: 6\n');
    const error = refuse({ config: undefined });
    expect(error.at).toEqual({ file: 'ssh-scorecard.yaml', line: 3, column: 1 });
    expect(error.hint).toContain('concurrency');
  });

  test('flags that must be typed cannot come from a file', () => {
    write('dry-run: true\n');
    expect(refuse({ config: undefined }).message).toContain('unknown option "dry-run"');
  });

  test('a named settings file that is missing is an error; the default one is not', () => {
    rmSync(join(folder, 'ssh-scorecard.yaml'));
    expect(resolveSettings({}, {}, folder).settings.concurrency).toBe(50);
    expect(refuse({ config: 'elsewhere.yaml' }).message).toContain('elsewhere.yaml');
  });
});

test('every option has a name that can be a flag, a variable and a key, and no two share an alias', () => {
  const aliases = OPTION_NAMES.map((name) => optionSpec(name).alias).filter(Boolean);
  expect(new Set(aliases).size).toBe(aliases.length);
  expect(new Set(OPTION_NAMES.map(environmentName)).size).toBe(OPTION_NAMES.length);
  for (const name of OPTION_NAMES) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
});
