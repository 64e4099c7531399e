/** Logins and where logs go. */

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
