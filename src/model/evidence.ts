/** Raw, complete, saved; never fetched again in order to judge. */
import type { TransportName } from './inventory.js';

/** Why a host could not be gathered. Stable codes, documented in docs/reason-codes.md. */
export type FailureCode =
  | 'dns'
  | 'connect-refused'
  | 'connect-timeout'
  | 'network-unreachable'
  | 'connection-reset'
  | 'closed-before-login'
  | 'handshake-timeout'
  | 'handshake-failed'
  | 'host-key-unknown'
  | 'host-key-mismatch'
  | 'host-key-revoked'
  | 'host-certificate-invalid'
  | 'login-refused'
  | 'login-timeout'
  | 'certificate-expired'
  | 'certificate-not-yet-valid'
  | 'identity-unusable'
  | 'identity-encrypted'
  | 'agent-unavailable'
  | 'agent-empty'
  | 'jump-failed'
  | 'exec-refused'
  | 'first-byte-timeout'
  | 'idle-timeout'
  | 'total-timeout'
  | 'too-much-output'
  | 'connection-lost'
  | 'killed-by-signal'
  | 'sudo-password'
  | 'sudo-tty'
  | 'sudo-not-allowed'
  | 'sudo-missing'
  | 'sudo-failed'
  | 'no-shell'
  | 'no-frames'
  | 'output-cut'
  | 'output-corrupt'
  | 'collector-differs'
  | 'local-resources'
  | 'cancelled'
  | 'deadline'
  | 'no-worker'
  | 'worker-lost'
  | 'worker-refused'
  | 'aws-credentials'
  | 'aws-denied'
  | 'aws-throttled'
  | 'aws-failed'
  | 'ssm-not-managed'
  | 'ssm-agent-offline'
  | 'ssm-invalid-platform'
  | 'ssm-delivery-timeout'
  | 'ssm-undeliverable'
  | 'ssm-execution-timeout'
  | 'ssm-cancelled'
  | 'ssm-terminated'
  | 'ssm-failed'
  | 'internal';

export type Phase = 'resolve' | 'connect' | 'handshake' | 'login' | 'exec' | 'run' | 'parse';

export interface GatherFailure {
  readonly code: FailureCode;
  readonly phase: Phase;
  /** One sentence for a person. May hold host text: escape at the edge. */
  readonly detail: string;
  readonly hint?: string;
  /** How many attempts were made, the failing one included. */
  readonly attempts?: number;
}

/** How the host was reached, and the proof that it was the right one. */
export interface ConnectionRecord {
  /** `ansible`: another program logged in and ran the collector; what it saved is all there is. */
  readonly transport: Exclude<TransportName, 'auto'> | 'ansible';
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Hosts passed on the way, nearest first, as `user@host:port`. */
  readonly route: readonly string[];
  readonly hostKey?: {
    readonly type: string;
    readonly fingerprint: string;
    /** What vouched for it: `known_hosts FILE:LINE`, `inventory`, or `@cert-authority FILE:LINE`. */
    readonly verifiedBy: string;
  };
  /** e.g. `publickey certificate SHA256:… ID "atm-scorecard" (serial 7)`. */
  readonly authenticatedBy?: string;
  readonly serverVersion?: string;
  /** Milliseconds from the start of the attempt to: connect, handshake, login, end of output. */
  readonly timings?: Readonly<Record<string, number>>;
}

/**
 * What an SSH server offers: the name-lists of its SSH_MSG_KEXINIT (RFC 4253, section 7.1) as it sent them, names
 * separated by commas. Without the lists of languages, which nobody fills.
 */
export interface KexInit {
  readonly kex: string;
  readonly hostKey: string;
  readonly ciphersToServer: string;
  readonly ciphersToClient: string;
  readonly macsToServer: string;
  readonly macsToClient: string;
  readonly compressionToServer: string;
  readonly compressionToClient: string;
}

/** What the server told in clear before the login, and of its host keys after it. */
export interface HandshakeRecord {
  /** Its offer, or why it could not be read. Both absent: the connection did not get that far. */
  readonly kexInit?: KexInit;
  readonly problem?: string;
  /** Public host keys, base64: the one it proved to have first, then those it says it has (`hostkeys-00@openssh.com`). */
  readonly hostKeys: readonly string[];
}

/** What one probe printed. Bytes that are valid UTF-8 are kept as text, others as base64. */
export interface ProbeOutput {
  readonly rc: number;
  readonly stdout: string;
  readonly stdoutEncoding: 'utf8' | 'base64';
  readonly stderr: string;
  /** How many bytes the probe wrote, at least; more than kept when `cut`. */
  readonly bytes: number;
  readonly cut: boolean;
  /** The probe ran into its time limit. */
  readonly timedOut: boolean;
  /** SHA-256 of the kept stdout bytes, hex, computed by the auditor. */
  readonly sha256: string;
}

/** Everything one host said, as it said it. */
export interface HostEvidence {
  readonly schema: 1;
  readonly host: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly connection?: ConnectionRecord;
  /** Absent where no SSH handshake was seen (ssm, local, ansible) and in runs of versions that did not keep it. */
  readonly handshake?: HandshakeRecord;
  /** Set when the host could not be gathered completely; probes that did arrive are kept. */
  readonly failure?: GatherFailure;
  readonly collector?: {
    readonly protocol: number;
    readonly uid: number;
    readonly clock: number;
    readonly shell: string;
    /** SHA-256 of the collector's own file, hex, where the host keeps a copy of its own and told it. */
    readonly script?: string;
  };
  readonly probes: Readonly<Record<string, ProbeOutput>>;
}
