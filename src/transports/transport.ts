/**
 * A transport carries one script to one host and brings back what it printed. It knows nothing of checks,
 * probes or frames: script in, bytes out. It never throws for anything a host or a network can do.
 */
import type { ConnectionRecord, GatherFailure, HandshakeRecord, Host } from '../model.js';

/** Bounds on one host, each enforced by the transport. Times in milliseconds, sizes in bytes. */
export interface Limits {
  /** TCP connect, per hop. */
  readonly connectMs: number;
  /** Banner and key exchange, per hop. */
  readonly handshakeMs: number;
  /** User authentication, per hop. */
  readonly loginMs: number;
  /** From exec to the first byte of output. */
  readonly firstByteMs: number;
  /** Longest silence between two bytes of output. */
  readonly idleMs: number;
  /** Everything together, retries included. */
  readonly totalMs: number;
  readonly maxStdout: number;
  readonly maxStderr: number;
  /** Attempts beyond the first, only for what is worth retrying (never a refused login or host key). */
  readonly retries: number;
}

export interface RunRequest {
  readonly host: Host;
  /** Run on the host by its login shell: must mean the same in sh, csh and fish. */
  readonly command: string;
  /** Sent on standard input, then end of file. */
  readonly stdin: string;
  /** The same bytes in pieces, for a transport that sends them as they are; what hosts have in common is one piece. */
  readonly stdinBytes?: readonly Uint8Array[];
  readonly limits: Limits;
  /** Abort: ends within a second, reported as `cancelled`. */
  readonly signal: AbortSignal;
}

/** Whatever happened, told once. Output is kept also when it failed half-way. */
export interface RunResult {
  readonly connection?: ConnectionRecord;
  readonly handshake?: HandshakeRecord;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** Absent when the command did not end by itself. */
  readonly exitCode?: number;
  readonly exitSignal?: string;
  readonly failure?: GatherFailure;
  /** The nonce of the frames, where the host drew one of its own in place of the one in the script. */
  readonly nonce?: string;
  /** Set when this is no answer of now: the nonce the collector made for itself, and when it ran (ISO 8601). */
  readonly recorded?: { readonly nonce: string; readonly at: string };
}

/** What `--dry-run` shows: resolved without opening a connection. */
export interface Route {
  readonly user: string;
  readonly address: string;
  readonly port: number;
  /** `user@host:port`, nearest first. */
  readonly via: readonly string[];
  /** Files and agents whose identities would be offered. */
  readonly identities: readonly string[];
  readonly knownHosts: readonly string[];
  /** Things that would make the login fail, found without connecting. */
  readonly problems: readonly string[];
}

export interface Advice {
  readonly level: 'ok' | 'warning' | 'problem';
  /** One sentence. */
  readonly text: string;
}

export interface Transport {
  readonly name: ConnectionRecord['transport'] | 'auto';
  plan(host: Host): Promise<Route>;
  /** What the auditor should know of its own access, asked once before the first host. Connects to no host. */
  prepare?(hosts: readonly Host[], signal: AbortSignal): Promise<readonly Advice[]>;
  run(request: RunRequest): Promise<RunResult>;
  /** Closes shared connections (bastions) and agents. */
  close(): Promise<void>;
}
