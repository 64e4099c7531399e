/** One running `ssh`: its output, its log and its end. Everything it started ends with it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { createOutput, type Output } from '../output.js';
import { createSshLog, type SshLog } from './log.js';

/** How often the log is looked at: before and after the login. Milliseconds. */
const POLL_MS = 20;
const POLL_LATER_MS = 200;
/** A log of one connection has some ten kilobytes; what a host makes longer is not read on. */
const MAX_LOG = 1024 * 1024;
/** After a request to end, until it is killed. */
const GRACE_MS = 300;
/** After its end: how long something it left behind may hold its output open. */
const DRAIN_MS = 1000;

export interface SshProcess {
  readonly log: SshLog;
  /** The log's lines name their origin. */
  readonly tagged: boolean;
  readonly stdout: Output;
  readonly stderr: Output;
  /** The stream that brought more than may be kept; `log` for ssh's own log. */
  readonly flooded: 'standard output' | 'standard error' | 'log' | undefined;
  readonly sawOutput: boolean;
  /** Set when it has ended and all of its output is here. */
  readonly exit: Exit | undefined;
  /** Called after anything happened. One listener at a time; replacing it is allowed. */
  onChange(listener: ((what: 'log' | 'bytes' | 'exit') => void) | undefined): void;
  /** Reads the log now. */
  refresh(): void;
  /** Ends it, and everything it started. */
  stop(): void;
  /** Ends it at once, without waiting. */
  kill(): void;
  /** Settles when it is gone. */
  readonly gone: Promise<void>;
}

interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
  /** It could not be started. */
  readonly error?: Error;
}

export interface SshCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** Created, private, by this call. */
  readonly logFile: string;
  readonly agentSocket: string | undefined;
  readonly stdin: string | undefined;
  readonly maxStdout: number;
  readonly maxStderr: number;
  /** Its log lines name their origin (LogVerbose). */
  readonly tagged: boolean;
}

/** Starts it in a process group of its own. Throws only what opening the log throws. */
export function startSsh(command: SshCommand): SshProcess {
  const stdout = createOutput(command.maxStdout);
  const stderr = createOutput(command.maxStderr);
  const tail = openTail(command.logFile);
  let child: ChildProcess;
  try {
    child = spawn(command.program, [...command.args], {
      stdio: [command.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      detached: true,
      env: environment(command.agentSocket),
    });
  } catch (error) {
    tail.close();
    throw error;
  }
  const log = createSshLog(() => (command.tagged ? (child.pid ?? -1) : undefined));
  const state: { flooded?: SshProcess['flooded']; exit?: Exit; sawOutput: boolean } = { sawOutput: false };
  let listener: ((what: 'log' | 'bytes' | 'exit') => void) | undefined;
  let ending: NodeJS.Timeout | undefined;
  let finish = (): void => undefined;
  const gone = new Promise<void>((resolve) => (finish = resolve));

  const poll = (): boolean => {
    const text = tail.read();
    if (text !== '') log.push(text);
    if (tail.size() > MAX_LOG) state.flooded ??= 'log';
    return text !== '';
  };
  let timer: NodeJS.Timeout;
  const look = (): void => {
    if (poll() || state.flooded === 'log') listener?.('log');
    timer = setTimeout(look, log.authenticated ? POLL_LATER_MS : POLL_MS);
  };
  timer = setTimeout(look, POLL_MS);

  const take = (into: Output, name: 'standard output' | 'standard error') => (chunk: Buffer) => {
    // The command's output comes after the login: told in that order.
    if (!log.authenticated && poll()) listener?.('log');
    if (log.authenticated) state.sawOutput = true;
    if (!into.take(chunk)) state.flooded ??= name;
    listener?.('bytes');
  };
  child.stdout?.on('data', take(stdout, 'standard output'));
  child.stderr?.on('data', take(stderr, 'standard error'));
  // A command that ends early does not read its input to the end.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(command.stdin);

  const ended = (exit: Exit): void => {
    if (state.exit) return;
    clearTimeout(timer);
    clearTimeout(ending);
    signalGroup(child, 'SIGKILL');
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
    poll();
    tail.close();
    state.exit = exit;
    listener?.('exit');
    finish();
  };
  child.on('error', (error) => ended({ code: null, signal: null, error }));
  child.on('exit', (code, signal) => {
    // A ProxyCommand that does not end by itself would hold the output open.
    signalGroup(child, 'SIGKILL');
    clearTimeout(ending);
    ending = setTimeout(() => ended({ code, signal }), DRAIN_MS);
  });
  child.on('close', (code, signal) => ended({ code, signal }));

  return {
    log,
    tagged: command.tagged,
    stdout,
    stderr,
    gone,
    get flooded() {
      return state.flooded;
    },
    get exit() {
      return state.exit;
    },
    get sawOutput() {
      return state.sawOutput;
    },
    onChange: (next) => {
      listener = next;
    },
    refresh: () => void poll(),
    kill: () => {
      if (!state.exit) signalGroup(child, 'SIGKILL');
    },
    stop: () => {
      if (state.exit) return;
      // Asked first, so that the connection is closed properly, and a tunnel's program can close its session.
      signalGroup(child, 'SIGTERM');
      clearTimeout(ending);
      ending = setTimeout(() => {
        signalGroup(child, 'SIGKILL');
        ending = setTimeout(() => ended({ code: null, signal: 'SIGKILL' }), DRAIN_MS);
      }, GRACE_MS);
    },
  };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nobody is left in it.
  }
}

/**
 * This machine's own environment (PATH, Kerberos and FIDO settings), without the locale: ssh's messages are parsed,
 * and many an ssh_config sends LANG and LC_* on to the host. A ProxyCommand is run by SHELL.
 */
function environment(agentSocket: string | undefined): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(?:LANG|LANGUAGE|LC_.*|SSH_AUTH_SOCK|SSH_ASKPASS.*|DISPLAY)$/.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    SHELL: '/bin/sh',
    ...(agentSocket === undefined ? {} : { SSH_AUTH_SOCK: agentSocket }),
  };
}

interface Tail {
  /** What was appended since, as far as it is read. */
  read(): string;
  /** Bytes read so far. */
  size(): number;
  close(): void;
}

function openTail(path: string): Tail {
  const file = openSync(path, constants.O_RDONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  const buffer = Buffer.alloc(65_536);
  let size = 0;
  let open = true;
  return {
    read: () => {
      if (!open) return '';
      let text = '';
      while (size <= MAX_LOG) {
        const count = readOrNothing(file, buffer, size);
        if (count === 0) break;
        size += count;
        text += buffer.toString('latin1', 0, count);
      }
      return text;
    },
    size: () => size,
    close: () => {
      if (open) closeSync(file);
      open = false;
    },
  };
}

/** A log that cannot be read tells nothing; the connection is judged by how it ends. */
function readOrNothing(file: number, buffer: Buffer, at: number): number {
  try {
    return readSync(file, buffer, 0, buffer.length, at);
  } catch {
    return 0;
  }
}
