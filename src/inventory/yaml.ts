/**
 * Inventory bytes to plain values. Strict where YAML is treacherous: what another reader of the same file
 * (Ansible reads YAML 1.1) would understand differently is refused, so that both see one inventory.
 * Line numbers are computed only for what is reported.
 */
import { isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Document, Pair, Scalar, YAMLError, YAMLMap } from 'yaml';
import { messageOf, type Location } from '../errors.js';
import { quoted, type Problem } from './problem.js';
import { surpriseOf } from './yaml-surprises.js';

/** Nesting no inventory needs; keeps recursion shallow. */
const MAX_DEPTH = 64;
/** Values that aliases may add: enough for ten thousand hosts, too few for an alias bomb. */
const MAX_FROM_ALIASES = 1_000_000;
const MAX_PROBLEMS = 10_000;
const TOO_DEEP = `nested deeper than ${MAX_DEPTH} levels`;

export type Path = readonly PropertyKey[];

export interface YamlFile {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Where the value at a path begins; the nearest enclosing one when there is none. */
  locate(path: Path): Location;
  /** Where a key of the mapping at a path is written. */
  locateKey(path: Path, key: string): Location;
}

/**
 * Reads one YAML document. Never throws: everything wrong is in `problems`, and then `value` may be partial.
 * @param mostFromAliases values that aliases may add
 */
export function readYaml(file: string, text: string, mostFromAliases = MAX_FROM_ALIASES): YamlFile {
  const lines = lineStarts(text);
  const locationOf = (offset: number): Location => ({
    file,
    ...positionOf(lines, Math.min(offset, text.length)),
  });
  const nothing = (problems: Problem[]): YamlFile => {
    const start = (): Location => ({ file, line: 1, column: 1 });
    return { value: undefined, problems, locate: start, locateKey: start };
  };
  let document: Document.Parsed;
  try {
    document = parseDocument(text, { prettyErrors: false, uniqueKeys: false });
  } catch (error) {
    const message = error instanceof RangeError ? TOO_DEEP : `not valid YAML: ${messageOf(error)}`;
    return nothing([{ at: { file, line: 1, column: 1 }, message }]);
  }
  const broken = syntaxProblems(document, locationOf);
  if (broken.length > 0) return nothing(broken);
  const converter = new Converter(locationOf, mostFromAliases);
  const value = converter.convert(document.contents, 0);
  const nodeAt = (path: Path): unknown => descend(document.contents, path, converter.anchors);
  return {
    value,
    problems: converter.problems,
    locate: (path) => locationOf(offsetOf(nodeAt(path)) ?? 0),
    locateKey: (path, key) => {
      const map = resolved(nodeAt(path), converter.anchors);
      const pair = isMap(map) ? pairOf(map, key) : undefined;
      return locationOf(offsetOf(pair?.key) ?? offsetOf(map) ?? 0);
    },
  };
}

function syntaxProblems(document: Document.Parsed, locationOf: (offset: number) => Location): Problem[] {
  const { explicit, version } = document.directives.yaml;
  if (explicit === true && version !== '1.2') {
    const message = `%YAML ${version} changes what words mean: expected YAML 1.2`;
    return [{ at: locationOf(0), message, hint: 'remove the directive' }];
  }
  const places = new Set<number>();
  return [...document.errors, ...document.warnings]
    .filter(({ pos }) => !places.has(pos[0]) && places.add(pos[0]))
    .slice(0, MAX_PROBLEMS)
    .map((error) => syntaxProblem(error, locationOf(error.pos[0])));
}

function syntaxProblem({ code, message }: YAMLError, at: Location): Problem {
  if (message.includes('call stack')) return { at, message: TOO_DEEP, hint: 'write it flatter' };
  if (code === 'MULTIPLE_DOCS') {
    return { at, message: 'a second YAML document begins here: expected one', hint: 'remove the "---" line' };
  }
  if (code === 'TAG_RESOLVE_FAILED') {
    return { at, message: `YAML tags are not understood: ${quoted(message)}`, hint: 'write the plain value' };
  }
  const invalid = `not valid YAML: ${message}`;
  return /\btabs?\b/i.test(message)
    ? { at, message: invalid, hint: 'indent with spaces' }
    : { at, message: invalid };
}

/** YAML nodes to values in one pass: keys checked, aliases followed and bounded, surprises noted. */
class Converter {
  readonly problems: Problem[] = [];
  readonly anchors = new Map<string, unknown>();
  readonly #locationOf: (offset: number) => Location;
  readonly #mostFromAliases: number;
  readonly #open = new Set<string>();
  #fromAliases = 0;

  constructor(locationOf: (offset: number) => Location, mostFromAliases: number) {
    this.#locationOf = locationOf;
    this.#mostFromAliases = mostFromAliases;
  }

