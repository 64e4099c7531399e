/** Engine against real sshd: the loop behind the in-suite differential test and scripts/fuzz-match.ts. */
import fc from 'fast-check';
import {
  compareWithSshd,
  evaluate,
  parseConfig,
  type ParsedConfig,
} from '../../../src/facts/match-engine/index.js';
import type { Connection } from '../../../src/facts/types.js';
import { configurations, connections, type GeneratedConfig } from './generate.js';
import { askSshd, writeFiles, type Bench } from './real-sshd.js';

export interface Tally {
  /** Configuration and connection pairs compared. */
  cases: number;
  /** Of them, those sshd refused. */
  refused: number;
  readonly disagreements: string[];
}

/** Connections tried per configuration. */
const PER_CONFIG = 6;

/** Runs at least `cases` comparisons; `seed` makes them repeatable. Stops at 20 disagreements. */
export async function runDifferential(bench: Bench, cases: number, seed: number): Promise<Tally> {
  const tally: Tally = { cases: 0, refused: 0, disagreements: [] };
  const generator = fc.tuple(
    configurations(bench.root),
    fc.array(connections, { minLength: PER_CONFIG, maxLength: PER_CONFIG }),
  );
  const perBatch = 200;
  for (let batch = 0; tally.cases < cases && tally.disagreements.length < 20; batch += 1) {
    for (const [generated, tried] of fc.sample(generator, { numRuns: perBatch, seed: seed + batch })) {
      await compareConfig(bench, generated, tried, tally);
      if (tally.cases >= cases) break;
    }
  }
  return tally;
}

export function parseGenerated(bench: Bench, { mainPath, files, options }: GeneratedConfig): ParsedConfig {
  const commandLine = options.map((option) => {
    const [keyword = '', value = ''] = option.split('=');
    return { keyword, value };
  });
  return parseConfig({ mainPath, files, commandLine, version: bench.version, accounts: bench.accounts });
}

async function compareConfig(
  bench: Bench,
  generated: GeneratedConfig,
  tried: readonly Connection[],
  tally: Tally,
): Promise<void> {
  writeFiles(generated.files);
  const config = parseGenerated(bench, generated);
  const answers = await Promise.all(
    tried.map((connection) => askSshd(bench, generated.mainPath, connection, generated.options)),
  );
  for (const [index, answer] of answers.entries()) {
    const connection = tried[index];
    if (connection === undefined) continue;
    tally.cases += 1;
    if (!answer.ok) tally.refused += 1;
    const trouble = answer.ok
      ? difference(config, connection, answer.settings)
      : wrongAcceptance(config, connection, answer.stderr);
    if (trouble !== null) tally.disagreements.push(describe(generated, connection, trouble));
  }
}

function difference(
  config: ParsedConfig,
  connection: Connection,
  printed: Readonly<Record<string, readonly string[]>>,
): string | null {
  const differing = compareWithSshd(config, connection, printed);
  const problems = config.problems.map(({ at, message }) => `${at.path}:${at.line} ${message}`);
  if (problems.length > 0) return `sshd accepts, the engine has: ${problems.join('; ')}`;
  return differing.length === 0 ? null : JSON.stringify(differing, null, 1);
}

function wrongAcceptance(config: ParsedConfig, connection: Connection, stderr: string): string | null {
  if (config.problems.length > 0) return null;
  const account = config.accounts.find(({ name }) => name === connection.user) ?? null;
  return evaluate(config, connection, account).ends === undefined
    ? `the engine accepts, sshd says: ${stderr}`
    : null;
}

function describe(generated: GeneratedConfig, connection: Connection, trouble: string): string {
  const files = [...generated.files].map(
    ([path, text]) => `--- ${path}\n${JSON.stringify(text).replaceAll('\\n', '\\n\n')}`,
  );
  return [trouble, JSON.stringify(connection), `options: ${generated.options.join(' ')}`, ...files].join(
    '\n',
  );
}
