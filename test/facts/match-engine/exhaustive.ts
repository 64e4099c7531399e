/** Checks an enumeration of cases against connections tried one by one. */
import fc from 'fast-check';
import {
  compareWithSshd,
  enumerateCases,
  evaluate,
  type ParsedConfig,
} from '../../../src/facts/match-engine/index.js';
import type { Account, Connection, SshdCase } from '../../../src/facts/types.js';
import { parseGenerated } from './differential.js';
import { denseConfigurations } from './generate-dense.js';
import { GRID } from './generate.js';
import { askSshd, writeFiles, type Bench } from './real-sshd.js';

export interface Coverage {
  configurations: number;
  /** Connections evaluated by the engine, and by real sshd. */
  evaluated: number;
  asked: number;
  cases: number;
  readonly failures: string[];
}

/** Connections per configuration: drawn from the grid, the same for every user. */
const PER_CONFIG = { engine: 150, sshd: 12 };

/**
 * For random configurations: every setting that occurs on the grid is among the cases, with the account;
 * every case is confirmed by real sshd at its witness.
 */
export async function runExhaustive(
  bench: Bench,
  count: number,
  seed: number,
  withSshd: boolean,
): Promise<Coverage> {
  const coverage: Coverage = { configurations: 0, evaluated: 0, asked: 0, cases: 0, failures: [] };
  const generator = fc.tuple(
    denseConfigurations(bench.root),
    fc.array(GRID, { minLength: PER_CONFIG.engine, maxLength: PER_CONFIG.engine }),
  );
  for (let batch = 0; coverage.configurations < count && coverage.failures.length < 10; batch += 1) {
    for (const [generated, grid] of fc.sample(generator, { numRuns: 50, seed: seed + batch })) {
      if (coverage.configurations >= count) break;
      const config = parseGenerated(bench, generated);
      if (config.problems.length > 0) continue;
      coverage.configurations += 1;
      const { cases, gaps } = enumerateCases(config, bench.accounts);
      coverage.cases += cases.length;
      const text = [...generated.files].map(([path, each]) => `--- ${path}\n${each}`).join('\n');
      const fail = (message: string): void => void coverage.failures.push(`${message}\n${text}`);
      if (cases.length === 0 && !everyoneEnds(config, grid)) fail('no cases');
      for (const connection of grid) checkOccurs(config, cases, gaps, connection, coverage, fail);
      if (!withSshd) continue;
      writeFiles(generated.files);
      await confirm(
        bench,
        generated.mainPath,
        generated.options,
        config,
        cases,
        grid.slice(0, PER_CONFIG.sshd),
        coverage,
        fail,
      );
    }
  }
  return coverage;
}

function accountOf({ accounts }: ParsedConfig, name: string): Account | null {
  return accounts.find((account) => account.name === name) ?? null;
}

function everyoneEnds(config: ParsedConfig, grid: readonly Connection[]): boolean {
  return grid.every(
    (connection) => evaluate(config, connection, accountOf(config, connection.user)).ends !== undefined,
  );
}

function keyOf(settings: Readonly<Record<string, readonly string[]>>): string {
  return JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function checkOccurs(
  config: ParsedConfig,
  cases: readonly SshdCase[],
  gaps: readonly string[],
  connection: Connection,
  coverage: Coverage,
  fail: (message: string) => void,
): void {
  coverage.evaluated += 1;
  const account = accountOf(config, connection.user);
  const { values, ends } = evaluate(config, connection, account);
  if (ends !== undefined) return;
  const found = cases.find(({ settings }) => keyOf(settings) === keyOf(values));
  if (found === undefined && gaps.length === 0) fail(`not among the cases: ${JSON.stringify(connection)}`);
  if (
    found !== undefined &&
    account !== null &&
    gaps.length === 0 &&
    !found.accounts.includes(account.name)
  ) {
    fail(`${account.name} is not among the accounts of its case: ${JSON.stringify(connection)}`);
  }
}

/** Real sshd at every witness that needs no account to come, and at some connections of the grid. */
async function confirm(
  bench: Bench,
  mainPath: string,
  options: readonly string[],
  config: ParsedConfig,
  cases: readonly SshdCase[],
  grid: readonly Connection[],
  coverage: Coverage,
  fail: (message: string) => void,
): Promise<void> {
  const witnesses = cases.filter(({ assumes }) => assumes === undefined).map(({ witness }) => witness);
  const tried = [...witnesses.slice(0, 30), ...grid];
  const answers = await Promise.all(tried.map((connection) => askSshd(bench, mainPath, connection, options)));
  for (const [index, answer] of answers.entries()) {
    const connection = tried[index];
    if (connection === undefined) continue;
    coverage.asked += 1;
    if (!answer.ok) {
      if (index < witnesses.length)
        fail(`sshd refuses the witness ${JSON.stringify(connection)}: ${answer.stderr}`);
      continue;
    }
    const differing = compareWithSshd(config, connection, answer.settings);
    if (differing.length > 0) fail(`${JSON.stringify(connection)}: ${JSON.stringify(differing)}`);
  }
}
