import { expect, test } from 'vitest';
import { inOrder, joinHistory } from '../../src/compare/history.js';
import { point } from './fleets.js';

test('each run once, by its clock, this one last', () => {
  const [a, b, c] = [point('2026-11-01'), point('2026-11-02'), point('2026-11-03')];
  expect(inOrder([c, a, b, a])).toEqual([a, b, c]);
  expect(joinHistory([a, c], b)).toEqual([a, c, b]);
  const again = { ...b, verdict: 'closed' as const };
  expect(joinHistory([a, b, b], again)).toEqual([a, again]);
});

test('remembers four hundred runs, the latest', () => {
  const many = Array.from({ length: 500 }, (_, index) =>
    point('x', { id: `r${index}`, now: String(1000 + index) }),
  );
  const joined = joinHistory(many, point('2026-11-21'));
  expect(joined).toHaveLength(400);
  expect(joined[0]?.id).toBe('r101');
  expect(joined.at(-1)?.id).toBe('2026-11-21');
});
