/** sshd: its effective configurations, and what really runs. */
import type { FileStat } from './files.js';

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
