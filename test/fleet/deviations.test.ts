import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AWKWARD } from './awkward/index.js';
import { UNSTAGED } from './matrix.js';
import { ALL, DEVIATIONS, VARIANTS } from './deviations/index.js';

const CHECKS = [
  'ca-trust',
  'no-static-keys',
  'principals',
  'certificate-lifetime',
  'password-auth',
  'root-login',
  'actor-wrapper',
  'audit-logging',
  'ca-security',
  'bootstrap-complete',
] as const;
const ROWS: readonly (readonly [section: number, rows: number])[] = [
  [1, 10],
  [2, 11],
  [3, 8],
  [4, 8],
  [5, 7],
  [6, 3],
  [7, 4],
  [8, 7],
  [9, 5],
  [10, 1],
  [11, 2],
];

describe('the staged states', () => {
  it('have unique ids that may be host names', () => {
    const ids = [...ALL, ...AWKWARD].map((each) => each.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z][a-z0-9-]{1,60}$/);
  });

  it('cover every check from both sides', () => {
    for (const check of CHECKS) {
      expect([check, DEVIATIONS.filter((each) => each.check === check).length >= 4]).toEqual([check, true]);
      expect([check, VARIANTS.filter((each) => each.check === check).length >= 2]).toEqual([check, true]);
    }
    expect(DEVIATIONS.length).toBeGreaterThanOrEqual(120);
    expect(VARIANTS.length).toBeGreaterThanOrEqual(30);
  });

  it('name a test that is there for every bypass this OpenSSH cannot show', () => {
    for (const { test } of Object.values(UNSTAGED)) expect(existsSync(test)).toBe(true);
  });

  it('cover every known bypass that this OpenSSH can show', () => {
    const staged = new Set(ALL.flatMap((each) => each.matrix ?? []));
    const rows = ROWS.flatMap(([section, count]) =>
      Array.from({ length: count }, (_, index) => `${section}.${index + 1}`),
    );
    expect(rows.filter((row) => !staged.has(row))).toEqual(Object.keys(UNSTAGED));
    expect([...staged].filter((row) => !rows.includes(row))).toEqual([]);
  });
});
