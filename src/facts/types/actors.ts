/** What runs by itself, and through what. */
import type { CollectedFile } from './files.js';

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
