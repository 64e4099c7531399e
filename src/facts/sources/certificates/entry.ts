/**
 * One line of a certificate log in our own JSON Lines format. A line is an object; every key is optional, but it must
 * tell the certificate, a serial or a key ID. Other spellings in common use are understood. See docs/sources/certificates.md.
 */
import type { Issuance } from '../../types.js';
import {
  certificateOf,
  decimalSerial,
  type Fields,
  fromCertificate,
  fromWords,
  instantOf,
  objectOf,
  principalsOf,
  secondsOf,
  textOf,
} from './issuance.js';

const FOREVER = 2n ** 64n - 1n;

const SPELLINGS = {
  issuedAt: ['issued_at', 'issuedAt', 'time', 'timestamp', '@timestamp', 'date'],
  certificate: ['certificate', 'cert', 'signed_key', 'ssh_certificate', 'crt'],
  serial: ['serial', 'serial_number', 'serialNumber'],
  keyId: ['key_id', 'keyId', 'keyid', 'key_identity', 'identity'],
  principals: ['principals', 'valid_principals', 'validPrincipals'],
  validAfter: ['valid_after', 'validAfter', 'not_before'],
  validBefore: ['valid_before', 'validBefore', 'not_after', 'expires'],
  lifetime: ['lifetime', 'ttl', 'lifetime_seconds'],
  keyFingerprint: ['key_fingerprint', 'keyFingerprint', 'public_key_fingerprint', 'fingerprint'],
  caFingerprint: ['ca_fingerprint', 'caFingerprint', 'signing_ca'],
  kind: ['cert_type', 'certType', 'kind', 'type'],
  by: ['by', 'requested_by', 'requestedBy', 'requester', 'user', 'username'],
  role: ['role'],
} as const;

type Name = keyof typeof SPELLINGS;

/** What is kept of a line: the keys above under their first spelling, and nothing else. Null: it tells no issuance. */
export function slimEntry(line: Fields): Fields | null {
  const kept: Record<string, unknown> = {};
  for (const [first, ...others] of Object.values(SPELLINGS)) {
    const spelling = [first, ...others].find((key) => Object.hasOwn(line, key));
    const value = spelling === undefined ? undefined : line[spelling];
    if (plain(value)) kept[first] = value;
  }
  return ['certificate', 'serial', 'key_id'].some((key) => key in kept) ? kept : null;
}

function plain(value: unknown): boolean {
  if (Array.isArray(value)) return value.length <= 256 && value.every((item) => textOf(item) !== null);
  return typeof value === 'number' || textOf(value, 400_000) !== null;
}

/** @returns null when the line tells no issuance, or holds a certificate that cannot be read. */
export function issuanceOfEntry(entry: unknown, from: string): Issuance | null {
  const fields = objectOf(entry);
  if (fields === null) return null;
  const value = (name: Name): unknown => fields[SPELLINGS[name][0]];
  const issuedAt = instantOf(value('issuedAt'));
  const by = textOf(value('by'));
  const role = textOf(value('role'));
  const text = textOf(value('certificate'), 400_000);
  if (text !== null) {
    const certificate = certificateOf(text);
    return certificate && fromCertificate(certificate, from, { issuedAt, by, role });
  }
  const serial = decimalSerial(value('serial'));
  const keyId = textOf(value('keyId'));
  if (serial === null && keyId === null) return null;
  const kind = textOf(value('kind')) ?? 'user';
  return fromWords(
    {
      issuedAt,
      serial,
      keyId,
      principals: principalsOf(value('principals')),
      validAfter: boundOf(value('validAfter')),
      validBefore: boundOf(value('validBefore')),
      lifetimeSeconds: secondsOf(value('lifetime')),
      keyFingerprint: fingerprintOf(value('keyFingerprint')),
      caFingerprint: fingerprintOf(value('caFingerprint')),
      kind: /host/i.test(kind) ? 'host' : 'user',
      by,
      role,
    },
    from,
  );
}

/** The line's own time, milliseconds. */
export function timeOfEntry(entry: Fields): number | null {
  return instantOf(entry['issued_at']);
}

/** An instant, or `always` and `forever` as ssh-keygen says them, in seconds. */
function boundOf(value: unknown): bigint | null {
  if (value === 'always') return 0n;
  if (value === 'forever') return FOREVER;
  if (value === String(FOREVER)) return FOREVER;
  const time = instantOf(value);
  return time === null ? null : BigInt(Math.floor(time / 1000));
}

function fingerprintOf(value: unknown): string | null {
  const text = textOf(value, 60);
  return text !== null && /^SHA256:[A-Za-z0-9+/]{43}$/.test(text) ? text : null;
}
