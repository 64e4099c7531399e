import fc from 'fast-check';
import { isIP, isIPv6 } from 'node:net';
import { describe, expect, it } from 'vitest';
import { addressWitnesses } from '../../../src/facts/match-engine/address-witnesses.js';
import {
  formatAddress,
  matchAddressItem,
  matchAddressList,
  parseAddress,
  parseAddressList,
} from '../../../src/facts/match-engine/addresses.js';

const matches = (address: string, list: string): number | null => {
  const items = parseAddressList(list);
  return items === null ? null : matchAddressList(address, items);
};

describe('parseAddress', () => {
  it.each([
    ['10.1.2.3', '10.1.2.3'],
    ['10.1', '10.0.0.1'],
    ['10', '0.0.0.10'],
    ['0x0a010203', '10.1.2.3'],
    ['010.1.2.3', '8.1.2.3'],
    ['2001:DB8:0:0:1::', '2001:db8:0:0:1::'],
    ['2001:db8:0:0:0:0:0:1', '2001:db8::1'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['::ffff:10.1.2.3', '::ffff:10.1.2.3'],
    ['::', '::'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
  ])('%s', (text, canonical) => {
    const address = parseAddress(text);
    expect(address === null ? null : formatAddress(address)).toBe(canonical);
  });
  it.each([
    '',
    '10.',
    '10.1.2.3.4',
    '256.1.1.1',
    '08.1.1.1',
    'UNKNOWN',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    'fe80::1%',
    '12345::',
  ])('refuses %j', (text) => {
    expect(parseAddress(text)).toBeNull();
  });
  it('reads every address Node reads, and writes it so that both read it alike', () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6());
    fc.assert(
      fc.property(address, (text) => {
        const parsed = parseAddress(text);
        expect(parsed).not.toBeNull();
        if (parsed === null) return;
        const written = formatAddress(parsed);
        expect(isIP(written)).toBe(isIPv6(text) ? 6 : 4);
        expect(parseAddress(written)).toEqual(parsed);
      }),
      { seed: 5, numRuns: 500 },
    );
  });
});

describe('matchAddressList', () => {
  it.each([
    ['10.1.2.3', '10.0.0.0/8', 1],
    ['11.1.2.3', '10.0.0.0/8', 0],
    ['10.1.2.3', '10.0.0.0/8,!10.1.2.3', -1],
    ['10.1.2.3', '10.1.*', 1],
    ['10.1.2.3', '10.1', 0],
    ['::1', '0.0.0.0/0', 0],
    ['::1', '::/0', 1],
    ['fe80::1%2', 'fe80::/10', 0],
    ['fe80::1%2', 'fe80::1%*', 1],
    ['UNKNOWN', '*', 0],
  ])('%s in %s', (address, list, result) => {
    expect(matches(address, list)).toBe(result);
  });
  it('refuses host bits, long masks and empty items', () => {
    expect(matches('10.1.2.3', '10.0.0.1/8')).toBeNull();
    expect(matches('10.1.2.3', '10.0.0.0/33')).toBeNull();
    expect(matches('10.1.2.3', '10.0.0.0/8,')).toBeNull();
    expect(matches('10.1.2.3', '!')).toBeNull();
  });
  it('takes what is no network for a text pattern', () => {
    expect(matches('10.1.2.3', '10.0.0.0/129')).toBe(0);
    expect(matches('10.1.2.3', 'corp')).toBe(0);
  });
});

describe('addressWitnesses', () => {
  const part = fc.constantFrom('10', '1', '2', '0');
  const cidr = fc.tuple(part, part, fc.constantFrom(0, 8, 16, 23, 24, 32)).map(([a, b, length]) => {
    const value = (BigInt(a) << 24n) | (BigInt(b) << 16n);
    const net = (value >> BigInt(32 - length)) << BigInt(32 - length);
    return `${formatAddress({ bits: 32, value: net, scope: '' })}/${length}`;
  });
  const text = fc.constantFrom('10.1.*', '10.?.2.*', '*.1', '1*', '10.1.2.1?', '*1*');
  const item = fc.oneof({ weight: 3, arbitrary: cidr }, { weight: 1, arbitrary: text });
  const address = fc
    .tuple(part, part, part, fc.constantFrom('1', '0', '2', '11', '255'))
    .map((octets) => octets.join('.'));

  it('has an address for every combination of memberships that an IPv4 address has', () => {
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 5 }), address, (list, probe) => {
        const items = parseAddressList(list.join(',')) ?? [];
        const truth = (each: string): string => {
          const parsed = parseAddress(each);
          return items.map((one) => parsed !== null && matchAddressItem(each, parsed, one)).join();
        };
        expect(new Set(addressWitnesses(items).addresses.map(truth))).toContain(truth(probe));
      }),
      { seed: 6, numRuns: 600 },
    );
  });
  it('says when IPv6 text patterns meet IPv6 networks that it only sampled', () => {
    expect(addressWitnesses(parseAddressList('2001:db8:*,2001:db8::/32') ?? []).complete).toBe(false);
    expect(addressWitnesses(parseAddressList('10.1.*,2001:db8::/32') ?? []).complete).toBe(true);
  });
});
