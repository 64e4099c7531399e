import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRecipient, sameMac, seal, taskMac, unseal } from '../../src/queue/seal.js';

const bytes = fc.uint8Array({ maxLength: 200 });
const key = fc.option(fc.string({ minLength: 1 }), { nil: undefined });

describe('sealing', () => {
  test('the run that asked reads what was sealed for it', () => {
    const run = createRecipient();
    fc.assert(
      fc.property(bytes, bytes, key, (plain, header, queueKey) => {
        const sealed = seal(plain, header, run.publicKey, queueKey);
        expect(unseal(sealed, header, run, queueKey)).toEqual(Buffer.from(plain));
        // Never the same twice.
        expect(seal(plain, header, run.publicKey, queueKey).equals(sealed)).toBe(false);
      }),
      { seed: 13, numRuns: 50 },
    );
  });

  test('one changed bit anywhere, another header, key or run: nothing is read', () => {
    const run = createRecipient();
    const header = Buffer.from('header');
    const sealed = seal(Buffer.from('evidence'), header, run.publicKey, 'k'.repeat(32));
    fc.assert(
      fc.property(fc.nat(sealed.length * 8 - 1), (bit) => {
        const changed = Buffer.from(sealed);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(unseal(changed, header, run, 'k'.repeat(32))).toBeNull();
      }),
      { seed: 13, numRuns: 300 },
    );
    expect(unseal(sealed, Buffer.from('Header'), run, 'k'.repeat(32))).toBeNull();
    expect(unseal(sealed, header, run, undefined)).toBeNull();
    expect(unseal(sealed, header, run, 'l'.repeat(32))).toBeNull();
    expect(unseal(sealed, header, createRecipient(), 'k'.repeat(32))).toBeNull();
    expect(unseal(sealed, header, run, 'k'.repeat(32))?.toString()).toBe('evidence');
  });

  test('any bytes are answered with null, never with an error', () => {
    const run = createRecipient();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), bytes, (sealed, header) => {
        expect(unseal(sealed, header, run, undefined)).toBeNull();
      }),
      { seed: 13, numRuns: 300 },
    );
  });

  test('an all-zero public key (a point of small order) is refused', () => {
    expect(unseal(Buffer.alloc(100), Buffer.from(''), createRecipient(), undefined)).toBeNull();
  });
});

test('a MAC holds for its text and key alone', () => {
  const mac = taskMac('task', 'key');
  expect(sameMac(mac, taskMac('task', 'key'))).toBe(true);
  expect(sameMac(mac, taskMac('tasks', 'key'))).toBe(false);
  expect(sameMac(mac, taskMac('task', 'keys'))).toBe(false);
});
