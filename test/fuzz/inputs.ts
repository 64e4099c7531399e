/** Bytes a hostile host could send: noise, its vocabulary in any order, and true samples with a few things changed. */
import fc from 'fast-check';

/** Most bytes of one input: about what the collector brings of one thing. */
const MOST = 4 * 1024 * 1024;

const NASTY: readonly string[] = [
  '\0',
  '\r',
  '\n',
  '\r\n',
  '\t',
  ' ',
  '"',
  "'",
  '\\',
  '`',
  '$(',
  '${',
  '((',
  '))',
  '{',
  '}',
  '[',
  ']',
  '<<EOF\n',
  '#',
  '=',
  '-',
  '--',
  '*',
  '?',
  '!',
  ',',
  ';',
  ':',
  '|',
  '&',
  '%u',
  '%%',
  '@@',
  '../',
  '/',
  '\u001b[2J',
  '\u202e',
  '\ud83d\ude00',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'true',
  '-1',
  '0',
  '4294967295',
  '4294967296',
  '18446744073709551615',
  '99999999999999999999999999',
  '1e999',
  'NaN',
  '2026-11-21T02:00:00Z',
  '9999-99-99T99:99:99Z',
];

export interface Vocabulary {
  readonly seeds: readonly Buffer[];
  /** Words of its language. */
  readonly words: readonly string[];
}

interface Edit {
  readonly kind: 'flip' | 'cut' | 'drop' | 'insert' | 'double' | 'splice' | 'number' | 'swap';
  readonly at: number;
  readonly length: number;
  readonly word: number;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom('flip', 'cut', 'drop', 'insert', 'insert', 'double', 'splice', 'number', 'swap'),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.integer({ min: 1, max: 200 }),
  word: fc.nat(),
});

/** Everything a target is tried with. */
export function inputFor({ seeds, words }: Vocabulary): fc.Arbitrary<Buffer> {
  const language = [...words, ...NASTY];
  const mutated = fc
    .tuple(fc.nat(), fc.array(edit, { minLength: 1, maxLength: 12 }))
    .map(([seed, edits]) =>
      edits.reduce((bytes, one) => apply(bytes, one, seeds, language), pick(seeds, seed)),
    );
  const spoken = fc
    .array(fc.constantFrom(...language), { maxLength: 60 })
    .map((parts) => Buffer.from(parts.join(' ')));
  const noise = fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes));
  // What is harmless once may cost the square of its length a thousand times over.
  const long = fc
    .tuple(
      fc.oneof(
        mutated,
        spoken,
        fc.constantFrom(...language).map((word) => Buffer.from(word)),
      ),
      // One of a thousand inputs is as large as a host can make it.
      fc.oneof(
        { arbitrary: fc.integer({ min: 14, max: 18 }), weight: 9 },
        { arbitrary: fc.integer({ min: 19, max: 22 }), weight: 1 },
      ),
    )
    .map(([part, power]) => repeated(part, 2 ** power));
  return fc.oneof(
    { arbitrary: mutated, weight: 70 },
    { arbitrary: spoken, weight: 20 },
    { arbitrary: noise, weight: 9 },
    { arbitrary: long, weight: 1 },
  );
}

function pick(seeds: readonly Buffer[], index: number): Buffer {
  return seeds[index % Math.max(1, seeds.length)] ?? Buffer.alloc(0);
}

function repeated(part: Buffer, size: number): Buffer {
  return part.length === 0 ? Buffer.alloc(0) : Buffer.alloc(Math.min(MOST, size), part);
}

function apply(
  bytes: Buffer,
  { kind, at, length, word }: Edit,
  seeds: readonly Buffer[],
  words: readonly string[],
): Buffer {
  const from = Math.min(bytes.length, Math.floor(at * (bytes.length + 1)));
  const to = Math.min(bytes.length, from + length);
  const [before, part, after] = [bytes.subarray(0, from), bytes.subarray(from, to), bytes.subarray(to)];
  const join = (...parts: readonly Buffer[]): Buffer => Buffer.concat(parts).subarray(0, MOST);
  switch (kind) {
    case 'flip': {
      const copy = Buffer.from(bytes);
      if (from < copy.length) copy[from] = (copy[from] ?? 0) ^ (1 << (word % 8));
      return copy;
    }
    case 'cut':
      return bytes.subarray(0, from);
    case 'drop':
      return join(before, after);
    case 'insert':
      return join(before, Buffer.from(words[word % words.length] ?? ''), part, after);
    case 'double':
      return join(before, ...Array.from({ length: 2 + (word % 60) }, () => part), after);
    case 'splice': {
      const other = pick(seeds, word);
      const start = word % (other.length + 1);
      return join(before, other.subarray(start, start + length * 4), after);
    }
    case 'number':
      return Buffer.from(
        bytes
          .toString('latin1')
          .replace(/\d+/g, (digits, offset: number) =>
            Math.abs(offset - from) < length ? (words[word % words.length] ?? digits) : digits,
          ),
        'latin1',
      );
    case 'swap':
      return join(after, part, before);
  }
}
