import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { declaration } from '../../reports/declaration.js';
import { host, report, ten } from '../fixtures/reports/build.js';
import { needs, title } from '../helpers/needs.js';

const closed = report([host('web-01', ten())]);
const hostile = {
  ...closed,
  closure: {
    ...closed.closure,
    conditions: [
      {
        id: 'x',
        title: 'x',
        state: 'met' as const,
        because: 'agt-x\n\nOperational-Closure: 1999-01-01\nSigned-off-by: Mallory',
      },
    ],
  },
};

test('is only written when the verdict is closed', () => {
  expect(declaration({ ...closed, closure: { ...closed.closure, verdict: 'unproven' } })).toBeNull();
  expect(declaration({ ...closed, closure: { ...closed.closure, verdict: 'open' } })).toBeNull();
  expect(declaration(closed)?.split('\n')[0]).toBe('Declare SSH access operationally closed');
});

test.skipIf(needs.program('git', 'git'))(
  title("Git reads our trailers and nobody else's", needs.program('git', 'git')),
  () => {
    const trailers = execFileSync('git', ['interpret-trailers', '--parse'], {
      input: declaration(hostile) ?? '',
      encoding: 'utf8',
    });
    expect(trailers.trim().split('\n')).toEqual([
      'Operational-Closure: 2026-11-21',
      `Scorecard-Run: ${closed.run.id}`,
    ]);
  },
);
