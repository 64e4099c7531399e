import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readFrames } from '../../src/collector/frames.js';
import type { ProbeSpec } from '../../src/collector/probes.js';

const NONCE = '00112233445566778899aabbccddeeff';
const ASKED: readonly ProbeSpec[] = ['one', 'two'].map((name) => ({
  name,
  maxBytes: 16,
  setup: [],
  facts: [],
}));
const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');
const sha256 = (text: string): string => createHash('sha256').update(text, 'latin1').digest('hex');

function frame(
  name: string,
  out: string | Buffer = 'x',
  { rc = '0', err = '', sum }: { rc?: string; err?: string; sum?: string } = {},
): string {
  const body = `r${rc}\no${base64(out)}\ne${base64(err)}\n`;
  return `@@${NONCE} P ${name} 16\n${body}h${sum ?? sha256(body)}\n`;
}
const OPEN = `\n@@${NONCE} S 1 0 1795234839 dash\n`;
const close = (count: number): string => `@@${NONCE} E ${count}\n`;
const read = (text: string | Buffer) => readFrames(Buffer.from(text), NONCE, ASKED);

describe('frames', () => {
  test('a whole run', () => {
    const frames = read(OPEN + frame('one', 'hello', { err: 'warning' }) + frame('two', '') + close(2));
    expect(frames.failure).toBeUndefined();
    expect(frames.collector).toEqual({ protocol: 1, uid: 0, clock: 1795234839, shell: 'dash' });
    expect(frames.probes['one']).toMatchObject({
      rc: 0,
      stdout: 'hello',
      stderr: 'warning',
      bytes: 5,
      cut: false,
      timedOut: false,
    });
    expect(frames.probes['one']?.sha256).toBe(sha256('hello'));
    expect(frames.probes['two']).toMatchObject({ stdout: '', bytes: 0 });
  });

  test('what rc files print before the first frame is skipped', () => {
    expect(
      read(`Welcome!\n@@ffff S 1\nno newline at the end${OPEN}${frame('one')}${frame('two')}${close(2)}`)
        .failure,
    ).toBeUndefined();
  });

  test('carriage returns of a terminal are dropped', () => {
    expect(
      read((OPEN + frame('one') + frame('two') + close(2)).replaceAll('\n', '\r\n')).failure,
    ).toBeUndefined();
  });

  test('nothing, or nothing of ours, is no run', () => {
    expect(read('').failure?.code).toBe('no-frames');
    expect(read('sudo: a password is required\n').failure?.code).toBe('no-frames');
    expect(
      read(OPEN.replaceAll(NONCE, NONCE.replace('0', 'f')) + frame('one') + close(1)).failure?.code,
    ).toBe('no-frames');
  });

  test('a frame forged without the nonce does not count', () => {
    const forged = frame('one', 'forged').replaceAll(NONCE, '0'.repeat(32));
    const frames = read(OPEN + forged + frame('one') + frame('two') + close(2));
    expect(frames.failure?.code).toBe('output-corrupt');
    expect(frames.probes).toEqual({});
  });

  test('frame text inside a probe is data, not a frame', () => {
    const inside = `@@${NONCE} P two 16\n`;
    const frames = readFrames(
      Buffer.from(OPEN + frame('one', inside) + frame('two') + close(2)),
      NONCE,
      ASKED.map((probe) => ({ ...probe, maxBytes: 999 })),
    );
    expect(frames.failure).toBeUndefined();
    expect(frames.probes['one']?.stdout).toBe(inside);
    expect(frames.probes['two']?.stdout).toBe('x');
  });

  test.each([
    ['before the end', OPEN + frame('one') + frame('two'), 2],
    ['between probes', OPEN + frame('one'), 1],
    ['inside a probe', (OPEN + frame('one') + frame('two')).slice(0, -70), 1],
    ['after the opening', OPEN, 0],
  ])('output cut %s is told, and what came whole is kept', (_where, text, kept) => {
    const frames = read(text);
    expect(frames.failure?.code).toBe('output-cut');
    expect(Object.keys(frames.probes)).toHaveLength(kept);
  });

  test.each([
    ['a changed byte', OPEN + frame('one', 'x', { sum: sha256('y') }) + frame('two') + close(2)],
    ['a probe twice', OPEN + frame('one') + frame('one') + close(2)],
    ['a probe nobody asked for', OPEN + frame('three') + close(1)],
    ['a probe named like a property of every object', OPEN + frame('__proto__') + close(1)],
    ['a wrong count', OPEN + frame('one') + close(2)],
    ['a stray line', `${OPEN}stray\n${frame('one')}${frame('two')}${close(2)}`],
    ['another protocol', (OPEN + frame('one') + close(1)).replace(' S 1 ', ' S 2 ')],
  ])('%s is corruption', (_what, text) => {
    expect(read(text).failure?.code).toBe('output-corrupt');
  });

  test('a host that cannot make a sum says so, and is read', () => {
    expect(read(OPEN + frame('one', 'x', { sum: '-' }) + frame('two') + close(2)).failure).toBeUndefined();
  });

  test('one byte more than the limit is a cut; the limit itself is not', () => {
    const frames = read(OPEN + frame('one', 'x'.repeat(16)) + frame('two', 'x'.repeat(17)) + close(2));
    expect(frames.probes['one']).toMatchObject({ cut: false, bytes: 16 });
    expect(frames.probes['two']).toMatchObject({ cut: true, bytes: 17, stdout: 'x'.repeat(16) });
  });

  test('time limits of GNU and busybox timeout, and a missing status', () => {
    for (const rc of ['124', '143', '137'])
      expect(read(OPEN + frame('one', '', { rc }) + frame('two') + close(2)).probes['one']?.timedOut).toBe(
        true,
      );
    expect(read(OPEN + frame('one', '', { rc: '' }) + frame('two') + close(2)).probes['one']).toMatchObject({
      rc: 141,
      timedOut: false,
    });
  });

  test('bytes that are not UTF-8 are kept as they are', () => {
    const bytes = Buffer.from([0xff, 0x00, 0xfe]);
    expect(read(OPEN + frame('one', bytes) + frame('two') + close(2)).probes['one']).toMatchObject({
      stdoutEncoding: 'base64',
      stdout: bytes.toString('base64'),
    });
  });

  test('no bytes at all make the reader throw', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        OPEN,
        close(1),
        close(2),
        frame('one'),
        frame('two'),
        'r0\n',
        'h-\n',
        `@@${NONCE} `,
        `@@${NONCE} P`,
        '\r',
        '\n',
        'o====\n',
      ),
      fc.string({ unit: 'binary', maxLength: 20 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const frames = read(Buffer.from(pieces.join(''), 'latin1'));
        expect(Object.keys(frames.probes).every((name) => ['one', 'two'].includes(name))).toBe(true);
        // Whole is only what has both probes and a closing frame that says so.
        expect(frames.failure !== undefined || pieces.join('').includes(`@@${NONCE} E `)).toBe(true);
      }),
      { seed: 20261121, numRuns: 2000 },
    );
  });

  test('any byte changed in a whole run is noticed, or changes nothing', () => {
    const whole = Buffer.from(OPEN + frame('one', 'hello') + frame('two', 'world') + close(2));
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: whole.length - 2 }),
        fc.integer({ min: 1, max: 255 }),
        (at, by) => {
          const changed = Buffer.from(whole);
          changed[at] = (changed[at] ?? 0) ^ by;
          const frames = read(changed);
          const same = frames.probes['one']?.stdout === 'hello' && frames.probes['two']?.stdout === 'world';
          expect(frames.failure !== undefined || same).toBe(true);
        },
      ),
      { seed: 20261121, numRuns: 3000 },
    );
  });
});
