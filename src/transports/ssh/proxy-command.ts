/** ssh_config's ProxyCommand: a program whose standard input and output are the connection (ssh_config(5)). */
import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';

const TOKENS = new Set(['%', 'h', 'p', 'r', 'n']);
/** How much of the command's standard error is kept for the failure's sentence. */
const MAX_STDERR = 500;
const LAST_WORDS_MS = 200;

export interface ProxyTarget {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly alias: string;
}

/** Why this command cannot be run here, or undefined. */
export function proxyCommandProblem(command: string): string | undefined {
  const unknown = [...command.matchAll(/%(.?)/gs)]
    .map((match) => match[1] ?? '')
    .find((letter) => !TOKENS.has(letter));
  return unknown === undefined
    ? undefined
    : `ProxyCommand holds %${unknown}; only %h, %p, %r, %n and %% are understood`;
}

/** Puts names into the command. They go in unquoted, as ssh does it: callers have validated them (names.ts). */
export function expandProxyCommand(command: string, target: ProxyTarget): string {
  const values: Readonly<Record<string, string>> = {
    '%': '%',
    h: target.address,
    p: String(target.port),
    r: target.user,
    n: target.alias,
  };
  return command.replace(/%(.)/gs, (whole, letter: string) => values[letter] ?? whole);
}

export interface ProxyProcess {
  readonly stream: Duplex;
  /** What it wrote on standard error, the end of it. */
  stderr(): string;
  /** Ends the command and everything it started. */
  kill(): void;
}

/** Runs the command in its own process group, so that all of it can be ended. Errors come through the stream. */
export function openProxy(command: string, target: ProxyTarget): ProxyProcess {
  const child = spawn('/bin/sh', ['-c', `exec ${expandProxyCommand(command, target)}`], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let complaint = '';
  let killed = false;
  const kill = (): void => {
    if (child.pid === undefined || killed) return;
    killed = true;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  };
  const stream = new Duplex({
    allowHalfOpen: false,
    read: () => child.stdout.resume(),
    write: (chunk: Buffer, _encoding, done) => {
      // A command that has ended cannot be written to; what counts is that its output ends.
      child.stdin.write(chunk, () => done());
    },
    final: (done) => {
      child.stdin.end();
      done();
    },
    destroy: (error, done) => {
      kill();
      done(error);
    },
  });
  child.stdout.on('data', (chunk: Buffer) => {
    if (!stream.push(chunk)) child.stdout.pause();
  });
  // Its last words on standard error may come after the end of its output.
  const end = (): void => void stream.push(null);
  child.stdout.on('end', () => setTimeout(end, LAST_WORDS_MS).unref());
  child.on('close', end);
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString('utf8')).slice(-MAX_STDERR);
  });
  child.stdin.on('error', () => undefined);
  child.on('error', (error) => stream.destroy(error));
  return { stream, stderr: () => complaint.trim(), kill };
}
