/** Git as it may be asked: read-only, no hooks, no fsmonitor, no prompts, no pager, no configuration of the repository that runs programs. */
import { runCommand, type CommandResult } from '../command.js';
import type { SourceContext } from '../source.js';

const SAFE = [
  '-c',
  'core.fsmonitor=false',
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'core.pager=cat',
  '-c',
  'log.showSignature=false',
  // A repository's own configuration must not choose the program that says a signature is good.
  '-c',
  'gpg.program=gpg',
  '-c',
  'gpg.ssh.program=ssh-keygen',
  '-c',
  'gpg.x509.program=gpgsm',
];

export type Git = (args: readonly string[], maxBytes?: number) => Promise<CommandResult>;

/** @param directory inside the repository. A repository of another owner is read too: nothing of it is run. */
export function gitIn(directory: string, context: SourceContext, options: readonly string[] = []): Git {
  const env = {
    ...context.env,
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    // A local replacement would stand in for the object that was signed.
    GIT_NO_REPLACE_OBJECTS: '1',
    // Not by core.askPass or a helper the repository names as a protocol.
    GIT_ASKPASS: context.env['GIT_ASKPASS'] ?? '',
    GIT_ALLOW_PROTOCOL: context.env['GIT_ALLOW_PROTOCOL'] ?? 'file:git:http:https:ssh',
    GIT_SSH_COMMAND: context.env['GIT_SSH_COMMAND'] ?? 'ssh -o BatchMode=yes',
    LC_ALL: 'C',
  };
  return (args, maxBytes = 4 * 1024 * 1024) =>
    runCommand('git', ['-c', `safe.directory=*`, ...SAFE, ...options, ...args], {
      cwd: directory,
      env,
      signal: context.signal,
      timeoutMs: 20_000,
      maxBytes,
    });
}
