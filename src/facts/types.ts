/**
 * What the checks are told about a host and about the fleet: shapes only, no code, no Node types.
 * Every value was parsed from host-controlled text; strings are unescaped and untrusted.
 */
import type { Actor, Reading } from '../model.js';

// ---------------------------------------------------------------------------------------------
// Files

export type FileKind = 'file' | 'dir' | 'link' | 'fifo' | 'socket' | 'char' | 'block' | 'missing' | 'other';

/** lstat of a path, plus where it leads. */
export interface FileStat {
  readonly path: string;
  readonly kind: FileKind;
  /** Permission bits, e.g. 0o644. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes. */
  readonly size: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
  readonly ctime: number;
}

/** A file the collector was asked to read. */
export interface CollectedFile {
  /** The path as configured (tokens expanded). */
  readonly path: string;
  /** Where it leads after symlinks; equals `path` when there are none. */
  readonly realpath: string;
  /** The final object, symlinks followed. `kind: 'missing'` when nothing is there. */
  readonly stat: FileStat;
  /** Every directory from `/` down to the file, of the path as named and of the real path, without doubles. */
  readonly parents: readonly FileStat[];
  /** `ok`: `bytes` is all of it. `cut`: only the first part. Else there are no bytes. */
  readonly status: 'ok' | 'cut' | 'missing' | 'denied' | 'not-regular' | 'too-large' | 'timeout' | 'failed';
  readonly bytes: Uint8Array;
}

// ---------------------------------------------------------------------------------------------
// Accounts and system

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
  /** Names of all groups, primary first. Empty when they could not be resolved. */
  readonly groups: readonly string[];
  /** `nss`: getent enumerated it. `lookup`: only found by name (home folder, principals file, log). */
  readonly source: 'nss' | 'lookup';
  /** From the shadow database, never the hash: absent when unreadable. */
  readonly password?: 'set' | 'locked' | 'none' | 'empty';
}

export interface SystemInfo {
  readonly hostname: string;
  /** /etc/os-release ID and VERSION_ID. */
  readonly os: { readonly id: string; readonly version: string; readonly pretty: string };
  readonly kernel: string;
  /** Seconds since the epoch by the host's own clock when collected. */
  readonly clock: number;
  /** Auditor's clock minus the host's, seconds; null when unknown. */
  readonly skew: number | null;
}

// ---------------------------------------------------------------------------------------------
// sshd

/** The attributes `sshd -T -C` takes. */
export interface Connection {
  readonly user: string;
  readonly host: string;
  readonly address: string;
  readonly localAddress: string;
  readonly localPort: number;
  /** Routing domain (VRF) it came in by; absent: not given to sshd, so no `Match RDomain` holds. */
  readonly rdomain?: string;
}

export interface Origin {
  readonly path: string;
  readonly line: number;
}

/** An sshd that is started besides the host's main one, with a program, options or a file of its own. */
export interface OtherDaemon {
  /** e.g. `/usr/sbin/sshd -f /etc/ssh/sshd_rescue`. The same from run to run. */
  readonly command: string;
  /** `pid 812`, or the unit or line that starts it. */
  readonly startedBy: string;
  /** The file it reads first. */
  readonly configFile: string;
}

/**
 * One effective configuration some user on some connection gets, with a witness.
 * `settings` holds lower-case keywords as `sshd -T` prints their values; keywords that print several lines
 * (port, listenaddress, allowusers …) have several entries, all others one.
 */
export interface SshdCase {
  readonly witness: Connection;
  /** Accounts of this host that can get it. */
  readonly accounts: readonly string[];
  readonly settings: Readonly<Record<string, readonly string[]>>;
  /** Where a value was set, when known; absent keyword = compiled default or unknown. */
  readonly origins: Readonly<Record<string, Origin>>;
  /** `sshd`: printed by the host's own `sshd -T -C`. `engine`: derived from the configuration text. */
  readonly by: 'sshd' | 'engine';
  /** What must come true first, e.g. `an account in group contractors`: the case is for accounts this host may get later. */
  readonly assumes?: string;
  /** The sshd that would do so; absent: the host's main one. */
  readonly daemon?: OtherDaemon;
}

export interface SshdVersion {
  /** e.g. `OpenSSH_9.2p1 Debian-2+deb12u10`. */
  readonly text: string;
  readonly major: number;
  readonly minor: number;
}

export interface ConfigFile {
  readonly path: string;
  readonly stat: FileStat;
  readonly text: string;
}

/** One Match block that sets something, for pointing at. */
export interface MatchBlock {
  readonly at: Origin;
  readonly criteria: string;
  readonly settings: Readonly<Record<string, { readonly value: string; readonly at: Origin }>>;
}

export interface SshdFacts {
  readonly binary: string;
  readonly version: SshdVersion | null;
  /** Files sshd read, in the order it read them. */
  readonly files: readonly ConfigFile[];
  /**
   * Every effective configuration found: all accounts, all Match witnesses, of every sshd that is started here. Never
   * empty when the reading is ok.
   */
  readonly cases: readonly SshdCase[];
  readonly matchBlocks: readonly MatchBlock[];
}

