import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPeople } from '../../../src/facts/sources/people.js';
import type { SourceEvidence } from '../../../src/model.js';

function read(type: 'csv' | 'yaml', body: string, more: object = {}) {
  const answer = {
    asked: 'read people', at: '2026-11-21T02:00:00Z', status: 0, body, encoding: 'utf8' as const, bytes: body.length, cut: false, sha256: '', ...more,
  }; // prettier-ignore
  const evidence: SourceEvidence = {
    schema: 1, source: 'people', type, startedAt: '', finishedAt: '', configuration: {}, failures: [], answers: { [`file/people.${type}`]: answer },
  }; // prettier-ignore
  return readPeople(evidence);
}
const gaps = (type: 'csv' | 'yaml', body: string) => {
  const reading = read(type, body);
  return reading.ok ? reading.gaps : [reading.detail];
};
const END = Date.parse('2026-10-31T23:59:59.999Z');

describe('people, from YAML', () => {
  test('a list, or a mapping with one; JSON too', () => {
    const list = `
- identity: adm-bernd
  also: [bernd, bernd@example.org]
  name: Bernd
  left: 2026-10-31
- { identity: adm-carla, also: carla, status: active }
`;
    const value = [
      { names: ['adm-bernd', 'bernd', 'bernd@example.org'], left: END, status: null, from: 'people.yaml:2' },
      { names: ['adm-carla', 'carla'], left: null, status: 'active', from: 'people.yaml:6' },
    ];
    expect(read('yaml', list)).toEqual({ ok: true, gaps: [], value });
    expect(read('yaml', `people:${list}`)).toMatchObject({ ok: true, gaps: [] });
    expect(read('yaml', '{"people":[{"identity":"a","left":"2026-10-31T12:00:00+02:00"}]}')).toMatchObject({
      gaps: [],
      value: [{ left: Date.parse('2026-10-31T10:00:00Z') }],
    });
  });

  test.each([
    ['- identity: a\n  lft: 2026-10-31\n', 'people.yaml:2:3: lft: '],
    ['- identity: a\n  left: 31.10.2026\n', 'people.yaml:2:3: left: '],
    ['- identity: a\n  left: 2026-02-30\n', 'people.yaml:2:3: left: '],
    ['- left: 2026-10-31\n', 'people.yaml:1:3: identity: '],
    ['- identity: a\n- 7\n', 'people.yaml:2:3: '],
    ['persons: []\n', 'people.yaml:1:1: expected a list of people'],
    ['- identity: a\n  status: retired\n', 'people.yaml:2:3: status: expected active or left'],
    ['- identity: [\n', 'people.yaml:'],
    ['['.repeat(200), 'people.yaml is nested too deep'],
  ])('%j is a gap with its place', (body, begin) => {
    const [first = ''] = gaps('yaml', body);
    expect(first.slice(0, begin.length)).toBe(begin);
  });

  test('one entry that cannot be read hides no other', () => {
    expect(read('yaml', '- identity: a\n  left: soon\n- identity: b\n  status: left\n')).toMatchObject({
      ok: true,
      gaps: [expect.stringMatching(/^people.yaml:2:3: left: .*expected a day like/)],
      value: [{ names: ['b'], status: 'left', left: null }],
    });
  });
});

describe('people, from a table', () => {
  test('columns in any order, others ignored', () => {
    const body =
      'Dept;LEFT;Identity;also;Status\nops;2026-10-31;adm-bernd;bernd|SHA256:abc b@x;LEFT\nops;;adm-carla;;\n';
    expect(read('csv', body)).toEqual({
      ok: true,
      gaps: [],
      value: [
        {
          names: ['adm-bernd', 'bernd', 'SHA256:abc', 'b@x'],
          left: END,
          status: 'left',
          from: 'people.csv:2',
        },
        { names: ['adm-carla'], left: null, status: null, from: 'people.csv:3' },
      ],
    });
  });

  test.each([
    ['name,left\nx,\n', 'people.csv:1:1: no column identity: expected a heading'],
    ['identity,lft\nx,2026-10-31\n', 'people.csv:1:1: no column left or status'],
    ['identity,left\nadm-a,2026-13-01\n', 'people.csv:2:7: left: '],
    ['identity,left\nadm-a\n', 'people.csv:2:1: 1 cells: expected 2, as in the heading'],
    ['identity,status\n,left\n', 'people.csv:2:1: identity: '],
    ['', 'people.csv:1:1: no column identity'],
  ])('%j is a gap with its place', (body, begin) => {
    const [first = ''] = gaps('csv', body);
    expect(first.slice(0, begin.length)).toBe(begin);
  });
});

test('a file that is cut, no text, or was not read', () => {
  expect(read('csv', 'identity,left\na,\n', { cut: true })).toMatchObject({
    gaps: [expect.stringContaining('not read whole')],
  });
  expect(read('csv', 'AAAA', { encoding: 'base64' })).toMatchObject({
    gaps: ['people.csv is not UTF-8 text'],
  });
  const nothing = {
    schema: 1,
    source: 'people',
    type: 'csv',
    startedAt: '',
    finishedAt: '',
    configuration: {},
    answers: {},
  } as const;
  const failures = [{ code: 'not-found', detail: 'cannot read people.csv: ENOENT' }];
  expect(readPeople({ ...nothing, failures })).toMatchObject({ ok: false, reason: 'failed' });
});

test('no text makes it throw, and none turns somebody who left into nobody without a gap', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.constantFrom('csv' as const, 'yaml' as const),
      (body, type) => {
        const reading = read(type, body);
        expect(reading.ok && reading.value.every(({ names }) => names.length > 0)).toBe(true);
      },
    ),
    { seed: 7 },
  );
});
