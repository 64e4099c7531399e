import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readLines, type ReadEnd } from '../../../src/sources/certificates/read.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ssh-scorecard-read-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function read(
  content: string | Buffer,
  limits: { bytes?: number; line?: number; signal?: AbortSignal } = {},
): Promise<{ lines: (string | null)[]; numbers: number[]; end: ReadEnd }> {
  const path = join(folder, 'file');
  writeFileSync(path, content);
  const end: ReadEnd = { bytes: 0 };
  const lines: (string | null)[] = [];
  const numbers: number[] = [];
  const given = { bytes: 1 << 20, signal: new AbortController().signal, ...limits };
  for await (const { number, text } of readLines(path, given, end)) {
    lines.push(text);
    numbers.push(number);
  }
  return { lines, numbers, end };
}

test('lines as they are, with or without an end, in both forms of line ends', async () => {
  expect(await read('a\nb\r\n\nc')).toEqual({
    lines: ['a', 'b', '', 'c'],
    numbers: [1, 2, 3, 4],
    end: { bytes: 7 },
  });
  expect((await read('')).lines).toEqual([]);
  expect((await read(gzipSync('a\nb\n'))).lines).toEqual(['a', 'b']);
});

test('property: plain or zipped, the lines are those of the text', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ maxLength: 300, unit: fc.constantFrom('a', 'ä', '\n', '\r', '😀') }),
      async (text) => {
        const wanted = text.split('\n').map((line) => line.replace(/\r$/, ''));
        if (text.endsWith('\n') || text === '') wanted.pop();
        expect((await read(text)).lines).toEqual(wanted);
        expect((await read(gzipSync(text))).lines).toEqual(wanted);
      },
    ),
    { seed: 3, numRuns: 60 },
  );
});

test('a plain file beyond the limit is read from its end, without the line that is cut', async () => {
  const { lines, end } = await read('first\nsecond\nthird\nlast\n', { bytes: 13 });
  expect(lines).toEqual(['third', 'last']);
  expect(end.cut).toBe('start');
});

test('a zipped one is stopped there, however much it would become', async () => {
  const bomb = gzipSync(Buffer.alloc(64 << 20, 'x\n'));
  const { lines, end } = await read(bomb, { bytes: 1 << 20 });
  expect(end).toMatchObject({ cut: 'end' });
  expect(end.bytes).toBeLessThan(2 << 20);
  expect(lines.length).toBeLessThan(1 << 20);
});

test('a line beyond its limit is passed over and counted; the next ones are read', async () => {
  const { lines, numbers } = await read(`ok\n${'x'.repeat(300_000)}\nagain\n`, { line: 1000 });
  expect(lines).toEqual(['ok', null, 'again']);
  expect(numbers).toEqual([1, 2, 3]);
});

test('what is cancelled, cut in the middle or no file fails', async () => {
  const stop = new AbortController();
  stop.abort();
  await expect(read('a\nb\n', { signal: stop.signal })).rejects.toThrow('reading was cancelled');
  await expect(read(gzipSync('a\n'.repeat(1000)).subarray(0, 20))).rejects.toThrow('unexpected end of file');
  const end: ReadEnd = { bytes: 0 };
  const from = readLines(folder, { bytes: 1, signal: new AbortController().signal }, end);
  await expect(from.next()).rejects.toThrow('not a regular file');
});

test('a file that grows while it is read ends where it did at first', async () => {
  const path = join(folder, 'growing');
  writeFileSync(path, 'a\n'.repeat(100));
  const end: ReadEnd = { bytes: 0 };
  let count = 0;
  for await (const { text } of readLines(path, { bytes: 200, signal: new AbortController().signal }, end)) {
    expect(text).toBe('a');
    count += 1;
    appendFileSync(path, 'a\n');
  }
  expect(count).toBe(100);
  expect(end).toEqual({ bytes: 200 });
});
