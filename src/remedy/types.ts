/** What mends a host: typed steps that both renderings (playbook, shell) are made from. */
import type { CheckId } from '../model.js';

/** One change of one file. Applied in order; applying it twice changes nothing the second time. */
export type Edit =
  /** A folder that must be there; owner and mode are left as they are. */
  | { readonly kind: 'folder'; readonly path: string }
  /** The whole content; root:root, mode 0644. */
  | { readonly kind: 'content'; readonly path: string; readonly content: string }
  /** Lines, compared whole and byte by byte. The file is made (root:root, 0644) when `present` is not empty. */
  | {
      readonly kind: 'lines';
      readonly path: string;
      readonly absent: readonly string[];
      readonly present: readonly string[];
    }
  /** Every line that is no comment and holds this public key. */
  | { readonly kind: 'key'; readonly path: string; readonly type: string; readonly base64: string }
  /** root:root and a mode: octal, or symbolic as chmod(1) takes it. */
  | { readonly kind: 'owner'; readonly path: string; readonly mode: '0644' | 'go-w' | 'a+rx' }
  /** A line of sshd's configuration that no other line can undo: made a comment. */
  | { readonly kind: 'disable'; readonly path: string; readonly line: string }
  /** One line at the very top of a file that is there. */
  | { readonly kind: 'top'; readonly path: string; readonly line: string };

/** A question to `sshd -T -C` and what the answer must hold once the edits are made. */
export interface Proof {
  /** `user=…,host=…,addr=…,laddr=…,lport=…`. */
  readonly connection: string;
  /** Lower case, as `sshd -T` prints: `permitrootlogin no`. */
  readonly wanted: readonly string[];
}

/** Logins that the edits close. A host is left alone when the login in use is one of them. */
export interface Guard {
  /** Static keys of these accounts go: their logins must be by certificate. */
  readonly keysOf: readonly string[];
  /** Passwords go. */
  readonly passwords: boolean;
  /** Root's own login goes. */
  readonly root: boolean;
}

/** Everything that is mended on one host without a person. */
export interface Automatic {
  /** Checks it mends, in their order. */
  readonly causes: readonly CheckId[];
  readonly edits: readonly Edit[];
  /** Absent: sshd's configuration is not changed, and nothing has to be reloaded. */
  readonly sshd?: { readonly binary: string; readonly main: string; readonly proofs: readonly Proof[] };
  readonly guard: Guard;
}

/** What only a person can do. */
export interface ManualStep {
  readonly check: string;
  readonly subject: string;
  /** What was found, and what to do. */
  readonly text: string;
}

/** How Ansible reaches a host. */
export interface Reach {
  readonly address: string;
  readonly port?: number;
  readonly user?: string;
  readonly become: boolean;
  /** `[user@]host[:port]`, nearest first. */
  readonly jump: readonly string[];
  readonly identityFile?: string;
  readonly certificateFile?: string;
}

export interface HostPlan {
  readonly host: string;
  readonly reach: Reach;
  readonly automatic: Automatic | null;
  readonly manual: readonly ManualStep[];
  /** Why nothing could be planned: the host was not gathered. */
  readonly unknown?: string;
}

/** Hosts that get exactly the same. */
export interface Group {
  /** `scorecard_password_auth_root_login`, with a number when several groups have the same causes. */
  readonly name: string;
  readonly hosts: readonly string[];
  readonly automatic: Automatic;
}

export interface RemedyPlan {
  readonly run: string;
  /** The clock the run was judged at, ISO 8601. */
  readonly now: string;
  readonly hosts: readonly HostPlan[];
  readonly groups: readonly Group[];
}
