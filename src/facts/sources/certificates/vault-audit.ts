/**
 * Lines of a Vault or OpenBao audit device: one JSON object each, after an optional prefix. A certificate was issued by
 * every response without error to `MOUNT/sign/ROLE` and `MOUNT/issue/ROLE` of an SSH mount. Strings in request.data and
 * response.data are HMACs (`hmac-sha256:…`) unless the mount is tuned with audit_non_hmac_request_keys and
 * audit_non_hmac_response_keys. Vault 1.15 and later hash the numbers of a request, too, as the text they were sent as,
 * and write the keys of a line in the order of the alphabet, so that `time` comes last; others begin with it. Source:
 * Vault documentation, "Audit devices" and "SSH secrets engine (API)"; audit/entry_formatter.go; audit/format.go.
 */
import { fingerprint, parsePublicKeyLine } from '../../../openssh/public-key.js';
import type { HashedField, Issuance } from '../../types.js';
import {
  certificateOf,
  type Fields,
  fromCertificate,
  fromWords,
  hexSerial,
  instantOf,
  isHashed,
  objectOf,
  parseObject,
  principalsOf,
  secondsOf,
  textOf,
} from './issuance.js';

/** Answers of `sys/audit-hash/DEVICE`: HMAC to the value that was asked about. */
export type AuditHashes = ReadonlyMap<string, string>;

export interface AuditLine {
  readonly state: 'issued' | 'other' | 'unreadable';
  /** What is kept of an issuance: never tokens, accessors or private keys, which `issue` answers with. */
  readonly kept?: Fields;
  /** Milliseconds since the epoch. */
  readonly time: number | null;
}

/** Whether a line may tell of signing: what does not hold it need not be parsed. */
export const SIGNS = /\\?\/(?:sign|issue)\\?\//;
/** Where a line's own time stands: behind the first bracket, or before the last. Elsewhere it is somebody's data. */
const TIME_FIRST = /^[^{"]{0,300}\{\s{0,3}"time"\s{0,3}:\s{0,3}"([^"]{20,40})"/;
const TIME_LAST =
  /"time"\s{0,3}:\s{0,3}"([^"]{20,40})"(?:\s{0,3},\s{0,3}"type"\s{0,3}:\s{0,3}"\w{1,20}")?\s{0,3}\}\s*$/;
const PATH = /^(?:.*\/)?(?:sign|issue)\/[^/]+$/;

/** One raw line. `mounts`: only these, e.g. `ssh/`; empty: every SSH mount. */
export function readAuditLine(text: string, mounts: readonly string[]): AuditLine {
  if (!SIGNS.test(text)) return { state: 'other', time: timeIn(text) };
  const line = parseObject(text.slice(Math.max(0, text.indexOf('{'))));
  return line === null ? { state: 'unreadable', time: null } : auditLineOf(line, mounts);
}

/** The same, of a line that was parsed. */
export function auditLineOf(line: Fields, mounts: readonly string[]): AuditLine {
  const time = instantOf(line['time']);
  const kept = slim(line, mounts);
  return kept === null ? { state: 'other', time } : { state: 'issued', kept, time };
}

/** Without parsing: most lines of a device tell of other things, and only show that it was on. */
function timeIn(text: string): number | null {
  return instantOf((TIME_FIRST.exec(text.slice(0, 400)) ?? TIME_LAST.exec(text.slice(-200)))?.[1]);
}

/** The parts an issuance is read from, or null when the line tells of none. */
function slim(line: Fields, mounts: readonly string[]): Fields | null {
  const request = objectOf(line['request']) ?? {};
  const response = objectOf(line['response']);
  const answer = objectOf(response?.['data']) ?? {};
  const path = textOf(request['path']);
  if (line['type'] !== 'response' || path === null || !PATH.test(path) || response === null) return null;
  if (textOf(line['error']) || 'error' in answer) return null;
  const mount = textOf(request['mount_point']) ?? path.replace(/(?:sign|issue)\/[^/]+$/, '');
  const type = textOf(request['mount_type']) ?? textOf(response['mount_type']);
  // PKI mounts have the same paths, and serial numbers too.
  if (type === null ? !('signed_key' in answer) : type !== 'ssh') return null;
  if (mounts.length > 0 && !mounts.some((name) => `${name}/`.replace(/\/+$/, '/') === mount)) return null;
  const asked = objectOf(request['data']) ?? {};
  const auth = objectOf(line['auth']) ?? {};
  return {
    time: line['time'],
    id: textOf(request['id']),
    path,
    namespace: textOf(objectOf(request['namespace'])?.['path']),
    by: textOf(auth['display_name']),
    username: textOf(objectOf(auth['metadata'])?.['username']),
    asked: pick(asked, ['key_id', 'valid_principals', 'ttl', 'cert_type', 'public_key']),
    answered: pick(answer, ['serial_number', 'signed_key']),
  };
}

function pick(fields: Fields, keys: readonly string[]): Fields {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = fields[key];
      return typeof value === 'number' || textOf(value, 400_000) !== null ? [[key, value]] : [];
    }),
  );
}

