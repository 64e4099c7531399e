/** Certificates and private keys found lying on the host. */
import type { FileStat } from './files.js';

/** An OpenSSH certificate, parsed from its bytes. Integers that may exceed 2^53 are bigint. */
export interface Certificate {
  readonly type: string;
  readonly kind: 'user' | 'host' | 'unknown';
  readonly serial: bigint;
  readonly keyId: string;
  readonly principals: readonly string[];
  /** Seconds since the epoch; 0 means always. */
  readonly validAfter: bigint;
  /** Seconds since the epoch; 2^64-1 means forever. */
  readonly validBefore: bigint;
  readonly criticalOptions: readonly { readonly name: string; readonly value: string }[];
  readonly extensions: readonly { readonly name: string; readonly value: string }[];
  readonly fingerprint: string;
  readonly caFingerprint: string;
  readonly caType: string;
  readonly signatureAlgorithm: string;
  readonly signatureValid: boolean;
}

export interface FoundCertificate {
  readonly path: string;
  readonly line: number;
  readonly owner: string;
  readonly stat: FileStat;
  readonly certificate: Certificate;
}

export interface FoundPrivateKey {
  readonly path: string;
  /** Where its armour begins, when the file is text. */
  readonly line?: number;
  readonly owner: string;
  readonly stat: FileStat;
  readonly format: 'openssh' | 'pem' | 'pkcs8' | 'putty' | 'ssh1' | 'other';
  readonly encrypted: boolean;
  /** A FIDO key handle: useless without the device. */
  readonly hardwareBound: boolean;
  readonly keyType?: string;
  /** `SHA256:…` of its public half when the header tells. */
  readonly fingerprint?: string;
}
