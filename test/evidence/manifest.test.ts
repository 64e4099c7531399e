import fc from 'fast-check';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  compareFolder,
  listFiles,
  MANIFEST,
  parseManifest,
  sealFolder,
} from '../../src/evidence/manifest.js';

let base = '';
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'manifest-'));
});
afterAll(() => rmSync(base, { recursive: true }));

const HASH = 'a'.repeat(64);

describe('parseManifest', () => {
  test('what it takes is a relative path of plain names, once, whatever the bytes', () => {
    const line = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.string().map((path) => `${HASH}  ${path}`),
      fc.constantFrom(
        `${HASH}  ../x`,
        `${HASH}  /etc/passwd`,
        `${HASH}  a/../../x`,
        `${HASH}  a//b`,
        `${HASH}  ./x`,
        `${HASH}  a\\b`,
        `${HASH}  ${MANIFEST}`,
        `${HASH} *run.json`,
        `${HASH}  run.json`,
        `${HASH}  evidence/web-01.json.gz`,
      ),
    );
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('', '\n'), (lines, end) => {
        const { entries, problems } = parseManifest(lines.join('\n') + end);
        for (const [path, hash] of entries) {
          expect(hash).toMatch(/^[0-9a-f]{64}$/);
          expect(path).toMatch(/^[A-Za-z0-9_][\w.-]*(?:\/[A-Za-z0-9_][\w.-]*)*$/);
        }
        const whole = lines.join('\n') + end;
        const given = whole.split('\n').slice(0, -1).length;
        expect(entries.size + problems.length).toBeGreaterThanOrEqual(Math.min(given, 100));
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});

describe('a sealed folder', () => {
  test('is the same until something in it is not, and every difference is named', async () => {
    let count = 0;
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,8}$/);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(name, { minLength: 1, maxLength: 5 }),
        fc.uint8Array(),
        async (names, bytes) => {
          count += 1;
          const folder = join(base, `run-${count}`);
          mkdirSync(join(folder, 'evidence'), { recursive: true });
          for (const each of names) writeFileSync(join(folder, 'evidence', each), bytes);
          await sealFolder(folder);
          expect(await compareFolder(folder)).toMatchObject({ same: names.length, problems: [] });
          const [first = ''] = names;
          writeFileSync(join(folder, 'evidence', first), Buffer.concat([bytes, Buffer.from('!')]));
          writeFileSync(join(folder, 'more'), '');
          expect((await compareFolder(folder)).problems).toEqual([
            `evidence/${first} was changed`,
            'more was added',
          ]);
        },
      ),
      { seed: 7, numRuns: 30 },
    );
  });

  test('nothing is sealed with a link, or a name a manifest cannot hold', async () => {
    for (const [index, plant] of [
      (folder: string) => symlinkSync('/etc/passwd', join(folder, 'link')),
      (folder: string) => writeFileSync(join(folder, 'two\nlines'), ''),
      (folder: string) => mkdirSync(join(folder, 'a', 'b', 'c'), { recursive: true }),
    ].entries()) {
      const folder = join(base, `bad-${index}`);
      mkdirSync(folder);
      plant(folder);
      await expect(sealFolder(folder)).rejects.toMatchObject({ code: 'run-unsealable' });
    }
  });

  test('a link to a folder is not entered', async () => {
    const folder = join(base, 'linked');
    mkdirSync(folder);
    symlinkSync('/etc', join(folder, 'evidence'));
    expect(await listFiles(folder)).toEqual({ files: [], problems: ['evidence is a symbolic link'] });
  });

  test('a manifest that is a link is not read', async () => {
    const folder = join(base, 'manifest-link');
    mkdirSync(folder);
    writeFileSync(join(base, 'secret'), 'secret\n');
    symlinkSync(join(base, 'secret'), join(folder, MANIFEST));
    const { problems } = await compareFolder(folder);
    expect(problems.join('\n')).toContain('is a symbolic link');
    expect(problems.join('\n')).not.toContain(readFileSync(join(base, 'secret'), 'utf8').trim());
  });
});
