import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSharing, keptHost } from '../src/sharing.js';
import type { JudgedHost } from '../src/evaluate.js';

const host = (name: string, because: string): JudgedHost => ({
  report: {
    name,
    tags: [],
    at: { file: 'inventory.yaml', line: 3, column: 5 },
    score: 1,
    results: [
      {
        id: 'root-login',
        number: 6,
        outcome: { status: 'pass', because, evidence: [{ probe: 'sshd', excerpt: 'permitrootlogin no' }] },
      },
    ],
    extra: [],
    guidance: [],
    access: { caKeys: ['SHA256:ca'], staticKeys: [], principals: [] },
  },
  summary: { host: name, certificateLogins: [], daysCovered: ['2026-11-20'], privateKeys: [], hostKeys: [] },
});

describe('what hosts have in common', () => {
  it('is one value, and what sets them apart is not', () => {
    const share = createSharing();
    const [one, two, three] = [
      host('a', 'it is no'),
      host('b', 'it is no'),
      host('c', 'it is no for 3 accounts'),
    ].map((each) => keptHost(each, share));
    expect(two?.report.results[0]).toBe(one?.report.results[0]);
    expect(two?.report.access).toBe(one?.report.access);
    expect(three?.report.results[0]).not.toBe(one?.report.results[0]);
    const evidence = (judged: JudgedHost | undefined) => {
      const outcome = judged?.report.results[0]?.outcome;
      return outcome?.status === 'pass' ? outcome.evidence : undefined;
    };
    expect(evidence(three)).toBe(evidence(one));
    expect(evidence(one)).toEqual([{ probe: 'sshd', excerpt: 'permitrootlogin no' }]);
    expect([one, two, three]).toEqual([
      host('a', 'it is no'),
      host('b', 'it is no'),
      host('c', 'it is no for 3 accounts'),
    ]);
  });

  it('is frozen, so that no host can change what another is told to have', () => {
    const shared = createSharing()({ list: [{ text: 'one' }] });
    expect(Object.isFrozen(shared) && Object.isFrozen(shared.list) && Object.isFrozen(shared.list[0])).toBe(
      true,
    );
  });

  it('equals what was given, whatever is forgotten in between', () => {
    const share = createSharing(40);
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        // -0 is 0 in JSON, and reports are JSON.
        const plain: unknown = JSON.parse(JSON.stringify(value));
        expect(share(plain)).toEqual(plain);
      }),
      { seed: 14, numRuns: 500 },
    );
  });

  it('remembers no more than it may', () => {
    const share = createSharing(10);
    const first = share({ text: 'kept' });
    expect(share({ text: 'kept' })).toBe(first);
    share({ text: 'another one, longer than all that may be remembered' });
    share({ text: 'and one more, longer than all that may be remembered' });
    const later = share({ text: 'kept' });
    expect(later).not.toBe(first);
    expect(later).toEqual(first);
  });

  it('takes what is no JSON as it is: a plug-in may say anything', () => {
    const share = createSharing();
    const odd: { self?: unknown; count: bigint } = { count: 7n };
    odd.self = odd;
    const copy = share(odd);
    expect(copy).not.toBe(odd);
    expect(copy.count).toBe(7n);
    expect(copy.self).toBe(copy);
  });
});
