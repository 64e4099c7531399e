/**
 * The shapes of the lab: what a host is to look like, what was started, and what a correct audit says about it.
 */
import type { CheckId, FailureCode } from '../../src/model.js';

/**
 * What a correct auditor says. `not-pass`: a fail or an unknown are both right; `not-fail`: a pass or an unknown are;
 * `any`: the state says nothing about that check.
 */
export type Verdict = 'pass' | 'fail' | 'unknown' | 'not-pass' | 'not-fail' | 'any';

/** Certificate fields, as ssh-keygen takes them. */
export interface CertificateRequest {
  readonly keyId: string;
  readonly principals: readonly string[];
  /** Validity for `ssh-keygen -V`, e.g. `+8h` or `20260328100000Z:20260329100000Z`. */
  readonly validity: string;
  /** Default: the next one of the counter. */
  readonly serial?: bigint;
  /** Values of `ssh-keygen -O`, e.g. `force-command=/usr/local/bin/atm-wrapper.sh`. */
  readonly options?: readonly string[];
  /** Sign with the CA nobody should trust. */
  readonly rogue?: boolean;
  /** Leave it out of the certificate log, as an issuer that was bypassed would. Default: logged, unless rogue. */
  readonly unlogged?: boolean;
}

/** A private key and its certificate, as files only root of this machine can read. */
export interface Identity {
  readonly keyFile: string;
  readonly certificateFile: string;
  readonly serial: bigint;
  /** `SHA256:…` of the key. */
  readonly fingerprint: string;
}

/** A login made by the real `ssh` once the host is up, so that its log holds real lines. */
export interface LoginSpec extends CertificateRequest {
  readonly account: string;
  /** Default: `true`. */
  readonly command?: string;
  /** The login must be refused. Default: it must succeed. */
  readonly refused?: boolean;
  /** Offer the plain static key instead of a certificate. */
  readonly staticKey?: boolean;
}

/** A file of a host's root. Parents are made with mode 755, owned by root. */
export interface FileSpec {
  readonly path: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Absent: a directory. */
  readonly content?: string;
  /** A symbolic link to this, instead of a file. */
  readonly link?: string;
}

/** One state in which a host can be, with the verdict a correct auditor gives. */
export interface Deviation {
  /** kebab-case, unique, starts with the check's id or what it is known by. */
  readonly id: string;
  readonly check: CheckId;
  readonly title: string;
  /**
   * POSIX sh, run as root inside the host with `set -eu` before the daemons start. `$LAB` is a folder of key material
   * that vanishes afterwards (see material.ts); `$NAME`, `$ADDRESS`, `$PORT` say where it runs; prelude.ts has helpers.
   */
  readonly apply?: string;
  /** The same, after the daemons started: sshd keeps the configuration it has read. */
  readonly afterwards?: string;
  readonly expect: Verdict;
  /** Other checks that change with it. */
  readonly also?: Readonly<Partial<Record<CheckId, Verdict>>>;
  readonly why: string;
  /** Rows of the bypass matrix it stages, e.g. `1.1`. */
  readonly matrix?: readonly string[];
  /** Logins made afterwards. */
  readonly logins?: readonly LoginSpec[];
  /** Arguments of sshd instead of `-D`. */
  readonly sshd?: string;
  /** The sound profile's own logins cannot work here (no trusted CA, refused by a KRL …). */
  readonly noLogins?: true;
  /** Nobody can log in, the auditor included, until this is mended: only in-host tests can use it. */
  readonly lockedOut?: true;
  /** Only the inventory differs: lists that replace the host's allowed principals. */
  readonly inventory?: Readonly<Partial<Record<'adm' | 'agt' | 'atm', readonly string[]>>>;
  /**
   * POSIX sh, run inside the host once it is up; must exit 0. Proves that the host really is in the state named,
   * e.g. `sshd -T | grep -qx 'permitrootlogin yes'`.
   */
  readonly proof?: string;
}

/** A host that cannot, or can only just, be audited. */
export interface Awkward {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  /** What a correct run reports: one of these failure codes, or that it was audited. */
  readonly expect: readonly (FailureCode | 'audited')[];
  /** Checks that are not what the sound profile gives, for those that are audited. */
  readonly also?: Readonly<Partial<Record<CheckId, Verdict>>>;
  /** What every other check gives at least, for those that are audited. Default: what the sound profile gives. */
  readonly otherwise?: Verdict;
  /**
   * How it is made. `host`: a sound host with `apply` run inside. `down`: nothing listens. `socket`: only `listener`
   * listens on the port.
   */
  readonly kind: 'host' | 'down' | 'socket';
  readonly apply?: string;
  readonly afterwards?: string;
  /** For `socket`: what to do with a connection. */
  readonly listener?: 'silent' | 'closes' | 'garbage' | 'banner-then-silent';
  /** The known_hosts entry. Default: right. */
  readonly knownHost?: 'right' | 'wrong' | 'none';
  readonly noLogins?: true;
  /** journald does not run. */
  readonly journal?: false;
  /** Size of the host's root, for tmpfs. */
  readonly rootSize?: string;
  /** The run needs short limits to end soon: the time a person would wait, milliseconds. */
  readonly patience?: number;
}

export interface HostSpec {
  /** Default: derived from what it deviates in, else `sound-01` and so on. Unique. */
  readonly name?: string;
  readonly deviations?: readonly Deviation[];
  readonly awkward?: Awkward;
  /** Real certificate logins right after start. Default: true. */
  readonly logins?: boolean;
  /** Journal and forwarder. Default: true. Without them a host starts in a third of the time. */
  readonly logging?: boolean;
  readonly environment?: string;
}

export interface FleetHost {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly spec: HostSpec;
  /** Process id of the host's pid 1, seen from here; null for hosts that are down. */
  readonly pid: number | null;
  /** `SHA256:…` of its host key, or null when it has none. */
  readonly hostKey: string | null;
  /** Runs a script as root inside; rejects unless it ends with 0. */
  run(script: string): Promise<string>;
}

/** One line of the certificate log. */
export interface IssuedLine {
  readonly issued_at: string;
  readonly serial: string;
  readonly key_id: string;
  readonly principals: readonly string[];
  /** `type base64`, the whole certificate. */
  readonly certificate: string;
}

export interface FleetCa {
  readonly publicKeyFile: string;
  /** `SHA256:…`. */
  readonly fingerprint: string;
  readonly rogueFingerprint: string;
  /** JSON lines, one `IssuedLine` each. */
  readonly logFile: string;
  issue(request: CertificateRequest): Promise<Identity>;
}

export interface FleetOptions {
  /** Hosts started at the same time. Default 2. */
  readonly parallel?: number;
  /** Start a collector that keeps what hosts forward. Default: true. */
  readonly collector?: boolean;
  /** Outlive the process that started it; ended by `stopFleet(directory)`. Default: false. */
  readonly detached?: boolean;
}

export interface Fleet {
  /** /tmp/ssh-scorecard-fleet-NN: all state there is. */
  readonly directory: string;
  readonly hosts: readonly FleetHost[];
  readonly ca: FleetCa;
  readonly knownHostsFile: string;
  readonly auditor: { readonly user: 'auditor'; readonly keyFile: string; readonly certFile: string };
  /** `SHA256:…` of the key that may exist for break-glass, as the inventory's policy lists it. */
  readonly emergencyFingerprint: string;
  /** Where the collector writes, one line per forwarded message; null without a collector. */
  readonly collectorLog: string | null;
  host(name: string): FleetHost;
  /** The fleet as the inventory it should be audited against. */
  inventoryYaml(): string;
  stop(): Promise<void>;
}
