/** The two bundles checks choose from, and what outlives a host. */
import type { Actor } from '../../model/inventory.js';
import type { Attestation } from '../../model/policy.js';
import type { Reading } from '../../model/reading.js';
import type { SessionLog, SudoersFacts } from './access.js';
import type { ScheduledCommand, WrapperFile } from './actors.js';
import type { AuditorCloud, CloudKey } from './cloud.js';
import type { FoundCertificate, FoundPrivateKey } from './credentials.js';
import type { CaCustody } from './custody.js';
import type { IssuanceLog } from './issuance.js';
import type { AuthorizedKeysFile, CaFile, PrincipalsFile, RevokedKeysFile } from './keys.js';
import type { LoggingFacts, Login, LoginLog } from './logs.js';
import type { AlgorithmOffer } from './offer.js';
import type { Person } from './people.js';
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
  /** From the handshake, not from a probe. */
  readonly offer: Reading<AlgorithmOffer>;
  /** Not collected with `--no-access`. */
  readonly sudoers: Reading<SudoersFacts>;
  readonly sessions: Reading<SessionLog>;
  /** Access keys of a cloud that never expire. */
  readonly cloudKeys: Reading<readonly CloudKey[]>;
}

/** Where the inventory stands in Git. */
export interface GitFacts {
  /** The commit that was checked out. */
  readonly commit: string;
  /** Whether the inventory file is in that commit, without local changes. */
  readonly tracked: boolean;
  readonly clean: boolean;
  /** Whether the commit is on the upstream branch; null when there is no upstream or it could not be asked. */
  readonly pushed: boolean | null;
  /** `origin/main` and its URL, without credentials; empty without one. */
  readonly upstream: string;
  /** The newest commit that declares closure (section 6.3). */
  readonly signOff: {
    readonly commit: string;
    readonly by: string;
    readonly date: string;
    /** `good`, `unsigned`, or what Git says is wrong. */
    readonly signature: string;
  } | null;
  /** How many hosts the inventory named, oldest first; for growth. */
  readonly hostCounts: readonly { readonly date: string; readonly hosts: number }[];
}

export interface PipelineRun {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly finishedAt: number | null;
  readonly result: 'success' | 'failure' | 'cancelled' | 'running' | 'unknown';
  /** `schedule`, `push` … as the system names it. */
  readonly trigger: string;
  readonly url: string;
}

/** The pipeline that applies the host configuration. */
export interface PipelineFacts {
  /** Its name and where it is. */
  readonly pipeline: string;
  /** Newest first. */
  readonly runs: readonly PipelineRun[];
  /** Milliseconds since the epoch: runs from then on are all in `runs`. */
  readonly coversFrom: number;
}

/** A login as the central log store holds it. */
export interface StoredLogin extends Login {
  /** The inventory name it belongs to, or what the store calls the host; absent when the store cannot tell. */
  readonly host?: string;
  /** What the store itself calls the host. */
  readonly label?: string;
}

export interface SiemFacts {
  readonly logins: readonly StoredLogin[];
  /** Milliseconds since the epoch of the closed window that was asked for. */
  readonly coversFrom?: number;
  readonly coversTo?: number;
  /** Lines that were there more than once. */
  readonly duplicates?: number;
  /** Names are compared up to the first dot. */
  readonly shortNames?: boolean;
}

/** Fleet-scope evidence. A source that is not configured is `{ ok: false, reason: 'not-configured' }`. */
export interface FleetFacts {
  readonly certificateLog: Reading<IssuanceLog>;
  readonly vault: Reading<CaCustody>;
  readonly siem: Reading<SiemFacts>;
  readonly attestations: Reading<readonly Attestation[]>;
  readonly git: Reading<GitFacts>;
  readonly pipeline: Reading<PipelineFacts>;
  readonly people: Reading<readonly Person[]>;
  /** The auditor's own credentials. */
  readonly cloud: Reading<AuditorCloud>;
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
  /** Public halves of private keys that lie on it, and whose they are; its host keys apart. Sorted, without doubles. */
  readonly privateKeys: readonly KeyPlace[];
  /** Fingerprints of the host keys that lie where sshd reads them. Sorted, without doubles. */
  readonly hostKeys: readonly string[];
  /** Set when some private key may be missing from the list. */
  readonly privateKeysPartial?: true;
}

/** A key and the account that holds it, or that it opens. */
export interface KeyPlace {
  readonly account: string;
  /** `SHA256:…` */
  readonly fingerprint: string;
}

/** Something a host was reached through: what it is, what tells it apart, and its name for people. */
export interface FleetWay {
  readonly kind: 'bastion' | 'jump user' | 'identity';
  readonly key: string;
  readonly name: string;
}

/** What hosts are compared by, once all of them were judged alone. */
export interface FleetHost {
  readonly name: string;
  readonly environment?: string;
  /** Something was read of it. */
  readonly reached: boolean;
  /** Where this run reached it: `address:port`. */
  readonly address?: string;
  /** What it was reached through and as whom; absent: nothing tells. */
  readonly ways?: readonly FleetWay[];
  /** Fingerprints of its host keys: of the one that was verified, and of those that lie on it. */
  readonly hostKeys: readonly string[];
  readonly privateKeys: readonly KeyPlace[];
  /** Keys in authorized_keys files that open an account. */
  readonly staticKeys: readonly KeyPlace[];
  /** Both lists hold everything there is. */
  readonly keysWhole: boolean;
}

/** Every host of a run. */
export interface FleetIndex {
  /** By name. */
  readonly hosts: readonly FleetHost[];
  /** How many hosts the inventory has: a run may have asked only some. */
  readonly inventoryHosts: number;
}
