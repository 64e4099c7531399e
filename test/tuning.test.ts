import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** V8 complains on standard error about what it does not know, and goes on. */
test('V8 knows everything it is told, and still computes', async () => {
  const script = `
    import { tuneV8 } from ${JSON.stringify(new URL('../src/tuning.ts', import.meta.url).href)};
    tuneV8();
    let kept = [];
    for (let round = 0; round < 300; round += 1) kept = Array.from({ length: 5000 }, (_, index) => ({ index }));
    console.log(kept.length);
  `;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    '--import',
    'tsx',
    '--input-type=module',
    '--eval',
    script,
  ]);
  expect({ stdout, stderr }).toEqual({ stdout: '5000\n', stderr: '' });
});
