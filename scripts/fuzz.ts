/**
 * npm run fuzz [-- CASES [SEED [PATTERN]]]: tries every parser of bytes that hosts and remote systems choose. Default:
 * 1,000,000 cases over all of them, seed 1. The parsers run in a process of their own, so that one that never returns
 * or takes all memory is found and named, with its input. Exits 1 when one throws, hangs, takes more than a second of
 * processor time for 256 KiB, or breaks a bound.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { ftruncateSync, openSync, readFileSync, rmSync, mkdtempSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { casesOf, fuzz, shownInput, type Told } from '../test/fuzz/target.js';
import { TARGETS } from '../test/fuzz/targets.js';

/** The longest that one case may take before its process is ended. The machine may be busy. */
const MOST_MS = 120_000;
const HEAP_MB = 1024;

const [cases = '1000000', seed = '1', pattern = '', from, inputFile = ''] = process.argv.slice(2);
const chosen = TARGETS.filter(({ name }) => name.includes(pattern));
const shares = casesOf(TARGETS, Number(cases));

if (from === undefined) await conduct();
else await work(Number(from));

/** In the process of the parsers: one after the other, each told when it is done. */
async function work(first: number): Promise<void> {
  const file = openSync(inputFile, 'w+');
  let told = 0;
  for (let index = first; index < chosen.length; index += 1) {
    const target = chosen[index];
    if (!target) break;
    const result = await fuzz(target, shares.get(target) ?? 0, Number(seed), {
      before: (bytes) => {
        ftruncateSync(file, 0);
        writeSync(file, bytes, 0, bytes.length, 0);
        if (performance.now() - told < 1000) return;
        told = performance.now();
        process.send?.('alive');
      },
    });
    await new Promise((resolve) => process.send?.(result, resolve));
  }
  process.disconnect();
}

async function conduct(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ssh-scorecard-fuzz-'));
  const started = performance.now();
  let tried = 0;
  let failed = 0;
  for (let index = 0; index < chosen.length;) {
    const input = join(folder, 'input');
    const ended = await inProcess(index, input, ({ cases: made, problem }) => {
      const name = chosen[index]?.name ?? '';
      tried += made;
      console.log(`${String(made).padStart(8)}  ${name}${problem === undefined ? '' : '  FAILED'}`);
      if (problem !== undefined) console.error(problem);
      failed += problem === undefined ? 0 : 1;
      index += 1;
    });
    if (index >= chosen.length) break;
    // The process did not come to the end: the parser it was at is to blame.
    failed += 1;
    console.error(
      `${chosen[index]?.name ?? ''}: ${ended} (seed ${seed}; ${shownInput(readFileSync(input))})`,
    );
    index += 1;
  }
  rmSync(folder, { recursive: true });
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(
    `fuzz: ${tried} cases, ${chosen.length} parsers, seed ${seed}, ${seconds} s: ${failed === 0 ? 'no failure' : `${failed} failed`}`,
  );
  process.exitCode = failed === 0 ? 0 : 1;
}

/** @returns how the process ended. */
function inProcess(first: number, input: string, done: (told: Told) => void): Promise<string> {
  const child: ChildProcess = fork(
    fileURLToPath(import.meta.url),
    [cases, seed, pattern, String(first), input],
    { execArgv: [...process.execArgv, `--max-old-space-size=${HEAP_MB}`] },
  );
  return new Promise((resolve) => {
    let late = false;
    let timer = setTimeout(() => undefined, 0);
    const wait = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        late = true;
        child.kill('SIGKILL');
      }, MOST_MS);
    };
    wait();
    child.on('message', (message: Told | 'alive') => {
      wait();
      if (message !== 'alive') done(message);
    });
    // What it told last is read by then.
    child.on('disconnect', () => {
      clearTimeout(timer);
      resolve(late ? `did not return within ${MOST_MS} ms` : 'its process ended: out of memory?');
    });
  });
}
