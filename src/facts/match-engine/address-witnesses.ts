/**
 * Addresses that between them are in and out of a set of networks and text patterns in every way possible.
 * Networks nest or are disjoint, so one address per network outside its sub-networks is enough; text patterns over
 * IPv4 are run octet by octet over all 2^32 addresses; text patterns over IPv6 are sampled.
 */
import {
  formatAddress,
  inCidr,
  parseAddress,
  type AddressItem,
  type Cidr,
  type IpAddress,
} from './addresses.js';
import { v4TextWitnesses } from './v4-text.js';

export interface AddressWitnesses {
  /** Most ordinary first. */
  readonly addresses: readonly string[];
  readonly complete: boolean;
}

const ORDINARY_V4 = ['192.0.2.1', '198.51.100.1', '203.0.113.1'];
const ORDINARY_V6 = ['2001:db8::1', '2001:db8:ffff::1'];
/** A client without an IP address (a Unix or vsock socket): in no list at all, not even `*`. */
const NO_ADDRESS = 'UNKNOWN';
/** A scoped link-local client is in no unscoped network, `::/0` included. */
const SCOPED = 'fe80::1%1';

/** Most networks and patterns looked at. */
const MOST_ITEMS = 600;

/** Witnesses for all items of the given lists. */
export function addressWitnesses(all: readonly AddressItem[]): AddressWitnesses {
  const distinct = [...new Map(all.map((item) => [item.text, item])).values()];
  const items = distinct.slice(0, MOST_ITEMS);
  const cidrs = items.flatMap(({ cidr }) => (cidr === null ? [] : [cidr]));
  const texts = [
    ...new Set(items.flatMap(({ cidr, text }) => (cidr === null && !/^\*+$/.test(text) ? [text] : []))),
  ];
  const four = v4TextWitnesses(
    texts,
    cidrs.filter(({ net }) => net.bits === 32),
  );
  const perNetwork = [...wholeSpaces(), ...cidrs].flatMap((net) => freeAddress(net, cidrs));
  const sampled = texts.flatMap(sampleV6);
  const addresses = [...perNetwork, ...four.addresses, ...sampled, SCOPED, NO_ADDRESS];
  const overV6 = texts.filter((text) => !text.includes('.')).length;
  const sixes = overV6 + cidrs.filter(({ net }) => net.bits === 128).length;
  const complete = items.length === distinct.length && four.complete && (overV6 === 0 || sixes < 2);
  return { addresses: [...new Set(addresses)], complete };
}

function wholeSpaces(): Cidr[] {
  return [
    { net: { bits: 32, value: 0n, scope: '' }, length: 0 },
    { net: { bits: 128, value: 0n, scope: '' }, length: 0 },
  ];
}

/** An address of `space` in none of the networks strictly inside it, when there is one. */
function freeAddress(space: Cidr, all: readonly Cidr[]): string[] {
  const inside = all.filter((other) => other.length > space.length && inCidr(other.net, space));
  const ends = inside.map(({ net, length }) => net.value + (1n << BigInt(net.bits - length)));
  const ordinary = (space.net.bits === 32 ? ORDINARY_V4 : ORDINARY_V6).flatMap(
    (text) => parseAddress(text)?.value ?? [],
  );
  const base = space.net.value;
  const tried = [...ordinary, base + 1n, base, ...ends.map((end) => end + 1n), ...ends];
  const found = tried
    .map((value): IpAddress => ({ bits: space.net.bits, scope: space.net.scope, value }))
    .find(
      (address) =>
        address.value >> BigInt(address.bits) === 0n &&
        inCidr(address, space) &&
        !inside.some((net) => inCidr(address, net)),
    );
  return found === undefined ? [] : [formatAddress(found)];
}

const RUNS = ['', '1', '0', '::1', '1::1', ':1', '1:2:3', 'ffff'];
const SINGLES = ['1', 'a', ':'];
/** Most texts tried per pattern. */
const MOST_SAMPLES = 4096;

/** IPv6 addresses whose text matches a pattern, by filling its wildcards. */
function sampleV6(pattern: string): string[] {
  if (pattern.includes('.') || !/^[0-9a-fA-F:*?%]*$/.test(pattern)) return [];
  let texts = [''];
  for (const char of pattern) {
    const choices = char === '*' ? RUNS : char === '?' ? SINGLES : [char];
    texts = texts.flatMap((text) => choices.map((choice) => text + choice)).slice(0, MOST_SAMPLES);
  }
  const parsed = texts.map(parseAddress).filter((address) => address?.bits === 128);
  return parsed.flatMap((address) => (address === null ? [] : [formatAddress(address)])).slice(0, 64);
}
