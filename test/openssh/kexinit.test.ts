/** The server's offer, from recorded bytes, from made ones and from any bytes at all. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { KexInit } from '../../src/model.js';
import { createKexInitReader, KEXINIT_LISTS, parseKexInit } from '../../src/openssh/kexinit.js';
import { wireString, wireU32 } from '../../src/openssh/wire.js';

const SEED = 20261121;
const fixture = (name: string): Buffer =>
  readFileSync(new URL(`../fixtures/openssh/kexinit/${name}`, import.meta.url));

const LISTS: KexInit = {
  kex: 'curve25519-sha256,kex-strict-s-v00@openssh.com',
  hostKey: 'ssh-ed25519',
  ciphersToServer: 'aes256-gcm@openssh.com',
  ciphersToClient: 'aes128-ctr',
  macsToServer: 'hmac-sha2-256-etm@openssh.com',
  macsToClient: 'umac-128-etm@openssh.com',
  compressionToServer: 'none',
  compressionToClient: 'none,zlib@openssh.com',
};

function message(lists: KexInit): Buffer {
  return Buffer.concat([
    Buffer.from([20]),
    Buffer.alloc(16, 7),
    ...KEXINIT_LISTS.map((list) => wireString(Buffer.from(lists[list], 'latin1'))),
    wireString(''),
    wireString(''),
    Buffer.from([0]),
    wireU32(0),
  ]);
}

/** RFC 4253, section 6: no MAC yet, and padding to a multiple of eight. */
function packet(payload: Buffer): Buffer {
  const padding = 8 - ((payload.length + 5) % 8) + 8;
  return Buffer.concat([
    wireU32(payload.length + 1 + padding),
    Buffer.from([padding]),
    payload,
    Buffer.alloc(padding),
  ]);
}

/** What a reader makes of bytes that come in pieces, and how many bytes it took before it had enough. */
function read(...chunks: readonly Uint8Array[]) {
  const reader = createKexInitReader();
  let taken = 0;
  for (const chunk of chunks) {
    taken += chunk.length;
    if (reader.push(chunk)) break;
  }
  return { outcome: reader.outcome(), taken };
}

const VERSION = Buffer.from('SSH-2.0-OpenSSH_9.2p1 Debian\r\n');

