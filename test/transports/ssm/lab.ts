/** Hosts, requests and a transport for the tests of AWS Run Command. */
import { randomBytes } from 'node:crypto';
import type { Host } from '../../../src/model.js';
import { createSsmTransport, type SsmSettings } from '../../../src/transports/ssm/index.js';
import type { Limits, RunRequest, Transport } from '../../../src/transports/transport.js';

export const LIMITS: Limits = {
  connectMs: 5000,
  handshakeMs: 5000,
  loginMs: 5000,
  firstByteMs: 20_000,
  idleMs: 20_000,
  totalMs: 30_000,
  maxStdout: 8 << 20,
  maxStderr: 256 << 10,
  retries: 0,
};

/** `i-` and 17 digits. */
export function instanceId(number: number): string {
  return `i-${number.toString(16).padStart(17, '0')}`;
}

export function host(number: number, more: Partial<Host> = {}): Host {
  return {
    name: `node-${number}`,
    address: `node-${number}`,
    transport: 'ssm',
    instance: instanceId(number),
    become: 'none',
    tags: [],
    jump: [],
    hostKeys: [],
    allowedPrincipals: { adm: [], agt: [], atm: [] },
    at: { file: 'inventory.yaml', line: 1, column: 1 },
    ...more,
  };
}

export function request(of: Host, stdin: string, more: Partial<RunRequest> = {}): RunRequest {
  const signal = new AbortController().signal;
  return { host: of, command: 'exec /bin/sh -s', stdin, limits: LIMITS, signal, ...more };
}

/** A script as the collector's: its first line is the nonce. */
export function nonced(rest: string): string {
  return `NONCE=${randomBytes(16).toString('hex')}\n${rest}`;
}

export function transport(more: Partial<SsmSettings> = {}): Transport {
  return createSsmTransport({ env: process.env, now: Date.now, ...more });
}