/** From what {@link readAuditLine} kept. */
export function issuanceOfAudit(kept: unknown, from: string, hashes: AuditHashes): Issuance | null {
  const fields = objectOf(kept);
  const path = textOf(fields?.['path']);
  if (fields === null || path === null) return null;
  const asked = objectOf(fields['asked']) ?? {};
  const answered = objectOf(fields['answered']) ?? {};
  const hashed: HashedField[] = [];
  const clear = (value: unknown, field: HashedField): unknown => {
    if (!isHashed(value)) return value;
    const known = hashes.get(value);
    if (known === undefined) hashed.push(field);
    return known;
  };
  const told = {
    issuedAt: instantOf(fields['time']),
    by: textOf(fields['by']) || textOf(fields['username']),
    role: `${textOf(fields['namespace']) ?? ''}${path}`,
  };
  const signed = textOf(clear(answered['signed_key'], 'certificate'), 400_000);
  const certificate = signed === null ? null : certificateOf(signed);
  if (certificate) return fromCertificate(certificate, from, told);
  const type = textOf(clear(asked['cert_type'], 'kind'));
  return fromWords(
    {
      ...told,
      serial: hexSerial(clear(answered['serial_number'], 'serial')),
      keyId: textOf(clear(asked['key_id'], 'keyId')),
      principals: named(clear(asked['valid_principals'], 'principals')),
      // A ttl beyond the role's is refused, never shortened: what was asked for is what was given.
      lifetimeSeconds: positive(secondsOf(clear(asked['ttl'], 'lifetime'))),
      keyFingerprint: fingerprintOf(clear(asked['public_key'], 'key')),
      kind: hashed.includes('kind') ? 'unknown' : type === 'host' ? 'host' : 'user',
      hashed,
    },
    from,
  );
}

/** Nothing asked for: the role's default applies, which the log does not tell. */
function named(value: unknown): string[] | null {
  const names = principalsOf(value);
  return names === null || names.length === 0 ? null : names;
}

function positive(seconds: bigint | null): bigint | null {
  return seconds === 0n ? null : seconds;
}

function fingerprintOf(value: unknown): string | null {
  const key = parsePublicKeyLine(textOf(value, 100_000)?.trim() ?? '');
  return key === null ? null : fingerprint(key.blob);
}

/** The request an audit line answers: several devices write the same one, each with HMACs of its own. */
export function requestOf(kept: unknown): string | null {
  return textOf(objectOf(kept)?.['id'], 100);
}

/** Lines of `{"input": …, "hash": "hmac-sha256:…"}`, the question and the answer of `sys/audit-hash`. */
export function auditHashes(text: string): AuditHashes {
  const hashes = new Map<string, string>();
  for (const line of text.split('\n').slice(0, 100_000)) {
    const fields = line.trim() === '' ? null : parseObject(line);
    const hash = textOf(fields?.['hash'] ?? objectOf(fields?.['data'])?.['hash'], 200);
    const input = textOf(fields?.['input'], 400_000);
    if (hash !== null && isHashed(hash) && input !== null) hashes.set(hash, input);
  }
  return hashes;
}
