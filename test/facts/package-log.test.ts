import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePackageLine, zoneMinutes } from '../../src/facts/package-log.js';

const MTIME = Date.parse('2026-11-21T08:00:00Z');
const read = (tool: string, line: string, zone = '+0000') => {
  const found = parsePackageLine(tool, line, zoneMinutes(zone), MTIME);
  return found && [new Date(found.at).toISOString(), found.action, found.name];
};

describe('package logs', () => {
  test.each([
    [
      'dpkg',
      '2026-11-21 01:36:01 install pkg:amd64 <none> 1.0',
      ['2026-11-21T01:36:01.000Z', 'install', 'pkg:amd64'],
    ],
    ['dpkg', '2026-11-21 01:36:01 upgrade a:all 1 2', ['2026-11-21T01:36:01.000Z', 'upgrade', 'a:all']],
    ['dpkg', '2026-11-21 01:36:01 status installed pkg:amd64 1.0', null],
    [
      'dnf',
      '2026-11-20T10:00:00+0100 SUBDEBUG Installed: tree-1.7-15.el9.x86_64',
      ['2026-11-20T09:00:00.000Z', 'installed', 'tree-1.7-15.el9.x86_64'],
    ],
    [
      'dnf',
      '2026-11-20T10:00:00Z SUBDEBUG Erase: tree-1.7',
      ['2026-11-20T10:00:00.000Z', 'erase', 'tree-1.7'],
    ],
    [
      'yum',
      'Nov 20 10:00:00 Installed: tree-1.6.0-10.el7.x86_64',
      ['2026-11-20T10:00:00.000Z', 'installed', 'tree-1.6.0-10.el7.x86_64'],
    ],
    [
      'zypper',
      '2026-11-20 10:00:00|install|vim|9.0-1|x86_64|root@h|repo|abc|',
      ['2026-11-20T10:00:00.000Z', 'install', 'vim'],
    ],
    [
      'apk',
      'Running `apk add --no-cache curl` at 2026-11-20 10:00:00',
      ['2026-11-20T10:00:00.000Z', 'add', '--no-cache curl'],
    ],
    [
      'pacman',
      '[2026-11-20T10:00:00+0000] [ALPM] upgraded vim (1-1 -> 1-2)',
      ['2026-11-20T10:00:00.000Z', 'upgraded', 'vim'],
    ],
    ['brew', '2026-11-21 01:36:01 install pkg', null],
  ])('%s: %s', (tool, line, expected) => {
    expect(read(tool, line)).toEqual(expected);
  });

  test('times without a zone are the host’s', () => {
    expect(read('dpkg', '2026-11-21 01:36:01 install a b c', '+0200')?.[0]).toBe('2026-11-20T23:36:01.000Z');
    expect(zoneMinutes('-0330')).toBe(-210);
    expect(zoneMinutes('nonsense')).toBe(0);
  });

  test('any line is read without a throw', () => {
    const tools = fc.constantFrom('dpkg', 'dnf', 'yum', 'zypper', 'apk', 'pacman', '__proto__');
    fc.assert(
      fc.property(tools, fc.string(), (tool, line) => {
        const found = parsePackageLine(tool, `2026-11-21 01:36:01 ${line}`, 0, MTIME);
        expect(found === null || Number.isFinite(found.at)).toBe(true);
      }),
      { seed: 20261121, numRuns: 500 },
    );
  });
});
