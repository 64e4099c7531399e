/** One issuance, from a certificate or from words beside it. Pure, and never throws on what a log holds. */
import { parseCertificateLine } from '../../../openssh/certificate.js';
import type { Certificate, Issuance } from '../../types.js';

const FOREVER = 2n ** 64n - 1n;
const LATEST = 8.64e15;

/** What a log says beside, or instead of, the certificate. */
export type Told = Partial<Omit<Issuance, 'from' | 'certificate'>>;

/** The certificate's own fields; only what it cannot hold (time of issue, who asked, role) is taken from the log. */
export function fromCertificate(certificate: Certificate, from: string, told: Told = {}): Issuance {
  const { validAfter, validBefore } = certificate;
  return {
    issuedAt: told.issuedAt ?? null,
    serial: String(certificate.serial),
    keyId: certificate.keyId,
    principals: certificate.principals,
    validAfter,
    validBefore,
    lifetimeSeconds: lifetime(validAfter, validBefore),
    keyFingerprint: certificate.fingerprint,
    caFingerprint: certificate.caFingerprint,
    kind: certificate.kind,
    by: told.by ?? null,
    role: told.role ?? null,
    hashed: [],
    from,
    certificate,
  };
}

/** From the line of a `-cert.pub` file, without the bytes it was parsed from: a log may hold many. Null: it is none. */
export function certificateOf(line: string): Certificate | null {
  const parsed = parseCertificateLine(line.trim());
  if ('problem' in parsed) return null;
  const {
    plainBlob: _plain,
    caBlob: _ca,
    signedBytes: _signed,
    signature: _signature,
    ...certificate
  } = parsed;
  return certificate;
}

/** An issuance whose certificate is not known. */
export function fromWords(told: Told, from: string): Issuance {
  const { validAfter = null, validBefore = null } = told;
  return {
    issuedAt: told.issuedAt ?? null,
    serial: told.serial ?? null,
    keyId: told.keyId ?? null,
    principals: told.principals ?? null,
    validAfter,
    validBefore,
    lifetimeSeconds:
      validAfter !== null && validBefore !== null
        ? lifetime(validAfter, validBefore)
        : (told.lifetimeSeconds ?? null),
    keyFingerprint: told.keyFingerprint ?? null,
    caFingerprint: told.caFingerprint ?? null,
    kind: told.kind ?? 'unknown',
    by: told.by ?? null,
    role: told.role ?? null,
    hashed: told.hashed ?? [],
    from,
  };
}

function lifetime(after: bigint, before: bigint): bigint {
  if (before === FOREVER) return FOREVER;
  return before > after ? before - after : 0n;
}

/** When it was issued, for ordering: the log's time, else the beginning of its validity. Milliseconds, or -Infinity. */
export function issueTime({ issuedAt, validAfter }: Issuance): number {
  return issuedAt ?? (validAfter !== null && validAfter > 0n ? Number(validAfter) * 1000 : -Infinity);
}

/**
 * Newest first, each once: logs are rotated by copying, and folders hold copies.
 * A known certificate is itself; without one, two entries are the same when everything they tell is.
 */
export function ordered(issuances: readonly Issuance[]): Issuance[] {
  const byIdentity = new Map<string, Issuance>();
  for (const one of issuances) {
    const identity = JSON.stringify([
      one.serial,
      one.keyId,
      one.caFingerprint,
      one.keyFingerprint,
      String(one.validAfter),
      String(one.validBefore),
      one.certificate ? null : [one.issuedAt, one.principals, String(one.lifetimeSeconds), one.by, one.role],
    ]);
    const known = byIdentity.get(identity);
    if (!known || (known.issuedAt === null && one.issuedAt !== null)) byIdentity.set(identity, one);
  }
  return [...byIdentity.values()].sort((a, b) => {
    const [first, second] = [issueTime(a), issueTime(b)];
    return first === second ? 0 : second - first;
  });
}