/** A process that accepts SSH logins. */
export interface SshListener {
  /** 0 when it is started anew for every connection. */
  readonly pid: number;
  /** The unit or line of a super-server that starts it for every connection. */
  readonly onDemand?: string;
  /** `sshd`, `dropbear`, `tailscaled` … */
  readonly program: string;
  readonly executable: string;
  readonly commandLine: string;
  /** Seconds since the epoch; null when unknown. */
  readonly startedAt: number | null;
  /** `address:port` it listens on; empty when unknown. */
  readonly sockets: readonly string[];
  /** Options on the command line that override files: `-o Keyword=value` as given. */
  readonly overrides: readonly { readonly keyword: string; readonly value: string }[];
  /** `-f FILE`, when it is not the default configuration. */
  readonly configFile?: string;
}

export interface DaemonFacts {
  readonly listeners: readonly SshListener[];
  /** Unit or socket names that start an SSH server, with what they run. */
  readonly units: readonly { readonly name: string; readonly execStart: string; readonly active: boolean }[];
  /** Configuration files changed after the daemon that uses them started. */
  readonly newerThanDaemon: readonly { readonly path: string; readonly pid: number; readonly by: number }[];
  /** Other executables called sshd, earlier in PATH than the running one. */
  readonly impostors: readonly string[];
  /** What running daemons offered a login that tried nothing. */
  readonly offered?: readonly OfferedMethods[];
}

/** One connection from the host to its own daemon, with the method `none` alone. Source: RFC 4252, section 5.2. */
export interface OfferedMethods {
  readonly pid: number;
  /** The login name that was asked for, and `address:port`. */
  readonly user: string;
  readonly address: string;
  /** `refused`: with `methods` left to try. `entered`: a session opened, with nothing shown. `unclear`: neither. */
  readonly answer: 'refused' | 'entered' | 'unclear';
  readonly methods: readonly string[];
  /** What the client said. */
  readonly text: string;
  /** The same as in the cases of {@link SshdFacts}; absent: the main one. Null: its configuration was not evaluated. */
  readonly daemon?: OtherDaemon | null;
}

// ---------------------------------------------------------------------------------------------
// Keys, CAs, principals

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

// ---------------------------------------------------------------------------------------------
// Certificates and private keys found lying on the host

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

// ---------------------------------------------------------------------------------------------
// Actors: what runs by itself, and through what

export interface ScheduledCommand {
  /** `cron`, `anacron`, `systemd`, `user-systemd`, `script`. */
  readonly kind: 'cron' | 'anacron' | 'systemd' | 'user-systemd' | 'script' | 'at';
  readonly path: string;
  readonly line: number;
  readonly account: string;
  readonly command: string;
  /** Programs of the ssh family it calls directly. */
  readonly callsSsh: readonly string[];
  /** Wrappers from the policy it calls. */
  readonly callsWrapper: readonly string[];
}

export interface WrapperFile {
  readonly file: CollectedFile;
  /** Lines of code (not comment) that ask a CA: `vault write …/sign/…`, `bao …`, `step ssh certificate`, `tsh`, `/v1/…/sign/`. */
  readonly asksCa: readonly { readonly line: number; readonly text: string }[];
}

// ---------------------------------------------------------------------------------------------
// Logs

export interface Login {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** `publickey`, `password`, `keyboard-interactive/pam`, `none` … */
  readonly method: string;
  readonly account: string;
  readonly from: string;
  readonly port: number;
  readonly pid: number;
  /** Present for certificate logins whose line could be parsed whole. */
  readonly certificate?: {
    readonly keyId: string;
    readonly serial: string;
    readonly caFingerprint: string;
    readonly keyFingerprint?: string;
  };
  /** Fingerprint for a plain key. */
  readonly keyFingerprint?: string;
  /** Written by sshd itself (trusted journal fields), not merely in its name. */
  readonly trusted: boolean;
  /** A certificate login whose identity is missing from the line (cut or unparseable). */
  readonly identityLost: boolean;
}

export interface LoginLog {
  readonly source: 'journal' | 'file' | 'busybox' | 'none';
  readonly logins: readonly Login[];
  /** Milliseconds since the epoch of the window the log really covers; null when unknown. */
  readonly coversFrom: number | null;
  readonly coversTo: number | null;
}

export interface Forwarder {
  /** `rsyslog`, `syslog-ng`, `journal-upload`, `promtail`, `vector` … */
  readonly name: string;
  readonly running: boolean;
  /** Where it sends, as configured; empty when no destination was found. */
  readonly destinations: readonly string[];
  /** Whether sshd's log lines are in what it ships; null when its configuration cannot tell. */
  readonly shipsAuth: boolean | null;
  /** The same for each syslog facility sshd may be told to use and each name it logs under (9.8 and later: `sshd-session`). Absent: all alike. */
  readonly selection?: readonly {
    readonly facility: string;
    readonly program: 'sshd' | 'sshd-session';
    readonly ships: boolean | null;
  }[];
  readonly evidence: readonly { readonly path: string; readonly line: number; readonly text: string }[];
  readonly problems: readonly string[];
}

export interface LoggingFacts {
  readonly journald: {
    readonly running: boolean;
    readonly persistent: boolean | null;
    readonly storage: string;
    /** Whether it hands lines on to a syslog daemon; null when only the compiled default decides and it is not known. */
    readonly forwardsToSyslog: boolean | null;
    /** Settings that lose lines of sshd, and where they stand. */
    readonly drops: readonly { readonly path: string; readonly line: number; readonly text: string }[];
  };
  /** Where /dev/log leads; empty: there is none. */
  readonly devLog: string;
  /** Syslog daemons that run: they write local logs even when they forward nothing. */
  readonly syslogDaemons: readonly string[];
  readonly forwarders: readonly Forwarder[];
}

// ---------------------------------------------------------------------------------------------
// The two bundles checks choose from

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
