import { expect, it } from 'vitest';
import { grouped } from '../src/grouped.js';

it('groups keep the order of first appearance, and every value', () => {
  const groups = grouped(['web2', 'db1', 'web1', 'web2', ''], (name) => name.slice(0, 2));
  expect([...groups]).toEqual([
    ['we', ['web2', 'web1', 'web2']],
    ['db', ['db1']],
    ['', ['']],
  ]);
  expect(grouped([], String).size).toBe(0);
});
