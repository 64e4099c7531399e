/** The handshake in saved evidence: runs without one are good, and what is no handshake is refused. */
import { describe, expect, test } from 'vitest';
import { shapedEvidence } from '../../src/evidence/read.js';
import { KEXINIT_LISTS } from '../../src/openssh/kexinit.js';

const evidence = (handshake?: unknown) => ({
  schema: 1,
  host: 'h',
  startedAt: '2026-11-21T02:00:00.000Z',
  finishedAt: '2026-11-21T02:00:05.000Z',
  probes: {},
  ...(handshake !== undefined && { handshake }),
});
const kexInit = Object.fromEntries(KEXINIT_LISTS.map((list) => [list, 'none']));

describe('a saved handshake', () => {
  test.each<[string, unknown]>([
    ['none, as in older runs', undefined],
    ['an offer and keys', { kexInit, hostKeys: ['AAAA'] }],
    ['a problem', { problem: 'cut', hostKeys: [] }],
    ['host keys alone', { hostKeys: ['AAAA'] }],
  ])('%s', (_what, handshake) => {
    const given = evidence(handshake);
    expect(shapedEvidence(given)).toBe(given);
  });

  test.each<[string, unknown]>([
    ['a text', 'x'],
    ['no keys', { kexInit }],
    ['keys that are no texts', { hostKeys: [1] }],
    ['a list that is missing', { hostKeys: [], kexInit: { ...kexInit, kex: undefined } }],
    ['a list that is no text', { hostKeys: [], kexInit: { ...kexInit, kex: ['a'] } }],
  ])('not %s', (_what, handshake) => {
    expect(shapedEvidence(evidence(handshake))).toBeNull();
  });
});
