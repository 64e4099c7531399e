import { expect, it } from 'vitest';
import { plural } from '../src/plural.js';

it('one is one, and nothing else is', () => {
  expect([0, 1, 2, 11].map((count) => plural(count, 'host'))).toEqual([
    '0 hosts',
    '1 host',
    '2 hosts',
    '11 hosts',
  ]);
});
