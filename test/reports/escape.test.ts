import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryPages, validateXML } from 'xmllint-wasm';
import {
  bounded,
  csvCell,
  githubData,
  githubProperty,
  html,
  jsonDocument,
  markdown,
  terminal,
  terminalAscii,
  xml,
} from '../../reports/escape.js';

/** Any UTF-16, lone surrogates included, with the nasty code points made frequent. */
const nasty = fc.constantFrom(
  '\u0000',
  '\u0007',
  '\b',
  '\t',
  '\n',
  '\r',
  '\u001b[2J',
  '\u001b]0;x\u0007',
  '\u007f',
  '\u0085',
  '\u009b31m',
  '\u00a0',
  '\u00ad',
  '\u061c',
  '\u200b',
  '\u200d',
  '\u200e',
  '\u2028',
  '\u2029',
  '\u202e',
  '\u2066',
  '\u2069',
  '\u3164',
  '\ufe0f',
  '\ufeff',
  '\ufffe',
  '\uffff',
  '\ud800',
  '\udc00',
  '\u{e0041}',
  '\u{1f600}',
  '日本',
  '\\',
  '##[',
  '##vso[',
  '::',
  ']]>',
  '<',
  '&',
  '"',
  "'",
  '=1',
  '+1',
  '-1',
  '@x',
  '%',
  ',',
  '|',
  '`',
  'www.x',
  'https://x',
  '#12',
  '  ',
  '- ',
);
const text = fc
  .array(fc.oneof(nasty, fc.string({ unit: 'binary' }), fc.string()), { maxLength: 12 })
  .map((parts) => parts.join(''));
const any = { seed: 20261121, numRuns: 2000 };

const INVISIBLE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|\u00ad|\u034f|\u115f|\u1160|\u3164|\p{Variation_Selector}|[\ufdd0-\ufdef\ufffe\uffff]/u;

