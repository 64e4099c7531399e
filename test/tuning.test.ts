import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { transform } from 'esbuild';
import { expect, test } from 'vitest';
import { growthFor, knowsBudget } from '../src/tuning.js';
import { runFolder } from './helpers/run-folder.js';

/** As the program is started: a loader of sources would have made the young generation grow. V8 complains on standard error about what it does not know, and goes on. */
test('V8 knows everything it is told, and still computes; the young generation grows once, for many hosts', async () => {
  const source = await readFile(new URL('../src/tuning.ts', import.meta.url), 'utf8');
  const path = join(runFolder(), 'tuning.mjs');
  await writeFile(path, (await transform(source, { loader: 'ts' })).code);
  const script = `
    import { getHeapSpaceStatistics } from 'node:v8';
    import { tuneForHosts, tuneWhenLoaded, tuneV8 } from ${JSON.stringify(pathToFileURL(path).href)};
    const young = () => getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space').space_size / 2 ** 20;
    let kept = [];
    const work = () => {
      for (let round = 0; round < 300; round += 1) kept = Array.from({ length: 5000 }, (_, index) => ({ index }));
      return kept.length;
    };
    tuneV8();
    tuneWhenLoaded();
    tuneForHosts(49);
    const sizes = [work(), young()];
    for (let round = 0; round < 3; round += 1) {
      tuneForHosts(round % 2 === 0 ? 10_000 : 1000);
      sizes.push(work(), young());
    }
    console.log(sizes.join(' '));
  `;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    script,
  ]);
  expect({ stdout, stderr }).toEqual({ stdout: '5000 2 5000 8 5000 8 5000 8\n', stderr: '' });
});

test('garbage takes what room a fleet leaves, and never less than two fifths of what is in use', () => {
  expect([50, 1000, 5000, 10_000, 100_000].map(growthFor)).toEqual([164, 135, 60, 40, 40]);
});

test('only the V8 of Node 20 is told of a budget: later ones would complain with every command', () => {
  // Node 20.20, 22.23 and 24.21.
  expect(['11.3.244.8-node.38', '12.4.254.21-node.56', '13.6.233.28-node.59'].map(knowsBudget)).toEqual([
    true,
    false,
    false,
  ]);
});
