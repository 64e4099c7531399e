import { describe, expect, it } from 'vitest';
import { optionSpec } from '../../src/options.js';
import { mixed } from '../fixtures/reports/mixed.js';
import { formats } from '../helpers/formats.js';

describe('reports', () => {
  it('are sorted, and each is filed under its own id', () => {
    expect(Object.keys(formats)).toEqual(Object.keys(formats).toSorted());
    for (const [id, report] of Object.entries(formats)) expect(report.id).toBe(id);
  });

  it('are all named where --format is explained', () => {
    const named = new Set(optionSpec('format').describe.match(/[a-z]+/g));
    expect(Object.keys(formats).filter((id) => !named.has(id))).toEqual([]);
  });

  it.each(Object.values(formats))('$id renders the same text twice, from a frozen report', (report) => {
    const options = { color: 1, width: 80, ascii: false, verbose: true } as const;
    expect(Object.isFrozen(mixed.hosts[0]?.results)).toBe(true);
    expect(report.render(mixed, options)).toBe(report.render(mixed, options));
  });
});
