/**
 * What an SSH server offers, read from what it sends in clear before keys are exchanged: lines, its version line
 * (RFC 4253, section 4.2), then packets (section 6) of which one is SSH_MSG_KEXINIT (section 7.1). Passive: nothing is
 * asked of the server, and whoever speaks the protocol with it loses nothing.
 */
import type { KexInit } from '../model.js';
import { WireError, WireReader } from './wire.js';

/** Everything before the end of SSH_MSG_KEXINIT: a packet of RFC 4253 has at most 35000 bytes. OpenSSH's has some 1100. */
const MOST = 64 * 1024;
/** Length and padding length of a packet. */
const HEADER = 5;
const NEWLINE = 10;
const SSH_MSG_KEXINIT = 20;
/** SSH_MSG_IGNORE, SSH_MSG_UNIMPLEMENTED and SSH_MSG_DEBUG may come at any time (section 11). */
const ANY_TIME: ReadonlySet<number> = new Set([2, 3, 4]);
const SSH_MSG_DISCONNECT = 1;
const COOKIE = 16;

/** The name-lists in the order of the message; after them come two of languages. */
export const KEXINIT_LISTS = [
  'kex',
  'hostKey',
  'ciphersToServer',
  'ciphersToClient',
  'macsToServer',
  'macsToClient',
  'compressionToServer',
  'compressionToClient',
] as const satisfies readonly (keyof KexInit)[];

type Outcome = { readonly kexInit: KexInit } | { readonly problem: string };

export interface KexInitReader {
  /** Takes what the server sent next. True once nothing more is wanted. Never throws. */
  push(chunk: Uint8Array): boolean;
  /** Undefined until `push` said true. */
  outcome(): Outcome | undefined;
}

/** The message's lists. `payload` begins with the message number. Never throws. */
export function parseKexInit(payload: Uint8Array): Outcome {
  try {
    const reader = new WireReader(payload);
    const type = reader.u8();
    if (type !== SSH_MSG_KEXINIT) return { problem: `message ${type} is no SSH_MSG_KEXINIT` };
    reader.bytes(COOKIE);
    // Names are US-ASCII (RFC 4251, section 6); other bytes are kept apart as they are, not replaced.
    const lists = KEXINIT_LISTS.map((list) => [list, reader.string().toString('latin1')] as const);
    return { kexInit: Object.fromEntries(lists) as unknown as KexInit };
  } catch (error) {
    if (error instanceof WireError) return { problem: `SSH_MSG_KEXINIT is malformed: ${error.message}` };
    throw error;
  }
}

/** Keeps at most 64 KiB, and looks at each byte a bounded number of times, however it is cut into chunks. */
export function createKexInitReader(): KexInitReader {
  let store = Buffer.alloc(0);
  let used = 0;
  /** Where the line or packet at hand begins, and how far it was searched for its end. */
  let at = 0;
  let searched = 0;
  let identified = false;
  let outcome: Outcome | undefined;

  const keep = (chunk: Uint8Array): void => {
    const taken = chunk.subarray(0, MOST - used);
    if (used + taken.length > store.length) {
      const room = Buffer.allocUnsafe(Math.min(MOST, Math.max(2048, 2 * (used + taken.length))));
      store.copy(room, 0, 0, used);
      store = room;
    }
    store.set(taken, used);
    used += taken.length;
  };

  const identify = (): Outcome | undefined => {
    while (!identified) {
      const end = store.subarray(0, used).indexOf(NEWLINE, searched);
      searched = end < 0 ? used : end + 1;
      if (end < 0) return undefined;
      const line = store.toString('latin1', at, Math.min(end, at + 255));
      at = searched;
      if (!line.startsWith('SSH-')) continue;
      if (!/^SSH-(?:2\.0|1\.99)-/.test(line))
        return { problem: `the server does not speak SSH 2: ${JSON.stringify(line.slice(0, 40))}` };
      identified = true;
    }
    return undefined;
  };

  const unpack = (): Outcome | undefined => {
    if (!identified) return undefined;
    while (used - at >= HEADER) {
      const length = store.readUInt32BE(at);
      const payload = length - 1 - store.readUInt8(at + 4);
      if (payload < 1 || length > MOST) return { problem: `a packet of ${length} bytes is malformed` };
      const end = at + 4 + length;
      if (end > used) return undefined;
      const message = store.subarray(at + HEADER, at + HEADER + payload);
      const type = message[0] ?? 0;
      at = end;
      if (type === SSH_MSG_KEXINIT) return parseKexInit(message);
      if (type === SSH_MSG_DISCONNECT) return { problem: 'the server disconnected before its offer' };
      if (!ANY_TIME.has(type)) return { problem: `message ${type} came before SSH_MSG_KEXINIT` };
    }
    return undefined;
  };

  return {
    push: (chunk) => {
      if (outcome) return true;
      keep(chunk);
      outcome =
        identify() ??
        unpack() ??
        (used === MOST ? { problem: `no SSH_MSG_KEXINIT within ${MOST} bytes` } : undefined);
      if (outcome) store = Buffer.alloc(0);
      return outcome !== undefined;
    },
    outcome: () => outcome,
  };
}
