/** For the access report and the guidance: rights beyond the login, what sessions did, what changed. None of the ten sees these. */

/** One `user host = command` specification of sudoers, aliases expanded. Source: sudoers(5). */
export interface SudoRule {
  /** Names, `%group`, `#uid`, `%#gid`, `+netgroup`, `%:group`, `ALL`; `!` before one takes it out. */
  readonly users: readonly string[];
  readonly hosts: readonly string[];
  /** Users it may become; empty when only groups are named. */
  readonly runAs: readonly string[];
  readonly noPassword: boolean;
  /** A command with its arguments, a folder with its final slash, `ALL`, `sudoedit FILE`; `!` before one takes it out. */
  readonly command: string;
  readonly at: { readonly path: string; readonly line: number };
}

export interface SudoersFacts {
  /** In the order sudo reads them: the last one that matches counts. */
  readonly rules: readonly SudoRule[];
  /** `Defaults !authenticate`: nobody is asked for a password. */
  readonly neverAsks: boolean;
  /** Programs that open sessions without sshd. */
  readonly agents: readonly { readonly name: string; readonly running: boolean }[];
}

/** One line of sudo's own log that tells what was run. */
export interface SudoUse {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly account: string;
  readonly runAs: string;
  readonly command: string;
  readonly tty: string;
  /** Why sudo refused; absent: it ran. */
  readonly refused?: string;
  /** Written by sudo for the user it names (trusted journal fields). */
  readonly trusted: boolean;
  /** The kernel's audit session; absent when there is none. */
  readonly session?: number;
}

/** What sshd's PAM stack tells of one login, by the process that also wrote `Accepted`. */
export interface SessionMark {
  readonly at: number;
  readonly pid: number;
  readonly what: 'opened' | 'closed';
  readonly account: string;
  readonly session?: number;
}

/** What the process that serves one login tells: the kernel's audit session of a connection. */
export interface SessionNumber {
  readonly at: number;
  readonly account: string;
  readonly from: string;
  readonly port: number;
  readonly session: number;
}

export interface SessionLog {
  readonly source: 'journal' | 'file' | 'none';
  readonly sudo: readonly SudoUse[];
  readonly marks: readonly SessionMark[];
  readonly numbers: readonly SessionNumber[];
  /** Milliseconds since the epoch; null when unknown. */
  readonly coversFrom: number | null;
  readonly coversTo: number | null;
}

/** One program a login session ran, as the kernel's audit recorded it. */
export interface AuditedCommand {
  readonly at: number;
  /** Audit session (`ses`) and login uid (`auid`). */
  readonly session: number;
  readonly loginUid: number;
  readonly uid: number;
  readonly argv: readonly string[];
  readonly executable: string;
  readonly succeeded: boolean;
}

/** `type=LOGIN`: which process opened an audit session. */
export interface AuditLogin {
  readonly at: number;
  readonly pid: number;
  readonly loginUid: number;
  readonly session: number;
}

export interface PackageChange {
  readonly at: number;
  readonly tool: string;
  /** `install`, `upgrade`, `remove` … as the log says. */
  readonly action: string;
  readonly name: string;
}

export interface ChangeLog {
  readonly auditing: {
    /** Who writes down what the kernel's audit says, now. journald may miss records. */
    readonly recorder: 'auditd' | 'journald' | 'none';
    /** Null: could not be asked. */
    readonly enabled: boolean | null;
    /** Rules that record every program, as auditctl lists them. */
    readonly rules: readonly string[];
    readonly coversFrom: number | null;
  };
  readonly commands: readonly AuditedCommand[];
  readonly logins: readonly AuditLogin[];
  readonly packages: readonly PackageChange[];
  /** Package logs that were found; `coversFrom` in milliseconds, null: not told. */
  readonly packageLogs: readonly { readonly tool: string; readonly coversFrom: number | null }[];
  readonly coversTo: number | null;
}

/** One approval of access, from the `approvals` source. */
export interface Approval {
  readonly id: string;
  readonly requester: string;
  /** Empty: nobody approved it. */
  readonly approvers: readonly string[];
  readonly state: 'approved' | 'denied' | 'pending';
  readonly reason: string;
  readonly ticket: string;
  /** Host-name globs; empty: any host. */
  readonly hosts: readonly string[];
  /** Principals or roles; empty: any. */
  readonly principals: readonly string[];
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly until: number;
  /** Where it was read. */
  readonly source: string;
}
