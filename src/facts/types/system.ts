/** Accounts and system. */

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
