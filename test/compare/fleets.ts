/** Any pair of runs over a few hosts and checks, for properties. */
import fc from 'fast-check';
import type { CheckStanding, HostStanding, Standing } from '../../src/model.js';

const HOSTS = ['web-01', 'web-02', 'db', '__proto', 'constructor'];
const CHECKS = ['ca-trust', 'no-static-keys', 'site-rule'];

const check = fc.record<CheckStanding>({
  status: fc.constantFrom('pass', 'fail', 'unknown', 'waived'),
  since: fc.constantFrom('2026-11-18T02:00:00.000Z', '2026-11-19T02:00:00.000Z'),
});

const withSubjects = fc
  .tuple(check, fc.uniqueArray(fc.constantFrom('/a:1', '/b:2', '/c:3')))
  .map(([one, subjects]): CheckStanding =>
    one.status === 'fail' ? { ...one, subjects: subjects.sort() } : one,
  );

const key = fc.constantFrom('SHA256:one', 'SHA256:two', 'SHA256:three');
const account = fc.constantFrom('root', 'ops');
const access = fc.record({
  caKeys: fc.uniqueArray(key),
  staticKeys: fc.uniqueArray(fc.record({ account, fingerprint: key }), {
    selector: (one) => JSON.stringify(one),
  }),
  principals: fc.uniqueArray(fc.record({ account, principal: fc.constantFrom('adm-full', 'agt-x') }), {
    selector: (one) => JSON.stringify(one),
  }),
});

const host: fc.Arbitrary<HostStanding> = fc.record(
  {
    reached: fc.boolean(),
    score: fc.integer({ min: 0, max: 10 }),
    checks: fc.dictionary(fc.constantFrom(...CHECKS), withSubjects, { noNullPrototype: true }),
    hostKey: key,
    access,
  },
  { requiredKeys: ['reached', 'score', 'checks'] },
);

const totals = { hosts: 0, reached: 0, complete: 0, pass: 0, fail: 0, unknown: 0, waived: 0 };

export function point(id: string, more: Partial<Standing['point']> = {}): Standing['point'] {
  return { id, now: `${id}T02:00:00.000Z`, verdict: 'open', totals, fails: {}, partial: false, ...more };
}

export function standing(day: string): fc.Arbitrary<Standing> {
  return fc
    .dictionary(fc.constantFrom(...HOSTS), host, { noNullPrototype: true })
    .map((hosts) => ({ schema: 1, point: point(day), hosts }));
}
