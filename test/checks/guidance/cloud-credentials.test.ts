import { describe, expect, test } from 'vitest';
import { cloudCredentials } from '../../../checks/guidance/cloud-credentials.js';
import type { AuditorCloud, CloudKey } from '../../../src/facts/types.js';
import type { Reading } from '../../../src/model.js';
import { defaultPolicy } from '../../../src/policy.js';
import { not, NOW, ok } from '../../helpers/actor-facts.js';
import { judged, text, told } from './facts.js';

const HOUR = 3_600_000;
const FILE: CloudKey = {
  id: 'AKIA…WXYZ',
  secret: true,
  place: 'file',
  path: '/root/.aws/credentials',
  line: 2,
  owner: 'root',
};
const PROCESS: CloudKey = { id: 'AKIA…WXYZ', secret: true, place: 'process', path: 'node', owner: 'app' };
const NOBODY: AuditorCloud = { keys: [], sessions: [] };
function outcome(keys: Reading<readonly CloudKey[]>, cloud: Reading<AuditorCloud>, hours = 8) {
  return judged(cloudCredentials, {
    more: { cloudKeys: keys },
    fleet: { cloud },
    policy: { guidance: { ...defaultPolicy().guidance, cloudSessionHours: hours } },
  });
}
const of = (...given: Parameters<typeof outcome>): string => told(outcome(...given));
const own = (id: string, hours: number | null): Reading<AuditorCloud> =>
  ok({
    keys: [
      {
        id,
        from: 'the environment',
        longLived: id.startsWith('AKIA'),
        expires: hours === null ? null : NOW.getTime() + hours * HOUR,
      },
    ],
    sessions: [],
  });

describe('cloud-credentials', () => {
  test('a key with its secret fails, in a file and in an environment; the same one twice is one finding', () => {
    expect(of(ok([FILE, { ...FILE, line: 9 }, PROCESS]), ok(NOBODY))).toBe(
      'fail: AKIA…WXYZ in /root/.aws/credentials, AKIA…WXYZ in the environment of node',
    );
    expect(text(outcome(ok([FILE]), ok(NOBODY)))).toContain(
      '"at":{"path":"/root/.aws/credentials","line":2}',
    );
  });

  test('a key ID without a secret is no credential, and is told', () => {
    const bare = outcome(ok([{ ...FILE, secret: false }]), ok(NOBODY));
    expect(told(bare)).toBe('pass');
    expect(text(bare)).toContain('/root/.aws/credentials:2 names the access key AKIA…WXYZ, without a secret');
  });

  test.each<readonly [string, Reading<AuditorCloud>, string]>([
    ['nothing', ok(NOBODY), 'pass'],
    ['a key that never expires', own('AKIA…AAAA', null), 'fail: the auditor: AKIA…AAAA in the environment'],
    ['a session within the policy', own('ASIA…AAAA', 8), 'pass'],
    ['a longer one', own('ASIA…AAAA', 9), 'fail: the auditor: ASIA…AAAA in the environment'],
    ['one that does not say when it ends', own('ASIA…AAAA', null), 'pass'],
    [
      'a profile that asks for 8 hours',
      ok({ keys: [], sessions: [{ from: 'f:1 [x]', seconds: 8 * 3600 }] }),
      'pass',
    ],
    [
      'a profile that asks for 12',
      ok({ keys: [], sessions: [{ from: 'f:1 [x]', seconds: 12 * 3600 }] }),
      'fail: the auditor: f:1 [x]',
    ],
    ['not looked at', not(), 'unknown: not-configured'],
    ['a file that cannot be read', ok(NOBODY, 'cannot read ~/.aws/credentials'), 'unknown: no-evidence'],
  ])('the auditor: %s', (_title, cloud, verdict) => {
    expect(of(ok([]), cloud)).toBe(verdict);
  });

  test('the policy says how long', () => {
    expect(of(ok([]), own('ASIA…AAAA', 9), 12)).toBe('pass');
  });

  test('a host that was not searched to the end passes nothing', () => {
    expect(of(ok([], 'the search ran into its time limit'), ok(NOBODY))).toBe('unknown: no-evidence');
    expect(of(not('not-collected'), ok(NOBODY))).toBe('unknown: not-collected');
    expect(of(ok([FILE], 'gap'), not())).toBe('fail: AKIA…WXYZ in /root/.aws/credentials');
  });
});
