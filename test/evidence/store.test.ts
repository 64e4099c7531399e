import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { canonicalJson, evidenceHash } from '../../src/evidence/hash.js';
import { openRunFolder, readEvidence, readSources } from '../../src/evidence/read.js';
import { parseRecord } from '../../src/evidence/run-record.js';
import { createRun, hostFile, reopenRun, runId } from '../../src/evidence/store.js';
import type { HostEvidence } from '../../src/model.js';
import { evidence, INVENTORY_TEXT, record, unfinished } from './records.js';

let base = '';
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'store-'));
});
afterAll(() => rmSync(base, { recursive: true }));

async function all(folder: string): Promise<HostEvidence[]> {
  const found: HostEvidence[] = [];
  for await (const each of readEvidence(folder)) found.push(each);
  return found;
}

describe('the run folder', () => {
  test('what was written comes back, private to its owner, with a record from the first moment', async () => {
    const store = await unfinished(base, 'one');
    expect((await openRunFolder(store.folder)).record.state).toBe('running');
    await store.writeHost(evidence('web-01'));
    await store.writeHost(evidence('db-01'));
    expect((await all(store.folder)).map(({ host }) => host)).toEqual(['db-01', 'web-01']);
    expect((await openRunFolder(store.folder)).inventoryText).toBe(INVENTORY_TEXT);
    expect(statSync(store.folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(join(store.folder, 'evidence')))
      expect(statSync(join(store.folder, 'evidence', name)).mode & 0o777).toBe(0o600);
    expect(statSync(join(store.folder, 'run.json')).mode & 0o777).toBe(0o600);
  });

  test('a temporary file of a killed run is not evidence, and goes when the run goes on', async () => {
    const store = await unfinished(base, 'killed');
    const half = join(store.folder, 'evidence', 'web-01.json.gz.123.tmp');
    writeFileSync(half, 'half');
    expect(await all(store.folder)).toEqual([]);
    await reopenRun(store.folder, false);
    expect(readdirSync(join(store.folder, 'evidence'))).toEqual([]);
  });

  test('a damaged file is named, not skipped', async () => {
    const store = await unfinished(base, 'damaged');
    await store.writeHost(evidence('web-01'));
    writeFileSync(join(store.folder, 'evidence', 'web-01.json.gz'), 'not gzip');
    await expect(all(store.folder)).rejects.toThrow('web-01.json.gz');
  });

  test('no host name leaves the folder', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.constantFrom('../../etc/passwd', '/etc/passwd', '.', '..', 'a/b', 'a\u0000b', 'CON'),
        ),
        async (name) => {
          const folder = mkdtempSync(join(base, 'names-'));
          const store = await unfinished(folder, 'run');
          await store.writeHost(evidence(name));
          expect(readdirSync(folder)).toEqual(['run']);
          expect(readdirSync(join(folder, 'run', 'evidence'))).toHaveLength(1);
          expect((await all(store.folder))[0]?.host).toBe(name);
        },
      ),
      { numRuns: 40, seed: 7 },
    );
  });

  test('a base that cannot be written fails before any host is asked', async () => {
    writeFileSync(join(base, 'file'), '');
    const run = { record: record('run'), inventoryText: '' };
    await expect(createRun(join(base, 'file'), run)).rejects.toThrow('cannot write the run folder');
  });
});

