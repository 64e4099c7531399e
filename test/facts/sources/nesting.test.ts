import { expect, test } from 'vitest';
import { nestsLittle } from '../../../src/facts/sources/nesting.js';

test.each([
  ['hosts:\n  - { name: a, allowed_principals: { adm: [x, y], agt: [] } }\n'.repeat(2000), true],
  ['- '.repeat(150), true],
  ['[[]]'.repeat(40), true],
  ['[\n'.repeat(101), false],
  ['{'.repeat(101), false],
  [']]]]['.repeat(101), true],
  ['- '.repeat(201), false],
  ['kind:'.repeat(201), false],
  ['? '.repeat(201), false],
  ['}'.repeat(1001), false],
  ['', true],
])('case %#', (text, expected) => {
  expect(nestsLittle(text)).toBe(expected);
});