  convert(node: unknown, depth: number): unknown {
    if (this.#open.size > 0) this.#fromAliases += 1;
    if (depth > MAX_DEPTH) return this.#refuse(node, TOO_DEEP, 'write it flatter');
    if (isAlias(node)) return this.#follow(node.source, node, depth);
    if (isScalar(node)) {
      this.#anchor(node.anchor, node);
      this.#checkScalar(node);
      return node.value;
    }
    if (isSeq(node)) {
      this.#anchor(node.anchor, node);
      return node.items.map((item) => this.convert(item, depth + 1));
    }
    if (!isMap(node)) return null;
    this.#anchor(node.anchor, node);
    return this.#map(node, depth);
  }

  #map(node: YAMLMap, depth: number): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    const keys = new Map<string, unknown>();
    for (const pair of node.items) {
      const key = this.#key(pair.key);
      if (key === null) continue;
      const first = keys.get(key);
      if (first !== undefined) {
        const line = this.#locationOf(offsetOf(first) ?? 0).line ?? 1;
        this.#refuse(pair.key, `${quoted(key)} is given twice, first in line ${line}`, 'keep one of them');
        continue;
      }
      keys.set(key, pair.key);
      result[key] = this.convert(pair.value, depth + 1);
    }
    return result;
  }

  /** The text of a key, or null when it is none: then a problem was noted. */
  #key(node: unknown): string | null {
    if (!isScalar(node)) {
      this.#refuse(node, 'a key that is not plain text', 'write key: value');
      return null;
    }
    this.#anchor(node.anchor, node);
    if (node.value === '<<' && node.type === 'PLAIN') {
      this.#refuse(
        node,
        'merge keys (<<) are not supported, since YAML 1.2 dropped them',
        'put shared values into defaults',
      );
      return null;
    }
    if (typeof node.value !== 'string' || node.value === '__proto__') {
      this.#refuse(
        node,
        `the key ${quoted(node.source ?? String(node.value))} is not text`,
        'put it in quotes',
      );
      return null;
    }
    this.#checkScalar(node);
    return node.value;
  }

  #checkScalar(node: Scalar): void {
    if (node.type !== 'PLAIN' || this.#open.size > 0) return;
    const surprise = surpriseOf(node.source ?? '', node.value);
    if (surprise !== null) this.#refuse(node, surprise.message, surprise.hint);
  }

  #follow(name: string, alias: unknown, depth: number): unknown {
    if (!this.anchors.has(name))
      return this.#refuse(
        alias,
        `the alias *${name} has no anchor &${name} before it`,
        'write the value here',
      );
    if (this.#open.has(name))
      return this.#refuse(alias, `the alias *${name} is inside what it stands for`, 'write the value here');
    if (this.#fromAliases > this.#mostFromAliases)
      return this.#refuse(
        alias,
        'aliases repeat more values than such a file can need',
        'write fewer aliases',
      );
    this.#open.add(name);
    const value = this.convert(this.anchors.get(name), depth + 1);
    this.#open.delete(name);
    return value;
  }

  #anchor(name: string | undefined, node: unknown): void {
    if (name !== undefined && this.#open.size === 0) this.anchors.set(name, node);
  }

  #refuse(node: unknown, message: string, hint: string): null {
    if (this.problems.length < MAX_PROBLEMS)
      this.problems.push({ at: this.#locationOf(offsetOf(node) ?? 0), message, hint });
    return null;
  }
}

function offsetOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined;
}

/** Indexes of mappings that were asked for a key: many mistakes in one large mapping must not cost its square. */
const indexes = new WeakMap<YAMLMap, ReadonlyMap<unknown, Pair>>();

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  let index = indexes.get(map);
  if (index === undefined) {
    // The last of a key given twice would win; the first is what the value was read from.
    index = new Map(
      [...map.items].reverse().map((pair) => [isScalar(pair.key) ? pair.key.value : pair.key, pair]),
    );
    indexes.set(map, index);
  }
  return index.get(key);
}

function resolved(node: unknown, anchors: ReadonlyMap<string, unknown>): unknown {
  let target = node;
  for (let hops = 0; isAlias(target) && hops < MAX_DEPTH; hops += 1) target = anchors.get(target.source);
  return target;
}

/** The node at a path, or the last one on the way that exists. */
function descend(root: unknown, path: Path, anchors: ReadonlyMap<string, unknown>): unknown {
  let node = root;
  for (const step of path) {
    const parent = resolved(node, anchors);
    const child = isSeq(parent)
      ? parent.items[Number(step)]
      : isMap(parent)
        ? pairOf(parent, String(step))?.value
        : undefined;
    if (offsetOf(child) === undefined) return node;
    node = child;
  }
  return node;
}

/** Offsets at which lines begin. */
function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function positionOf(starts: readonly number[], offset: number): { line: number; column: number } {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}
