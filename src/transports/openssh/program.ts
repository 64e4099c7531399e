/** The `ssh` program of this machine: is it there, and what does it understand? */
import { execFile } from 'node:child_process';
import { messageOf } from '../../errors.js';
import { failed, failure, success, type Attempt } from '../ssh/failure.js';
import { errnoOf } from '../ssh/failure.js';

const TIMEOUT_MS = 10_000;

export interface SshProgram {
  readonly path: string;
  /** Major times 100 plus minor: 905 is OpenSSH 9.5. */
  readonly version: number;
}

/** First versions of what is asked of ssh (its release notes). */
export const SINCE = {
  /** Host keys looked up by a command, and debug lines that name their origin. */
  knownHostsCommand: 805,
  logVerbose: 805,
  /** SessionType, StdinNull and ForkAfterAuthentication as configuration. */
  sessionType: 807,
} as const;

/** Asks `ssh -V`, once. Never rejects. */
export function createProgramFinder(path: string): () => Promise<Attempt<SshProgram>> {
  let known: Promise<Attempt<SshProgram>> | undefined;
  return () => {
    known ??= ask(path);
    return known;
  };
}

function ask(path: string): Promise<Attempt<SshProgram>> {
  return new Promise((resolve) => {
    const child = execFile(
      path,
      ['-V'],
      { timeout: TIMEOUT_MS, killSignal: 'SIGKILL', maxBuffer: 65_536, encoding: 'utf8' },
      (error, stdout, stderr) => {
        const version = parseVersion(`${stdout}${stderr}`);
        if (version !== undefined) return resolve(success({ path, version }));
        const why =
          errnoOf(error) === 'ENOENT' || !error
            ? `${path} is not ${error ? 'on PATH' : 'OpenSSH'}`
            : `${path} -V failed: ${messageOf(error).slice(0, 200)}`;
        resolve(
          failed(
            failure(
              'local-resources',
              'resolve',
              `this machine has no OpenSSH client: ${why}`,
              'Install openssh-client, or use transport: ssh.',
            ),
          ),
        );
      },
    );
    child.stdin?.end();
  });
}

/** `OpenSSH_9.2p1 Debian-2` is 902. Undefined for what is not OpenSSH's. */
export function parseVersion(text: string): number | undefined {
  const match = /OpenSSH(?:_for_Windows)?_(\d{1,2})\.(\d{1,2})/.exec(text);
  return match ? Number(match[1]) * 100 + Number(match[2]) : undefined;
}
