/** The engine against this machine's sshd. `npm run fuzz:match` runs the same comparison 20,000 times. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs, title } from '../../helpers/needs.js';
import { runDifferential } from './differential.js';
import { runExhaustive } from './exhaustive.js';
import { openBench, type Bench } from './real-sshd.js';

describe.skipIf(needs.sshd)(title('match engine against real sshd', needs.sshd), () => {
  let bench: Bench;
  beforeAll(() => {
    bench = openBench();
  });
  afterAll(() => bench.close());

  it('agrees on random configurations and connections', async () => {
    const tally = await runDifferential(bench, 480, 20_261_121);
    expect(tally.disagreements).toEqual([]);
    expect(tally.cases).toBeGreaterThanOrEqual(480);
    expect(tally.refused).toBeLessThan(tally.cases / 2);
    console.log(`differential: ${tally.cases} cases, ${tally.refused} refused by sshd, 0 disagreements`);
  });

  it('finds every value real sshd gives anyone, and no value it gives no one', async () => {
    const coverage = await runExhaustive(bench, 15, 7, true);
    expect(coverage.failures).toEqual([]);
    expect(coverage.asked).toBeGreaterThan(200);
    console.log(
      `exhaustive: ${coverage.configurations} configurations, ${coverage.asked} connections asked of sshd, 0 failures`,
    );
  });

  it('finds every value over many more connections, by its own evaluation', async () => {
    const coverage = await runExhaustive(bench, 150, 4711, false);
    expect(coverage.failures).toEqual([]);
    expect(coverage.cases).toBeGreaterThan(500);
  });
});
