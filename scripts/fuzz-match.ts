/**
 * Compares the match engine with this machine's sshd on random configurations.
 * Usage: fuzz-match [cases=20000] [seed=1]. Needs root, sshd and ssh-keygen. Exits 1 on the first disagreements.
 */
import { runDifferential } from '../test/facts/match-engine/differential.js';
import { openBench } from '../test/facts/match-engine/real-sshd.js';

const cases = Number(process.argv[2] ?? 20_000);
const seed = Number(process.argv[3] ?? 1);
const bench = openBench();
try {
  const tally = await runDifferential(bench, cases, seed);
  for (const disagreement of tally.disagreements.slice(0, 5)) console.error(`${disagreement}\n`);
  const count = tally.disagreements.length;
  console.log(
    `${bench.version.text}: ${tally.cases} cases (${tally.refused} refused by sshd), ${count} disagreements, seed ${seed}`,
  );
  process.exitCode = count === 0 ? 0 : 1;
} finally {
  bench.close();
}