describe('a folder from elsewhere', () => {
  const write = async (id: string, file: string, bytes: Uint8Array | string) => {
    const { folder } = await unfinished(base, id);
    writeFileSync(join(folder, file), bytes);
    return folder;
  };
  const packed = (value: unknown) => gzipSync(JSON.stringify(value));

  test.each([
    ['a bomb', gzipSync(Buffer.alloc(300 * 1024 * 1024))],
    ['another format', packed({ ...evidence('web-01'), schema: 2 })],
    ['no object', packed([])],
    ['a probe that is none', packed({ ...evidence('web-01'), probes: { sshd: 5 } })],
    ['a clock that is none', packed({ ...evidence('web-01'), finishedAt: 'yesterday' })],
    ['deep', gzipSync(`{"schema":1,"host":"web-01","x":${'['.repeat(9000)}${']'.repeat(9000)}}`)],
    ['another host', packed(evidence('db-01'))],
    ['a path for a name', packed(evidence('../web-01'))],
  ])('evidence that is %s is named and ends the reading', async (title, bytes) => {
    const folder = await write(title.replaceAll(' ', '-'), 'evidence/web-01.json.gz', bytes);
    await expect(all(folder)).rejects.toMatchObject({
      code: 'evidence-damaged',
      message: expect.stringContaining('web-01.json.gz') as string,
    });
  });

  test('text from it cannot draw on the terminal', async () => {
    const said = async (folder: string) =>
      all(folder).then(
        () => '',
        (error: unknown) => String(error),
      );
    const odd = await said(await write('odd', 'evidence/\u001b[2J.json.gz', 'x'));
    expect(odd).toContain('\\u001b[2J');
    expect(odd).not.toContain('\u001b');
    const torn = await said(await write('torn', 'evidence/web-01.json.gz', gzipSync('{"\u001b[2J')));
    expect(torn).not.toContain('\u001b');
    const key = JSON.stringify({ ...record('x'), '\u001b[2J': 1 });
    expect(() => parseRecord('run.json', key)).toThrow('\\u001b[2J');
  });

  test('a file that claims a terabyte is not read', async () => {
    const folder = await write('large', 'evidence/web-01.json.gz', '');
    truncateSync(join(folder, 'evidence', 'web-01.json.gz'), 2 ** 40);
    await expect(all(folder)).rejects.toThrow('larger than');
  });

  test('links are not followed: files, and folders', async () => {
    const { folder } = await unfinished(base, 'links');
    const secret = join(base, 'secret.json.gz');
    writeFileSync(secret, packed(evidence('web-01')));
    symlinkSync(secret, join(folder, 'evidence', 'web-01.json.gz'));
    await expect(all(folder)).rejects.toThrow('symbolic link');
    rmSync(join(folder, 'evidence'), { recursive: true });
    mkdirSync(join(base, 'elsewhere'));
    symlinkSync(join(base, 'elsewhere'), join(folder, 'evidence'));
    await expect(all(folder)).rejects.toThrow('is not a folder');
    rmSync(join(folder, 'inventory.yaml'));
    symlinkSync('/etc/passwd', join(folder, 'inventory.yaml'));
    await expect(openRunFolder(folder)).rejects.toThrow('symbolic link');
  });

  test('an inventory that is not the recorded one is refused', async () => {
    const folder = await write('swapped', 'inventory.yaml', 'hosts: [{ name: other }]\n');
    await expect(openRunFolder(folder)).rejects.toMatchObject({ code: 'run-damaged' });
  });

  test('only the six sources are read, and only in their shape', async () => {
    const folder = await write('sources', 'sources/unheard-of.json.gz', 'x');
    expect(await readSources(folder)).toEqual([]);
    writeFileSync(join(folder, 'sources', 'vault.json.gz'), packed({ schema: 1, source: 'vault' }));
    await expect(readSources(folder)).rejects.toThrow('vault.json.gz');
  });

  test('whatever run.json holds, it is a record or one clear error', async () => {
    const whole = JSON.stringify(record('x'));
    expect(parseRecord('run.json', whole).run.id).toBe('x');
    const { folder } = await unfinished(base, 'record');
    expect(parseRecord('run.json', readFileSync(join(folder, 'run.json'), 'utf8'))).toEqual(record('record'));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.nat(whole.length).map((n) => whole.slice(0, n)),
        ),
        (text) => {
          if (text === whole) return;
          expect(() => parseRecord('run.json', text)).toThrow(/^cannot use run\.json: /);
        },
      ),
      { seed: 7, numRuns: 200 },
    );
    for (const id of ['../x', '/etc', '.', '', 'a/b'])
      expect(() => parseRecord('run.json', JSON.stringify(record(id)))).toThrow('run.id');
  });
});

test('run IDs sort by time and stay apart within a second', () => {
  const at = new Date('2026-11-21T02:00:00.123Z');
  expect(runId(at, '1a2b3c4d')).toBe('2026-11-21T02-00-00Z-1a2b3c');
});

test('plain names keep their name, others are hashed', () => {
  expect(hostFile('web-01.example.org')).toBe('web-01.example.org.json.gz');
  expect(hostFile('../x')).toMatch(/^h-[0-9a-f]{64}\.json\.gz$/);
});

test('equal evidence has one hash, whatever the order of its keys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).toReversed());
      expect(canonicalJson(turned)).toBe(canonicalJson(value));
    }),
    { seed: 7 },
  );
  expect(evidenceHash(evidence('a'))).not.toBe(evidenceHash(evidence('b')));
});
