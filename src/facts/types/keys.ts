/** Keys, CAs and principals. */
import type { CollectedFile } from './files.js';

/** A public key as read from a line. */
export interface PublicKey {
  /** e.g. `ssh-ed25519`. */
  readonly type: string;
  /** `SHA256:…`, of the plain key even when the line holds a certificate. */
  readonly fingerprint: string;
  readonly comment: string;
}

/** A TrustedUserCAKeys file, read the way sshd reads it. */
export interface CaFile {
  readonly file: CollectedFile;
  /** Keys sshd would trust: the scan stops at the first line it cannot parse. */
  readonly trusted: readonly (PublicKey & { readonly line: number })[];
  /** Where the scan stopped, and what follows is dead. */
  readonly stoppedAt?: {
    readonly line: number;
    readonly text: string;
    readonly deadKeys: readonly PublicKey[];
  };
  /** Accounts whose effective configuration names this file. */
  readonly accounts: readonly string[];
}

export interface RevokedKeysFile {
  readonly file: CollectedFile;
  readonly format: 'krl' | 'text' | 'empty' | 'invalid';
  readonly detail: string;
  /** What it revokes, as far as it can be listed. */
  readonly keys: readonly string[];
  readonly serials: readonly { readonly ca: string; readonly from: string; readonly to: string }[];
  readonly keyIds: readonly string[];
  readonly caKeys: readonly string[];
  readonly krlVersion?: string;
  /** Fingerprints of keys in this host's CA files that it revokes. */
  readonly revokedCas?: readonly string[];
}

/** One line of an authorized_keys file that is not blank or comment. */
export interface AuthorizedKeyLine {
  readonly line: number;
  /** sshd would accept the line. */
  readonly valid: boolean;
  readonly key?: PublicKey;
  /** Option names lower-cased; values unquoted; flags have ''. */
  readonly options: readonly { readonly name: string; readonly value: string }[];
  readonly certAuthority: boolean;
  /** Why sshd would ignore the line, or what is odd about one it would take. */
  readonly problem?: string;
  /** First 200 characters. */
  readonly text: string;
}

export interface AuthorizedKeysFile {
  /** Null: it lies where such files lie, for a name that is no account. */
  readonly account: string | null;
  readonly file: CollectedFile;
  readonly lines: readonly AuthorizedKeyLine[];
  /** Whether some effective configuration makes sshd read it, or it merely lies where defaults look. */
  readonly effective: boolean;
}

/** One line of a principals file that is not blank or comment. */
export interface PrincipalLine {
  readonly line: number;
  /** The principal sshd would compare: the last blank-separated word. */
  readonly principal: string;
  readonly options: readonly { readonly name: string; readonly value: string }[];
  /** sshd would honour the line. */
  readonly valid: boolean;
  readonly problem?: string;
  readonly text: string;
}

export interface PrincipalsFile {
  /** The account whose effective path this is, or null for a file no account uses. */
  readonly account: string | null;
  readonly file: CollectedFile;
  readonly lines: readonly PrincipalLine[];
}
