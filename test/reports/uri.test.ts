import { describe, expect, it } from 'vitest';
import { uriOf } from '../../reports/uri.js';

describe('uriOf', () => {
  it.each([
    ['inventory.yaml', 'inventory.yaml'],
    ['./a b/inv#1.yaml', 'a%20b/inv%231.yaml'],
    ['../x:y/ü?.yaml', '../x%3Ay/%C3%BC%3F.yaml'],
    ['/etc/inv.yaml', 'file:///etc/inv.yaml'],
    ['//evil/x', 'file:///evil/x'],
    ['javascript:x', 'javascript%3Ax'],
  ])('writes %s as the URI %s', (path, uri) => {
    expect(uriOf(path)).toBe(uri);
  });
});
