/** What the caller decides for all hosts of a run. The transport reads no flags and no environment itself. */
import { homedir, userInfo } from 'node:os';
import type { Host } from '../../model.js';

export interface SshSettings {
  /** Private key (or its public half, when the agent holds the private one). Wins over inventory and ssh_config. */
  readonly identityFile?: string;
  /** OpenSSH user certificate to offer. Wins over inventory and ssh_config. */
  readonly certificateFile?: string;
  /** Path of the ssh-agent's socket (SSH_AUTH_SOCK). Absent: no agent. */
  readonly agentSocket?: string;
  /** `ssh -F FILE`. Absent: the user's default files. `none`: no ssh_config at all. */
  readonly configFile?: string;
  /** Replaces the known_hosts files that ssh_config names. */
  readonly knownHostsFiles?: readonly string[];
  /** Overrides for targets (not for bastions). */
  readonly user?: string;
  readonly port?: number;
  /** Nearest first; an empty list means: go directly. */
  readonly jump?: readonly string[];
  /** Inventory entry of that name, so that `jump` may name one. */
  readonly bastion?: (name: string) => Host | undefined;
  /** Milliseconds since the epoch: the clock certificates are judged by. */
  readonly now: () => number;
  /** Home directory that `~` stands for. Default: the user's. */
  readonly home?: string;
  /** Login name used when nothing else names one. Default: the user's. */
  readonly localUser?: string;
  /** The `ssh` program asked for ssh_config (`ssh -G`). Default: `ssh` on PATH. */
  readonly sshProgram?: string;
}

export function homeOf(settings: SshSettings): string {
  return settings.home ?? homedir();
}

export function localUserOf(settings: SshSettings): string {
  return settings.localUser ?? (processUser ??= userInfo().username);
}

/** Asked of the system once: every host asks for it. */
let processUser: string | undefined;
