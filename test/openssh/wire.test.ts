import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WireError, WireReader, wireMpint, wireString, wireU32, wireU64 } from '../../src/openssh/wire.js';
import { SEED } from './support.js';

const bytes = fc.uint8Array({ maxLength: 64 });

describe('WireReader', () => {
  test('reads back what was written, in order, to the last byte', () => {
    fc.assert(
      fc.property(
        bytes,
        fc.nat(0xffffffff),
        fc.bigInt(0n, 2n ** 64n - 1n),
        bytes,
        (text, small, large, number) => {
          const reader = new WireReader(
            Buffer.concat([
              wireString(text),
              wireU32(small),
              wireU64(large),
              wireMpint(number),
              Buffer.from('end'),
            ]),
          );
          expect(reader.string()).toEqual(Buffer.from(text));
          expect(reader.u32()).toBe(small);
          expect(reader.u64()).toBe(large);
          expect(BigInt(`0x0${reader.mpint().toString('hex')}`)).toBe(
            BigInt(`0x0${Buffer.from(number).toString('hex')}`),
          );
          expect(reader.done).toBe(false);
          expect(reader.rest().toString()).toBe('end');
          expect(reader.done).toBe(true);
        },
      ),
      { seed: SEED },
    );
  });

  test('never reads past the end: every method throws WireError and moves no further', () => {
    const methods = ['string', 'text', 'name', 'u8', 'u32', 'u64', 'mpint'] as const;
    fc.assert(
      fc.property(bytes, fc.array(fc.constantFrom(...methods), { maxLength: 8 }), (input, calls) => {
        const reader = new WireReader(input);
        const thrown = calls.flatMap((call) => {
          try {
            reader[call]();
            return [];
          } catch (error) {
            return [error];
          }
        });
        expect(thrown.every((error) => error instanceof WireError)).toBe(true);
        expect(reader.offset).toBeLessThanOrEqual(input.length);
      }),
      { seed: SEED },
    );
    expect(() => new WireReader(Buffer.from('ffffffff00', 'hex')).string()).toThrow(/cut short/);
  });

  test('a view into a larger buffer is read within its own bounds', () => {
    const whole = Buffer.concat([Buffer.from('xx'), wireString('abc'), Buffer.from('yy')]);
    const reader = new WireReader(whole.subarray(2, 9));
    expect(reader.text()).toBe('abc');
    expect(reader.done).toBe(true);
  });

  test('names refuse a NUL inside and drop one at the end; text shows what is not UTF-8', () => {
    expect(() => new WireReader(wireString('adm\0full')).name()).toThrow(WireError);
    expect(new WireReader(wireString('adm\0')).name()).toBe('adm');
    expect(() => new WireReader(wireString('adm\0\0')).name()).toThrow(WireError);
    expect(new WireReader(wireString(Buffer.from('61ff62', 'hex'))).text()).toBe('a\uFFFDb');
  });

  test('integers: negative and oversized are refused, leading zeros do not matter', () => {
    expect(() => new WireReader(wireString(Buffer.from('80', 'hex'))).mpint()).toThrow(/negative/);
    expect(() => new WireReader(wireString(Buffer.alloc(2049, 1))).mpint()).toThrow(/16384/);
    expect(new WireReader(wireString(Buffer.from('0000ff', 'hex'))).mpint().toString('hex')).toBe('ff');
    expect(wireMpint(Buffer.from('00ff', 'hex')).toString('hex')).toBe('0000000200ff');
    expect(wireMpint(Buffer.alloc(3)).toString('hex')).toBe('00000000');
  });
});