describe('SSH_MSG_KEXINIT', () => {
  test.each([
    ['openssh-9.2.bin', 'sntrup761x25519-sha512', 'ssh-ed25519'],
    ['dropbear-2022.83.bin', 'curve25519-sha256', 'ssh-ed25519'],
  ])('of a recorded server: %s', (name, kex, hostKey) => {
    const { outcome } = read(fixture(name));
    expect(outcome).toHaveProperty('kexInit');
    const lists = outcome && 'kexInit' in outcome ? outcome.kexInit : LISTS;
    expect(lists.kex.split(',')[0]).toBe(kex);
    expect(lists.kex).toContain('kex-strict-s-v00@openssh.com');
    expect(lists.hostKey.split(',')).toContain(hostKey);
    expect(lists.ciphersToServer).toContain('chacha20-poly1305@openssh.com');
    expect(lists.compressionToClient).toContain('none');
  });

  test('after other lines, a debug message and an ignored one', () => {
    const debug = packet(Buffer.concat([Buffer.from([4, 0]), wireString('hello'), wireString('')]));
    const ignore = packet(Buffer.concat([Buffer.from([2]), wireString('x'.repeat(300))]));
    const bytes = [
      Buffer.from('welcome\nSSH is spoken here\r\n'),
      VERSION,
      debug,
      ignore,
      packet(message(LISTS)),
    ];
    expect(read(Buffer.concat(bytes)).outcome).toEqual({ kexInit: LISTS });
  });

  test('what follows it is not looked at', () => {
    const whole = Buffer.concat([VERSION, packet(message(LISTS))]);
    expect(read(whole, Buffer.from('garbage')).taken).toBe(whole.length);
    expect(read(Buffer.concat([whole, Buffer.alloc(70_000)])).outcome).toEqual({ kexInit: LISTS });
  });

  test('bytes that are no names are kept apart, not replaced', () => {
    const odd = { ...LISTS, kex: 'a\u0000b,\u00ff\u00fe,,' };
    expect(parseKexInit(message(odd))).toEqual({ kexInit: odd });
  });

  test.each<[string, readonly Buffer[], RegExp]>([
    ['SSH 1', [Buffer.from('SSH-1.5-OpenSSH_3.0\n')], /does not speak SSH 2/],
    ['a disconnect', [VERSION, packet(Buffer.from([1, 0, 0, 0, 2]))], /disconnected before its offer/],
    ['another message', [VERSION, packet(Buffer.from([31, 0]))], /message 31 came before/],
    ['a packet of no bytes', [VERSION, Buffer.from([0, 0, 0, 1, 0, 0])], /malformed/],
    ['more padding than packet', [VERSION, Buffer.from([0, 0, 0, 9, 200, 20])], /malformed/],
    ['a packet of 4 GiB', [VERSION, Buffer.from([255, 255, 255, 255, 4])], /4294967295 bytes is malformed/],
    ['a list that is cut', [VERSION, packet(message(LISTS).subarray(0, 60))], /malformed/],
    ['lines without end', [Buffer.alloc(80_000, 97)], /within 65536 bytes/],
    ['lines without a version', [Buffer.from('no\n'.repeat(30_000))], /within 65536 bytes/],
    [
      'messages without end',
      [VERSION, ...Array<Buffer>(9000).fill(packet(Buffer.from([2, 0])))],
      /within 65536/,
    ],
  ])('%s is a problem, and ends the reading', (_what, bytes, expected) => {
    const { outcome } = read(...bytes);
    expect(outcome).toEqual({ problem: expect.stringMatching(expected) });
  });

  test('nothing is told before the message is whole', () => {
    const whole = Buffer.concat([VERSION, packet(message(LISTS))]);
    for (let end = 0; end < whole.length; end += 7)
      expect(read(whole.subarray(0, end)).outcome).toBeUndefined();
  });

  test('the pieces it comes in change nothing', () => {
    const anything = fc.oneof(
      fc.constant(Buffer.concat([Buffer.from('hi\n'), VERSION, packet(message(LISTS))])),
      fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.concat([VERSION, bytes])),
      fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(anything, fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 30 }), (bytes, sizes) => {
        const chunks: Buffer[] = [];
        let at = 0;
        for (const size of sizes) {
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        expect(read(...chunks, bytes.subarray(at)).outcome).toEqual(read(bytes).outcome);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  test('lists of any names come back as they were', () => {
    const list = fc
      .array(fc.stringMatching(/^[!-+\--~]{1,64}$/), { maxLength: 12 })
      .map((names) => names.join(','));
    const lists = fc.record(
      Object.fromEntries(KEXINIT_LISTS.map((name) => [name, list])) as Record<keyof KexInit, typeof list>,
    );
    fc.assert(
      fc.property(lists, (sent) => {
        expect(read(VERSION, packet(message(sent))).outcome).toEqual({ kexInit: sent });
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  test('one byte at a time costs no more than the bytes', () => {
    const bytes = Buffer.concat([VERSION, Buffer.from([0, 0, 255, 0, 4]), Buffer.alloc(65_000)]);
    const reader = createKexInitReader();
    const room = vi.spyOn(Buffer, 'allocUnsafe');
    for (let at = 0; at < bytes.length; at += 1) if (reader.push(bytes.subarray(at, at + 1))) break;
    const taken = room.mock.calls.reduce((sum, [size]) => sum + size, 0);
    room.mockRestore();
    // Room is doubled; a copy of everything for every byte would be two gigabytes.
    expect(taken).toBeGreaterThan(65_000);
    expect(taken).toBeLessThan(4 * 65_000);
  });
});
