import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attestationText,
  changeCounts,
  changeKinds,
  changeLines,
  changesText,
  countsText,
  waiverCounts,
  waiverUseText,
  when,
} from '../../reports/standing.js';
import type { Changes, FleetReport, RenderOptions } from '../../src/model.js';
import { host, report, ten } from '../fixtures/reports/build.js';
import { mixed } from '../fixtures/reports/mixed.js';
import { formats } from '../helpers/formats.js';

const options: RenderOptions = { color: 0, width: 80, ascii: false, verbose: false };
const render = (id: string, value: FleetReport, more: Partial<RenderOptions> = {}): string =>
  formats[id]?.render(value, { ...options, ...more }) ?? '';
const [applied, expired] = mixed.waivers;
const [attested, gone] = mixed.attestations;
const changes = mixed.changes as Changes;
const NONE: Changes = {
  ...changes,
  newlyFailing: [],
  newlyPassing: [],
  newlyUnknown: [],
  stillFailing: [],
  newHosts: [],
  vanishedHosts: [],
  hostKeys: [],
  access: [],
};

describe('words', () => {
  it.each([
    ['2026-12-31T23:59:59.999Z', '2026-12-31'],
    ['2026-11-01T00:00:00.000Z', '2026-11-01'],
    ['2026-11-01T00:00:00Z', '2026-11-01'],
    ['2026-11-20T02:00:00.000Z', '2026-11-20 02:00 UTC'],
    ['2026-12-31T23:59:59Z', '2026-12-31 23:59 UTC'],
    ['some day', 'some day'],
  ])('%s is %s', (instant, text) => {
    expect(when(instant)).toBe(text);
  });

  it('for waivers', () => {
    expect(applied && waiverUseText(applied)).toBe(
      'no-static-keys on web-04 (account deploy), until 2026-12-31, approved by ciso, owner bernd, asked for by ann: the old deploy pipeline moves to certificates in December; covers web-04',
    );
    expect(expired && waiverUseText(expired)).toMatch(/, expired 2026-10-01, .*; would cover web-05$/);
    expect(countsText(waiverCounts(mixed))).toBe('1 applied, 1 expired, 1 too-long, 1 unused, 1 not-judged');
  });

  it('for attestations', () => {
    expect(attested && attestationText(attested)).toMatch(
      /^ca-custody of SHA256:\S+ by Dora on 2026-11-02, holds until 2027-02-02: SEC-412 \(signed: dora@/,
    );
    expect(gone && attestationText(gone)).toMatch(/expired 2026-07-10: [^]* \(unsigned\)$/);
  });

  it('for changes: what is new first, still failing only counted', () => {
    expect(changesText(changes)).toBe(
      'since 2026-11-20 02:00 UTC (unproven): 2 newly failing, 1 newly unknown, 1 newly passing, 2 still failing, 1 new host, 2 vanished hosts, 1 changed host key, 2 changes of access',
    );
    expect(changesText(NONE)).toBe('since 2026-11-20 02:00 UTC (unproven): nothing changed');
    expect(changeLines(changes).map(({ word }) => word)).toEqual([
      'newly failing',
      'newly failing',
      'host key',
      'access added',
      'access removed',
      'newly unknown',
      'vanished',
      'new',
      'newly passing',
    ]);
    expect(changeLines(NONE)).toEqual([]);
    expect(changeKinds(changes).map(([, count]) => count)).toEqual(
      changeCounts(changes).map(([, count]) => count),
    );
  });

  it('bound what a run can say in one line', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(5000), (hosts, subjects) => {
        const many = (n: number) => Array.from({ length: n }, (_, index) => `h${index * 2}`);
        const told = changeLines({
          ...NONE,
          newHosts: many(hosts),
          newlyFailing: [
            { host: 'a', check: 'b', from: 'pass', to: 'fail', since: '', subjects: many(subjects) },
          ],
        });
        for (const { text } of told) expect(text.length).toBeLessThan(1000);
      }),
      { seed: 5, numRuns: 30 },
    );
  });
});

describe('every format', () => {
  const shown: readonly (readonly [string, readonly (string | RegExp)[]])[] = [
    [
      'table',
      ['WAIVED  1 accepted', 'CHANGES  since', 'ATTESTED  2', 'besides the six', 'EXPIRED 2026-10-01'],
    ],
    [
      'markdown',
      ['### Waivers', '### Attestations', '### Changes', '**expired** no\\-static\\-keys', '### Besides'],
    ],
    ['junit', ['waivers-expired', 'newly failing: web-02', 'in-force: ca-custody', 'waiver: expired']],
    ['csv', ['"expired"', '"applied"', '"2026-11-03T02:00:00.000Z"']],
    ['sarif', [/"suppressions"/, /"waiver": "expired/, /"newly_failing": 2/, /unproven: The CI pipeline/]],
    [
      'oscal',
      ['"deviation-approved"', '"deadline"', '"attestations"', '"newly-failing"', 'closure-quarterly-review'],
    ],
    ['ocsf', ['"waiver_state":"expired"', '"first_seen_time"', '"Suppressed"']],
    [
      'prometheus',
      [
        'ssh_scorecard_waivers{state="expired"} 1',
        'ssh_scorecard_changes{kind="newly_failing"} 2',
        'ssh_scorecard_attestations{state="in-force"} 1',
      ],
    ],
    ['github', ['waiver: expired 2026-10-01, owner bernd', 'newly failing: web-02', 'waivers: 1 applied']],
    ['json', ['"appliedTo"', '"stillFailing"', '"in-force"']],
  ];
  it.each(shown)('%s tells waivers, attestations, changes and conditions', (id, texts) => {
    const text = render(id, mixed);
    for (const one of texts)
      if (typeof one === 'string') expect(text).toContain(one);
      else expect(text).toMatch(one);
  });

  it.each(shown.map(([id]) => id).filter((id) => id !== 'json'))(
    '%s says nothing of them when there are none',
    (id) => {
      const text = render(id, report([host('a', ten())]));
      expect(text).not.toMatch(/attested|newly|waivers: |deviation|### Waivers/i);
    },
  );

  it.each(['markdown', 'github'])('%s shows the statuses that are asked for, and counts all', (id) => {
    const fail = render(id, mixed, { statuses: ['fail'] });
    const unknown = render(id, mixed, { statuses: ['unknown'] });
    expect([fail.includes('guessed password'), unknown.includes('guessed password')]).toEqual([true, false]);
    expect([fail.includes('sudo'), unknown.includes('sudo')]).toEqual([false, true]);
    for (const text of [fail, unknown]) expect(text).toMatch(/58 pass, 6 fail|\| 58 \| 6 \|/);
  });

  it.each(['json', 'junit', 'sarif', 'oscal', 'ocsf', 'prometheus'])('%s always holds everything', (id) => {
    expect(render(id, mixed, { statuses: ['pass'] })).toBe(render(id, mixed));
  });
});
