/** What a server tells of itself while keys are exchanged: taken from what it sends anyway, for the evidence. */
import type { Duplex } from 'node:stream';
import type { HandshakeRecord, KexInit } from '../../model.js';
import { createKexInitReader } from '../../openssh/kexinit.js';

/** A host has one key of each type. */
const MAX_KEYS = 16;
/** An RSA key of 16384 bits, the longest OpenSSH takes, has 2 KiB. */
const MAX_KEY_BYTES = 4096;

/** Filled in as the connection proceeds. */
export interface Handshake {
  kexInit?: KexInit;
  problem?: string;
  /** The host key or certificate it proved to have. */
  presented?: Buffer;
  /** Those it says it has. */
  listed?: readonly Buffer[];
}

/**
 * Reads the server's offer along with whoever else listens, and stops listening once it is there. Call it before the
 * first byte arrived.
 */
export function followHandshake(stream: Duplex, handshake: Handshake): void {
  const reader = createKexInitReader();
  const listen = (chunk: Buffer): void => {
    if (!reader.push(chunk)) return;
    stream.off('data', listen);
    Object.assign(handshake, reader.outcome());
  };
  // Before ssh2, which gives the connection up when the offer does not suit it.
  stream.prependListener('data', listen);
}

/** For the evidence. Nothing, when the server told nothing. */
export function handshakeOf({ kexInit, problem, presented, listed }: Handshake): {
  readonly handshake?: HandshakeRecord;
} {
  if (kexInit === undefined && problem === undefined && presented === undefined) return {};
  const keys = [...(presented ? [presented] : []), ...(listed ?? [])].filter(
    (key) => key.length <= MAX_KEY_BYTES,
  );
  const hostKeys = [...new Set(keys.map((key) => key.toString('base64')))].slice(0, MAX_KEYS);
  return {
    handshake: {
      ...(kexInit ? { kexInit } : problem === undefined ? {} : { problem }),
      hostKeys,
    },
  };
}