/** ISO 8601 with a zone, or seconds (or milliseconds, or finer) since the epoch. Milliseconds, or null. */
export function instantOf(value: unknown): number | null {
  if (typeof value === 'number') return epoch(value);
  if (typeof value !== 'string' || value.length > 64) return null;
  if (/^\d{1,19}(?:\.\d{1,9})?$/.test(value)) return epoch(Number(value));
  // Without a zone the same text is another time on another machine.
  if (!/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*(?:Z|[+-]\d\d:?\d\d)$/i.test(value)) return null;
  const time = Date.parse(value.replace(' ', 'T').replace(/(\.\d{3})\d+/, '$1'));
  return Number.isNaN(time) ? null : time;
}

/** Seconds, milliseconds, micro- or nanoseconds, told apart by size: from 1973 on they do not overlap. */
function epoch(value: number): number | null {
  if (!Number.isFinite(value) || value < 0) return null;
  const scale = [1e11, 1e14, 1e17].findIndex((bound) => value < bound);
  const time = scale === -1 ? value / 1e6 : scale === 0 ? value * 1000 : scale === 1 ? value : value / 1000;
  return time <= LATEST ? Math.floor(time) : null;
}

/** A serial of at most 64 bits, as decimal text: digits, `0x` and hex, or an exact number. Null otherwise. */
export function decimalSerial(value: unknown): string | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? String(value) : null;
  if (typeof value !== 'string' || !/^(?:\d{1,20}|0x[0-9a-f]{1,16})$/i.test(value)) return null;
  const serial = BigInt(value);
  return serial <= FOREVER ? String(serial) : null;
}

/** Vault and OpenBao write `strconv.FormatUint(serial, 16)`: hex without prefix or padding. */
export function hexSerial(value: unknown): string | null {
  return typeof value === 'string' && /^[0-9a-f]{1,16}$/i.test(value) ? String(BigInt(`0x${value}`)) : null;
}

const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
};

/** Seconds as a number, `86400`, or in units as Go and OpenSSH write them: `24h`, `1h30m0s`, `forever`. */
export function secondsOf(value: unknown): bigint | null {
  if (typeof value === 'number')
    return Number.isFinite(value) && value >= 0 && value <= 1e18 ? BigInt(Math.floor(value)) : null;
  if (typeof value !== 'string' || value.length > 60) return null;
  const text = value.trim().toLowerCase();
  if (text === 'forever') return FOREVER;
  if (/^\d{1,18}s?$/.test(text)) return BigInt(text.replace('s', ''));
  if (!/^(?:\d{1,9}(?:\.\d{1,9})?(?:ns|us|µs|ms|s|m|h|d|w))+$/.test(text)) return null;
  let seconds = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|[smhdw])/g))
    seconds += Number(amount) * (UNITS[unit ?? 's'] ?? 1);
  return BigInt(Math.floor(seconds));
}

/** One or many, as a list or separated by commas; null when it is neither. At most 256, as OpenSSH takes. */
export function principalsOf(value: unknown): string[] | null {
  const list = typeof value === 'string' ? value.split(',') : value;
  if (!Array.isArray(list) || list.length > 256) return null;
  const names = list.map((name: unknown) => (typeof name === 'string' ? name.trim() : null));
  return names.some((name) => name === null || name.length > 4096)
    ? null
    : names.filter((name): name is string => name !== null && name !== '');
}

/** Bounded text, or null. */
export function textOf(value: unknown, limit = 4096): string | null {
  return typeof value === 'string' && value.length <= limit ? value : null;
}

/** `hmac-sha256:…`, as audit devices of Vault and OpenBao write what they keep back. */
export function isHashed(value: unknown): value is string {
  return typeof value === 'string' && /^hmac-sha\d{1,4}:/.test(value);
}

export type Fields = Readonly<Record<string, unknown>>;

/** A JSON object, or null. */
export function objectOf(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

/** The JSON object in a text, or null. Serials beyond 2^53 stay exact: they are quoted before JSON rounds them. */
export function parseObject(text: string): Fields | null {
  try {
    return objectOf(
      JSON.parse(
        text.replace(/("serial(?:_?number)?"\s{0,9}:\s{0,9})(\d{16,20})(?=\s{0,9}[,}])/gi, '$1"$2"'),
      ),
    );
  } catch {
    return null;
  }
}
