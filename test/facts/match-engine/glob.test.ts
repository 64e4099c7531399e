import { describe, expect, it } from 'vitest';
import { globPaths } from '../../../src/facts/match-engine/glob.js';

const PATHS = [
  '/etc/ssh/d/20-b.conf',
  '/etc/ssh/d/05-a.conf',
  '/etc/ssh/d/.hidden.conf',
  '/etc/ssh/d/sub/x.conf',
  '/etc/ssh/d/A.conf',
  '/etc/ssh/d/[x].conf',
];

describe('globPaths', () => {
  it.each([
    [
      '/etc/ssh/d/*.conf',
      ['/etc/ssh/d/05-a.conf', '/etc/ssh/d/20-b.conf', '/etc/ssh/d/A.conf', '/etc/ssh/d/[x].conf'],
    ],
    ['/etc/ssh/d/.*.conf', ['/etc/ssh/d/.hidden.conf']],
    ['/etc/ssh/*/sub/?.conf', ['/etc/ssh/d/sub/x.conf']],
    ['/etc/ssh/d/[0-1]*', ['/etc/ssh/d/05-a.conf']],
    ['/etc/ssh/d/[!0-9]*', ['/etc/ssh/d/A.conf', '/etc/ssh/d/[x].conf']],
    ['/etc/ssh/d/\\[x\\].conf', ['/etc/ssh/d/[x].conf']],
    ['/etc/ssh/d/[x.conf', []],
    ['/etc/ssh/d/A.conf', ['/etc/ssh/d/A.conf']],
    ['/nowhere/*', []],
  ])('%s', (pattern, expected) => {
    expect(globPaths(pattern, PATHS)).toEqual(expected);
  });
});
