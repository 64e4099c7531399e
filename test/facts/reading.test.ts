import { describe, expect, it } from 'vitest';
import { attempt, toldGaps } from '../../src/facts/reading.js';

const word = (text: string): string => `=${Buffer.from(text).toString('base64')}`;

describe('toldGaps', () => {
  it('are the gap records alone, decoded, in their order', () => {
    const rows = [
      ['gap', word('the search was cut')],
      ['gaps', word('another record')],
      ['F', 'gap'],
      ['gap', 'plain'],
      ['gap'],
    ];
    expect(toldGaps(rows)).toEqual(['the search was cut', 'plain', '']);
  });
});

describe('attempt', () => {
  it('hands on what was read', () => {
    const reading = { ok: true, value: 7, gaps: [] };
    expect(attempt(() => reading)).toBe(reading);
  });

  it('makes of a throw an unreadable fact that says so', () => {
    const broken = (): never => {
      throw new RangeError('index out of range');
    };
    expect(attempt(broken)).toEqual({
      ok: false,
      reason: 'failed',
      detail: 'internal error while reading this fact: index out of range',
    });
  });
});