describe('terminal', () => {
  it('lets no control, bidi, zero-width, separator or lone surrogate out, and is idempotent', () => {
    fc.assert(
      fc.property(text, (input) => {
        const out = terminal(input);
        expect(out).not.toMatch(INVISIBLE);
        expect(out).not.toMatch(/##(vso|teamcity)?\[/i);
        expect(terminal(out)).toBe(out);
      }),
      any,
    );
  });

  it('leaves what a person can read as it is', () => {
    for (const plain of ['PermitRootLogin no', 'ünï – 日本 👍 Ω', 'a\\b "c" <d> #1 ::1', ''])
      expect(terminal(plain)).toBe(plain);
  });

  it.each([
    ['\u001b[31m', '\\u001b[31m'],
    ['a\tb\r\n', 'a\\tb\\r\\n'],
    ['\u202e\u2066', '\\u202e\\u2066'],
    ['\u{e0041}', '\\u{e0041}'],
    ['\ud800x\udc00', '\\ud800x\\udc00'],
    ['a\u00a0b', 'a\\u00a0b'],
    ['##vso[task]##[x]###[y]', '#\\u0023vso[task]#\\u0023[x]##\\u0023[y]'],
  ])('shows %j as %j', (input, output) => {
    expect(terminal(input)).toBe(output);
  });

  it('has an ASCII form', () => {
    expect(terminalAscii('é日👍\u001b')).toBe('\\u00e9\\u65e5\\u{1f44d}\\u001b');
    fc.assert(
      fc.property(text, (input) => /^[ -~]*$/.test(terminalAscii(input))),
      any,
    );
  });
});

describe('xml', () => {
  const legal = /^[\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

  it('only lets out what XML 1.0 allows', () => {
    fc.assert(
      fc.property(text, (input) => legal.test(xml(input))),
      any,
    );
    expect(xml('a\u0000\ufffe\ud800 ]]>]]>')).toBe('a\\u0000\\ufffe\\ud800 ]]\\u003e]]\\u003e');
  });

  it('parses, as text and as an attribute', async () => {
    const markup = (input: string): string =>
      xml(input)
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('"', '&quot;');
    const rows = fc
      .sample(text, { seed: any.seed, numRuns: 500 })
      .map((input) => `<r a="${markup(input)}">${markup(input)}</r>`);
    const result = await validateXML({
      xml: `<all>${rows.join('\n')}</all>`,
      normalization: 'c14n',
      maxMemoryPages: memoryPages.GiB,
    });
    expect(result.rawOutput).not.toMatch(/error/i);
    expect(result.normalized.match(/<r /g)?.length).toBe(500);
  });
});

describe('jsonDocument', () => {
  it('keeps the meaning and hides nothing', () => {
    fc.assert(
      fc.property(text, fc.jsonValue(), (input, value) => {
        const document = { [input]: input, value };
        const out = jsonDocument(JSON.stringify(document, null, 2));
        expect(JSON.parse(out)).toEqual(JSON.parse(JSON.stringify(document)));
        expect(out.replaceAll('\n', '')).not.toMatch(INVISIBLE);
        expect(out).not.toMatch(/##(vso|teamcity)?\[/i);
        expect(jsonDocument(out)).toBe(out);
      }),
      any,
    );
  });
});

describe('html', () => {
  it('leaves no markup, and a browser would read back what was shown', () => {
    const entities: Readonly<Record<string, string>> = {
      '&amp;': '&',
      '&lt;': '<',
      '&gt;': '>',
      '&quot;': '"',
      '&#39;': "'",
    };
    fc.assert(
      fc.property(text, (input) => {
        const out = html(input);
        expect(out).not.toMatch(/[<>"']/);
        expect(out.replaceAll(/[\n\t]/g, '')).not.toMatch(INVISIBLE);
        const read = out.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? '');
        expect(terminal(read)).toBe(terminal(input));
        expect(out.replace(/&(?:amp|lt|gt|quot|#39);/g, '')).not.toContain('&');
      }),
      any,
    );
  });
});

describe('csvCell', () => {
  const read = (cell: string): string => cell.slice(1, -1).replaceAll('""', '"');

  it('is one quoted cell that no spreadsheet takes for a formula', () => {
    fc.assert(
      fc.property(text, (input) => {
        fc.pre(!/##(vso|teamcity)?\[/i.test(input));
        const out = csvCell(input);
        expect(out).toMatch(/^"(?:[^"]|"")*"$/);
        expect(out).not.toMatch(INVISIBLE);
        const formula = /^["' ]*[=+\-@＝＋－＠]/.test(terminal(input));
        expect(read(out)).toBe(`${formula ? "'" : ''}${terminal(input)}`);
      }),
      any,
    );
  });

  it.each(['=HYPERLINK("http://evil","x")', '+1', '-1', '@SUM(A1)', '"=1+1"', ' =1', '＝1', "'=1"])(
    'disarms %j',
    (formula) => {
      expect(read(csvCell(formula))).toBe(`'${formula}`);
    },
  );

  it('leaves other text alone', () => {
    expect(csvCell('a "b", c')).toBe('"a ""b"", c"');
    expect(csvCell('\t=1')).toBe('"\\t=1"');
  });
});

describe('markdown', () => {
  it('stays on one line and starts no markup, mention, reference or link', () => {
    fc.assert(
      fc.property(text, (input) => {
        const out = markdown(input);
        expect(out).not.toMatch(INVISIBLE);
        const bare = out.replaceAll('<!-- -->', '<->').replace(/\\[!-/:-@[-`{-~]/g, '');
        expect(bare.replaceAll('<->', '')).not.toMatch(/[<>|`*_[\]~!]/);
        expect(bare).not.toMatch(/@(?!<->)|#(?!<->)|:\/\/|www\./i);
      }),
      any,
    );
  });

  it.each([
    ['a|b', 'a\\|b'],
    ['<img src=x>', '&lt;img src=x&gt;'],
    ['@ops #12', '@<!-- -->ops #<!-- -->12'],
    ['https://evil.example', 'https\\:<!-- -->//evil\\.example'],
    ['1. x', '1\\. x'],
  ])('%j becomes %j', (input, output) => {
    expect(markdown(input)).toBe(output);
  });
});

describe('GitHub workflow commands', () => {
  it('cannot be left or opened by their text', () => {
    fc.assert(
      fc.property(text, (input) => {
        const [data, property] = [githubData(input), githubProperty(input)];
        expect(data).not.toMatch(INVISIBLE);
        expect(data).not.toMatch(/%(?!25|0A)/);
        expect(property).not.toMatch(/[:,]/);
        const read = data.replaceAll('%0A', '\n').replaceAll('%25', '%');
        expect(terminal(read)).toBe(terminal(input));
      }),
      any,
    );
    expect(githubData('50%\n::set-env\r')).toBe('50%25%0A::set-env\\r');
    expect(githubProperty('a:b,c')).toBe('a%3Ab%2Cc');
  });
});

describe('bounded', () => {
  it('never exceeds its bound, says how much is gone, and is idempotent', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 40 }), (input, max) => {
        const out = bounded(input, max);
        const [before, after] = [Array.from(input), Array.from(out)];
        expect(after.length).toBeLessThanOrEqual(Math.max(max, 0));
        expect(bounded(out, max)).toBe(out);
        // Below eleven there may be no room for the mark.
        const [, kept = '', gone = '0'] =
          before.length <= max ? [out, out] : (/^([^]*)\.\.\.\[\+(\d+)\]$/u.exec(out) ?? []);
        expect(input.startsWith(kept)).toBe(true);
        expect(max <= 10 || Array.from(kept).length + Number(gone) === before.length).toBe(true);
      }),
      any,
    );
  });

  it('does not cut a surrogate pair', () => {
    expect(bounded('👍'.repeat(20), 12)).toBe(`${'👍'.repeat(4)}...[+16]`);
  });
});
