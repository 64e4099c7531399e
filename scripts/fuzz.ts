/**
 * npm run fuzz [-- CASES [SEED [PATTERN]]]: tries every parser of bytes that hosts and remote systems choose. Default: 1,000,000
 * cases over all of them, seed 1. Each parser runs in a process of its own, so that one that never returns is found
 * and named. Exits 1 when one throws, hangs, takes more than a second for a case, or breaks a bound.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { casesOf, fuzz } from '../test/fuzz/target.js';
import { TARGETS } from '../test/fuzz/targets.js';

/** The longest that all cases of one parser may take: four times what the slowest took. */
const MOST_MS = 1_200_000;

const [cases = '1000000', seed = '1', pattern = '', only] = process.argv.slice(2);
const shares = casesOf(TARGETS, Number(cases));

if (only === undefined) {
  let failed = 0;
  for (const [index, target] of TARGETS.entries()) {
    if (!target.name.includes(pattern)) continue;
    const problem = await inProcess(index);
    console.log(
      `${String(shares.get(target)).padStart(8)}  ${target.name}${problem === undefined ? '' : '  FAILED'}`,
    );
    if (problem === undefined) continue;
    failed += 1;
    console.error(problem);
  }
  console.log(`${TARGETS.length} parsers, seed ${seed}: ${failed === 0 ? 'no failure' : `${failed} failed`}`);
  process.exitCode = failed === 0 ? 0 : 1;
} else {
  const target = TARGETS[Number(only)];
  const problem = target && (await fuzz(target, shares.get(target) ?? 0, Number(seed)));
  process.send?.(problem ?? '', () => process.disconnect());
}

function inProcess(index: number): Promise<string | undefined> {
  const child = fork(fileURLToPath(import.meta.url), [cases, seed, pattern, String(index)], {
    execArgv: [...process.execArgv, '--max-old-space-size=1024'],
  });
  return new Promise((resolve) => {
    let told: string | undefined;
    const timer = setTimeout(() => {
      told = `${TARGETS[index]?.name ?? ''}: did not return within ${MOST_MS} ms`;
      child.kill('SIGKILL');
    }, MOST_MS);
    child.on('message', (message: string) => {
      told = message;
    });
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      resolve(told === '' ? undefined : (told ?? `ended by ${String(signal ?? code)} without a result`));
    });
  });
}
