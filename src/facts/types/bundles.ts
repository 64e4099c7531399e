/** The two bundles checks choose from, and what outlives a host. */
import type { Actor, Reading } from '../../model.js';
import type { ScheduledCommand, WrapperFile } from './actors.js';
import type { Certificate, FoundCertificate, FoundPrivateKey } from './credentials.js';
import type { AuthorizedKeysFile, CaFile, PrincipalsFile, RevokedKeysFile } from './keys.js';
import type { LoggingFacts, Login, LoginLog } from './logs.js';
import type { DaemonFacts, SshdFacts } from './sshd.js';
import type { Account, SystemInfo } from './system.js';

export interface HostFacts {
  readonly system: Reading<SystemInfo>;
  readonly accounts: Reading<readonly Account[]>;
  readonly sshd: Reading<SshdFacts>;
  readonly daemons: Reading<DaemonFacts>;
  readonly caFiles: Reading<readonly CaFile[]>;
  readonly revokedKeys: Reading<readonly RevokedKeysFile[]>;
  readonly authorizedKeys: Reading<readonly AuthorizedKeysFile[]>;
  readonly principalsFiles: Reading<readonly PrincipalsFile[]>;
  readonly certificates: Reading<readonly FoundCertificate[]>;
  readonly privateKeys: Reading<readonly FoundPrivateKey[]>;
  readonly schedules: Reading<readonly ScheduledCommand[]>;
  readonly wrappers: Reading<readonly WrapperFile[]>;
  readonly logins: Reading<LoginLog>;
  readonly logging: Reading<LoggingFacts>;
}

/** A certificate a CA issued, as its log tells. */
export interface IssuedCertificate {
  /** Milliseconds since the epoch; null when the log does not tell. */
  readonly issuedAt: number | null;
  readonly certificate: Certificate;
  /** Where it was read: `file:line`. */
  readonly from: string;
}

export interface Attestation {
  readonly kind: 'ca-custody' | 'wrapper-review' | 'break-glass-test' | 'sign-off' | 'quarterly-review';
  readonly subject: string;
  readonly by: string;
  readonly date: string;
  readonly expires: string;
  readonly evidence: string;
}

/** What an external system said about the CA (Vault, OpenBao). Grows with the sources. */
export interface CaCustody {
  readonly publicKeyFingerprints: readonly string[];
  readonly problems: readonly string[];
}

/** Fleet-scope evidence. A source that is not configured is `{ ok: false, reason: 'not-configured' }`. */
export interface FleetFacts {
  readonly certificateLog: Reading<readonly IssuedCertificate[]>;
  readonly vault: Reading<CaCustody>;
  readonly siem: Reading<{
    /** `host`: the inventory name it belongs to; absent when the store cannot tell. */
    readonly logins: readonly (Login & { readonly host?: string })[];
    /** Milliseconds since the epoch of the window that was asked for. */
    readonly coversFrom?: number;
    readonly coversTo?: number;
  }>;
  readonly attestations: Reading<readonly Attestation[]>;
}

/** What one host adds to the fleet's story; kept after the host's facts are dropped. */
export interface HostSummary {
  readonly host: string;
  /** Certificate logins with an expected CA, from trusted log lines: one row per key ID, account and UTC day. */
  readonly certificateLogins: readonly {
    readonly keyId: string;
    readonly actor: Actor | null;
    readonly account: string;
    readonly day: string;
    readonly count: number;
  }[];
  /** UTC days the host's log covers whole, oldest first. */
  readonly daysCovered: readonly string[];
}
