/**
 * Which combinations of name patterns some string can satisfy, each with a string that does.
 * All patterns are run at once, character by character, over the characters they mention plus one they do not:
 * a breadth-first search over the reachable states finds a shortest string for every combination.
 */

import { startPattern, stepPattern, type Positions } from './pattern-run.js';

/** Most states visited; more means the answer is incomplete. */
const MOST_STATES = 20_000;
/** Most single pattern steps computed. */
const MOST_STEPS = 4_000_000;

export interface Witnesses {
  /** At least one string for every combination of matches, shortest first; never empty strings. */
  readonly strings: readonly string[];
  readonly complete: boolean;
}

interface State {
  readonly text: string;
  /** Per wildcard pattern. */
  readonly runs: readonly Positions[];
  /** Node of the tree of plain names; null once the text has left it. */
  readonly node: Node | null;
}

interface Node {
  readonly id: number;
  readonly next: Map<string, Node>;
}

/** Strings that between them satisfy and miss `patterns` in every way a string that is not empty can. */
export function patternWitnesses(patterns: readonly string[]): Witnesses {
  const unique = [...new Set(patterns)];
  const plain = unique.filter((pattern) => !/[*?]/.test(pattern) && pattern !== '');
  const wild = unique.filter((pattern) => /[*?]/.test(pattern));
  const alphabet = alphabetOf(unique);
  const start: State = {
    text: '',
    runs: wild.map((pattern) => startPattern(pattern)),
    node: nameTree(plain),
  };
  const queue: State[] = [start];
  const seen = new Set([keyOf(start)]);
  const strings: string[] = [];
  let steps = 0;
  for (let head = 0; head < queue.length; head += 1) {
    const state = queue[head];
    if (state === undefined) break;
    if (state.text !== '') strings.push(state.text);
    steps += alphabet.length * (wild.length + 1);
    if (queue.length > MOST_STATES || steps > MOST_STEPS)
      return { strings: [...strings, ...plain], complete: false };
    for (const char of alphabet) {
      const next = advance(state, char, wild);
      const key = keyOf(next);
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push(next);
    }
  }
  return { strings, complete: true };
}

function alphabetOf(patterns: readonly string[]): string[] {
  const mentioned = new Set(patterns.join('').replace(/[*?]/g, '').split(''));
  const fresh =
    'xyzqwvujkabcdefghilmnoprst0123456789~_'.split('').find((char) => !mentioned.has(char)) ?? '\u00ff';
  return [fresh, ...[...mentioned].sort()];
}

function nameTree(names: readonly string[]): Node {
  let count = 0;
  const root: Node = { id: count, next: new Map() };
  for (const name of names) {
    let node = root;
    for (const char of name.split('')) {
      const known = node.next.get(char);
      count += known === undefined ? 1 : 0;
      const child: Node = known ?? { id: count, next: new Map() };
      node.next.set(char, child);
      node = child;
    }
  }
  return root;
}

function keyOf({ runs, node }: State): string {
  return `${node === null ? '-' : node.id}|${runs.join('|')}`;
}

function advance(state: State, char: string, wild: readonly string[]): State {
  const runs = wild.map((pattern, index) => stepPattern(pattern, state.runs[index] ?? [], char));
  return { text: state.text + char, runs, node: state.node?.next.get(char) ?? null };
}
