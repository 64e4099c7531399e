/** What a CA issued, as its log tells. */
import type { Certificate } from './credentials.js';

/** A part of an issuance a log may keep back by writing only its HMAC. */
export type HashedField = 'serial' | 'certificate' | 'keyId' | 'principals' | 'lifetime' | 'key' | 'kind';

/**
 * One certificate a CA issued. Null: the log does not tell. When the certificate itself is known, every other part is
 * read from its bytes, never from what stands beside it.
 */
export interface Issuance {
  /** Milliseconds since the epoch. */
  readonly issuedAt: number | null;
  /** Decimal. */
  readonly serial: string | null;
  readonly keyId: string | null;
  readonly principals: readonly string[] | null;
  /** Seconds since the epoch, as in {@link Certificate}. */
  readonly validAfter: bigint | null;
  readonly validBefore: bigint | null;
  /** Seconds; also where only a requested ttl is known. 2^64-1: forever. */
  readonly lifetimeSeconds: bigint | null;
  /** `SHA256:…` of the certified key. */
  readonly keyFingerprint: string | null;
  readonly caFingerprint: string | null;
  readonly kind: 'user' | 'host' | 'unknown';
  /** Who asked for it. */
  readonly by: string | null;
  /** The role it was asked of, e.g. `ssh/sign/adm`. */
  readonly role: string | null;
  /** What the log holds only as an HMAC. */
  readonly hashed: readonly HashedField[];
  /** Where it was read: `file:line`. */
  readonly from: string;
  readonly certificate?: Certificate;
}

/** Milliseconds since the epoch: every issuance between them is in the log. Null: nothing says so. */
export interface Coverage {
  readonly from: number | null;
  readonly to: number | null;
}

export interface IssuanceLog {
  /** Newest first, without doubles. */
  readonly issuances: readonly Issuance[];
  readonly coverage: Coverage;
  /** Things that take nothing from what was read, but that a reader must know. */
  readonly remarks: readonly string[];
}
