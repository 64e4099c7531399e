/** What is wrong with an inventory or a policy file, and the error that carries all of it at once. */
import { formatLocation, UserError, type Location } from '../errors.js';

/** One mistake or oddity, at its place in the file. */
export interface Problem {
  readonly at: Location;
  /** What was found and what was expected. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** Problems printed in full; the rest are counted. */
const SHOWN = 20;
const EXCERPT = 60;

/** `file:line:column: message (hint)` on one line of printable text, whatever the file holds. */
export function formatProblem(problem: Problem): string {
  const hint = problem.hint === undefined || problem.hint === '' ? '' : ` (${problem.hint})`;
  return printable(`${formatLocation(problem.at)}: ${problem.message}${hint}`);
}

/** A value from the file as one short line of printable text, for messages. Private keys are never repeated. */
export function quoted(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  if (text.includes('PRIVATE KEY')) return '"(a private key)"';
  return `"${printable(text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text)}"`;
}

/** Control, format and line-separating characters, and halves of surrogate pairs, as `\u{…}`. */
function printable(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** File order. */
export function byPlace(a: Problem, b: Problem): number {
  return (a.at.line ?? 0) - (b.at.line ?? 0) || (a.at.column ?? 0) - (b.at.column ?? 0);
}

/** Every problem of a file that cannot be used, in file order. The message lists the first twenty. */
export class InventoryErrors extends UserError {
  readonly problems: readonly Problem[];

  constructor(file: string, problems: readonly Problem[], what: 'inventory' | 'policy' = 'inventory') {
    const sorted = [...problems].sort(byPlace);
    const lines = sorted.slice(0, SHOWN).map((problem) => `  ${formatProblem(problem)}`);
    const more = sorted.length - lines.length;
    const count = sorted.length === 1 ? '1 problem' : `${sorted.length} problems`;
    super(
      `${what}-invalid`,
      [`the ${what} ${file} has ${count}:`, ...lines, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n'),
      { hint: 'every option is shown and explained in inventory.example.yaml' },
    );
    this.problems = sorted;
  }
}
