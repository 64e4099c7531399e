/**
 * A bastion's connection, shared by every target behind it: one `ssh -M` with a control socket in the private
 * directory, and for each target a channel through it (`ssh -W`), without another login.
 */
import { existsSync } from 'node:fs';
import { shellWord } from '../shell-word.js';
import type { SharedSession } from '../ssh/bastions.js';
import { escaped } from './arguments.js';
import type { SshProcess } from './process.js';

export interface Master extends SharedSession {
  readonly socket: string;
  readonly process: SshProcess;
}

export function masterOf(process: SshProcess, socket: string): Master {
  return {
    socket,
    process,
    isOpen: () => process.exit === undefined && existsSync(socket),
    end: () => process.stop(),
    destroy: () => process.stop(),
  };
}

/**
 * The ProxyCommand that goes through it. With the socket gone it fails at once: the login must not be tried without.
 * @param program path of `ssh`
 */
export function throughMaster(master: Master, program: string): string {
  const words = [program, '-F', 'none', '-o', `ControlPath=${master.socket}`];
  const fixed = '-o ControlMaster=no -o ProxyCommand=false -o BatchMode=yes -o LogLevel=ERROR';
  return `${words.map((word) => escaped(shellWord(word))).join(' ')} ${fixed} -W [%h]:%p -- bastion`;
}
