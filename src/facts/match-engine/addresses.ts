/**
 * IP addresses and Match address lists as sshd reads them (addr.c, addrmatch.c): numeric getaddrinfo, which
 * takes the short, octal and hexadecimal IPv4 forms of inet_aton; CIDR with zero host bits; else a text pattern.
 */
import { matchPattern } from './patterns.js';

export interface IpAddress {
  readonly bits: 32 | 128;
  readonly value: bigint;
  /** Interface scope of an IPv6 address, '' when none. */
  readonly scope: string;
}

export interface Cidr {
  readonly net: IpAddress;
  readonly length: number;
}

/** A numeric address, or null. */
export function parseAddress(text: string): IpAddress | null {
  return parseV4(text) ?? parseV6(text);
}

function parseV4(text: string): IpAddress | null {
  const parts = text.split('.');
  if (parts.length > 4) return null;
  const numbers: bigint[] = [];
  for (const part of parts) {
    const number = atonNumber(part);
    if (number === null) return null;
    numbers.push(number);
  }
  const last = numbers.pop() ?? 0n;
  if (numbers.some((number) => number > 255n) || last >= 1n << BigInt(32 - 8 * numbers.length)) return null;
  const value = numbers.reduce((sum, number, index) => sum | (number << BigInt(24 - 8 * index)), last);
  return { bits: 32, value, scope: '' };
}

function atonNumber(text: string): bigint | null {
  if (text.length > 32) return null;
  if (/^0[xX][0-9a-fA-F]+$/.test(text)) return BigInt(text);
  if (/^0[0-7]*$/.test(text)) return BigInt(`0o${text}`);
  return /^[1-9][0-9]*$/.test(text) ? BigInt(text) : null;
}

function parseV6(text: string): IpAddress | null {
  const [address = '', ...scopes] = text.split('%');
  const scope = scopes.join('%');
  if (scopes.length > 0 && !/^[\w.@-]+$/.test(scope)) return null;
  const halves = address.split('::');
  if (halves.length > 2) return null;
  const head = v6Groups(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? v6Groups(halves[1] ?? '', true) : [];
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...tail];
  const value = groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
  return { bits: 128, value, scope };
}

/** The 16-bit groups of one side of `::`; a dotted quad may stand at the very end. */
function v6Groups(text: string, last: boolean): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else {
      const quad = /^(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})$/.test(part) ? parseV4(part) : null;
      if (quad === null || !last || index !== parts.length - 1) return null;
      groups.push(Number(quad.value >> 16n), Number(quad.value & 0xffffn));
    }
  }
  return groups;
}

/** The text sshd would log for an address: canonical dotted quad or RFC 5952 IPv6. */
export function formatAddress(address: IpAddress): string {
  if (address.bits === 32) {
    return [24n, 16n, 8n, 0n].map((shift) => String((address.value >> shift) & 0xffn)).join('.');
  }
  const text = formatV6(address.value);
  return address.scope === '' ? text : `${text}%${address.scope}`;
}

function formatV6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number((value >> BigInt(112 - 16 * index)) & 0xffffn),
  );
  const dotted = value >> 32n === 0xffffn || (value >> 32n === 0n && value >> 16n !== 0n);
  const words = groups.map((group) => group.toString(16));
  if (dotted) words.splice(6, 2, formatAddress({ bits: 32, value: value & 0xffffffffn, scope: '' }));
  let best = { start: -1, length: 1 };
  for (let start = 0; start < words.length; start += 1) {
    let length = 0;
    while (words[start + length] === '0' && start + length < words.length) length += 1;
    if (length > best.length) best = { start, length };
  }
  if (best.start === -1) return words.join(':');
  return `${words.slice(0, best.start).join(':')}::${words.slice(best.start + best.length).join(':')}`;
}

/** `a.b.c.d/n`, `x::/n` or a bare address. `inconsistent`: host bits set or a mask too long, which sshd refuses. */
function parseCidr(text: string): Cidr | 'inconsistent' | null {
  if (text.length >= 64) return null;
  const slash = text.indexOf('/');
  const mask = slash === -1 ? null : text.slice(slash + 1);
  if (mask !== null && !/^\s*[+]?[0-9]{1,12}$/.test(mask)) return null;
  if (mask !== null && Number(mask) > 128) return null;
  const net = parseAddress(slash === -1 ? text : text.slice(0, slash));
  if (net === null) return null;
  const length = mask === null ? net.bits : Number(mask);
  if (length > net.bits || (net.value & hostMask(net.bits, length)) !== 0n) return 'inconsistent';
  return { net, length };
}

function hostMask(bits: number, length: number): bigint {
  return (1n << BigInt(bits - length)) - 1n;
}

/** Whether an address lies in a network; a scoped address is in no unscoped network. */
export function inCidr(address: IpAddress, { net, length }: Cidr): boolean {
  if (address.bits !== net.bits || address.scope !== net.scope) return false;
  const shift = BigInt(net.bits - length);
  return address.value >> shift === net.value >> shift;
}

export interface AddressItem {
  readonly negated: boolean;
  readonly text: string;
  /** null: compared as a text pattern. */
  readonly cidr: Cidr | null;
}

/** The items of a Match Address list, or null when sshd refuses the list. */
export function parseAddressList(list: string): AddressItem[] | null {
  const items: AddressItem[] = [];
  for (const part of list.split(',')) {
    const negated = part.startsWith('!');
    const text = negated ? part.slice(1) : part;
    const cidr = text === '' ? 'inconsistent' : parseCidr(text);
    if (cidr === 'inconsistent') return null;
    items.push({ negated, text, cidr });
  }
  return items;
}

/** Whether one item takes in `address`, which must be a numeric address to match anything. */
export function matchAddressItem(address: string, parsed: IpAddress, item: AddressItem): boolean {
  return item.cidr === null ? matchPattern(address, item.text) : inCidr(parsed, item.cidr);
}

/** 1: in the list; -1: a negated item decided; 0: not in it, or `address` is not an address. */
export function matchAddressList(address: string, items: readonly AddressItem[]): 1 | 0 | -1 {
  const parsed = parseAddress(address);
  if (parsed === null) return 0;
  let positive = false;
  for (const item of items) {
    if (!matchAddressItem(address, parsed, item)) continue;
    if (item.negated) return -1;
    positive = true;
  }
  return positive ? 1 : 0;
}
