/**
 * Every configuration some user on some connection can get. The space of connections is a product of attribute
 * classes; each Match line that sets something is a box in it. Splitting the whole space along the lines, one
 * after the other, leaves boxes in which every line is true throughout or false throughout: one witness each.
 */
import type { Account, Connection, SshdCase } from '../types.js';
import {
  ATTRIBUTES,
  connectionSpace,
  NEUTRAL,
  perAttribute,
  type Attribute,
  type AttributeClass,
  type Space,
} from './attributes.js';
import { evaluate, evaluateWith } from './evaluate.js';
import type { MatchLine, ParsedConfig, Settings } from './types.js';
import type { UserCandidate } from './user-classes.js';

/** Most boxes split: beyond it, lines are only tried one at a time and a gap says so. */
export const MOST_BOXES = 4_096;

/** Most settings read in all: with very many conditional settings fewer boxes are split. */
const MOST_WORK = 20_000_000;

export interface Cases {
  readonly cases: readonly SshdCase[];
  /** What the cases may not cover, one sentence each; empty when they are all there are. */
  readonly gaps: readonly string[];
}

/** Per attribute, indexes of the classes a box holds. */
type Box = Readonly<Record<Attribute, readonly number[]>>;

/**
 * All distinct joint settings, each with a witness that evaluate() confirms and the accounts that can get it.
 * No cases when sshd would refuse the configuration: then `gaps` says why.
 */
export function enumerateCases(config: ParsedConfig, accounts: readonly Account[]): Cases {
  const fatal = config.problems.filter(({ severity }) => severity === 'fatal');
  const gaps = [...problemGaps(config), ...versionGaps(config), ...groupGaps(config, accounts)];
  if (fatal.length > 0) return { cases: [], gaps };
  const lines = effectiveLines(config);
  const space = connectionSpace(config, lines, accounts);
  gaps.push(
    ...space.incomplete.map(
      (attribute) => `not every ${attribute} the Match lines tell apart could be tried`,
    ),
  );
  const whole = boxOfAll(space);
  const most = Math.max(
    1,
    Math.min(MOST_BOXES, Math.floor(MOST_WORK / Math.max(1, config.conditional.length))),
  );
  const split = splitAll(whole, lines, space, most);
  if (split !== null) return { cases: collect(config, space, split), gaps };
  const boxes = oneAtATime(whole, lines, space, most);
  const named = lines
    .slice(0, 100)
    .map(({ at }) => `${at.path}:${at.line}`)
    .join(', ');
  const where = lines.length > 100 ? `${named} and ${lines.length - 100} more` : named;
  gaps.push(`more than ${most} combinations of Match lines: each was tried alone, not together: ${where}`);
  return { cases: collect(config, space, boxes), gaps };
}

/** Match lines that guard at least one evaluated setting, in reading order. */
function effectiveLines(config: ParsedConfig): MatchLine[] {
  return [...new Set(config.conditional.flatMap(({ guards }) => guards ?? []))];
}

function problemGaps({ problems }: ParsedConfig): string[] {
  return problems.map(({ at, message }) => `${at.path}:${at.line}: ${message}`);
}

function versionGaps({ version }: ParsedConfig): string[] {
  if (version === null)
    return [
      'the version of sshd is unknown: its compiled defaults and its grammar are assumed to be the newest',
    ];
  return /FreeBSD/i.test(version.text)
    ? ['FreeBSD compiles other defaults into sshd than upstream: what no line sets may differ']
    : [];
}

function groupGaps(config: ParsedConfig, accounts: readonly Account[]): string[] {
  const byGroup = effectiveLines(config).find(({ criteria }) =>
    criteria.some(({ kind }) => kind === 'group'),
  );
  const unresolved = accounts.filter(({ groups }) => groups.length === 0).map(({ name }) => name);
  if (byGroup === undefined || unresolved.length === 0) return [];
  return [
    `the groups of ${unresolved.slice(0, 20).join(', ')} are unknown, and ${byGroup.at.path}:${byGroup.at.line} asks for groups`,
  ];
}

function boxOfAll(space: Space): Box {
  return perAttribute((attribute) => [...space.classes[attribute].keys()]);
}

function narrowed(box: Box, attribute: Attribute, indexes: readonly number[]): Box {
  return { ...box, [attribute]: indexes };
}

/** The part of a box that satisfies a line and the disjoint parts that do not. */
function splitBox(box: Box, line: MatchLine, space: Space): { inside: Box | null; outside: Box[] } {
  const allowed = space.allowed.get(line);
  const outside: Box[] = [];
  let inside = box;
  for (const attribute of ATTRIBUTES) {
    const fits = allowed?.[attribute];
    const missing = inside[attribute].filter((index) => fits?.has(index) !== true);
    if (missing.length === 0) continue;
    outside.push(narrowed(inside, attribute, missing));
    const rest = inside[attribute].filter((index) => fits?.has(index) === true);
    if (rest.length === 0) return { inside: null, outside };
    inside = narrowed(inside, attribute, rest);
  }
  return { inside, outside };
}

/** Boxes no line cuts through, those outside the lines first; null when there would be more than `most`. */
function splitAll(whole: Box, lines: readonly MatchLine[], space: Space, most: number): Box[] | null {
  let boxes = [whole];
  for (const line of lines) {
    const outer: Box[] = [];
    const inner: Box[] = [];
    for (const box of boxes) {
      const { inside, outside } = splitBox(box, line, space);
      outer.push(...outside);
      if (inside !== null) inner.push(inside);
      if (outer.length + inner.length > most) return null;
    }
    boxes = [...outer, ...inner];
  }
  return boxes;
}

function perAccount(whole: Box, space: Space): Box[] {
  return space.classes.user.flatMap((each, index) =>
    each.accounts.length > 0 ? [narrowed(whole, 'user', [index])] : [],
  );
}

/** One box per user class that can satisfy the line. */
function oneLine(whole: Box, line: MatchLine, space: Space): Box[] {
  const { inside } = splitBox(whole, line, space);
  return inside === null ? [] : inside.user.map((user) => narrowed(inside, 'user', [user]));
}

/** Every account alone, then every line once, then every line for every kind of user, as far as `most` reaches. */
function oneAtATime(whole: Box, lines: readonly MatchLine[], space: Space, most: number): Box[] {
  const perLine = lines.map((line) => oneLine(whole, line, space));
  const firsts = perLine.flatMap((boxes) => boxes.slice(0, 1));
  return [...perAccount(whole, space), ...firsts, ...perLine.flatMap((boxes) => boxes.slice(1))].slice(
    0,
    most,
  );
}

/** One point of a box: a class per attribute, the plainest of each. */
type Point = Readonly<Record<Attribute, number>>;

interface Found {
  readonly point: Point;
  readonly settings: Settings;
  readonly who: UserCandidate;
  accounts: string[];
}

/** One case per distinct settings; the witness that needs the least to come true tells it. */
function collect(config: ParsedConfig, space: Space, boxes: readonly Box[]): SshdCase[] {
  const found = new Map<string, Found>();
  for (const box of boxes) {
    const made = evaluateBox(config, space, box);
    if (made === null) continue;
    const key = keyOf(made.settings);
    const known = found.get(key);
    if (known === undefined || strangeness(made.who) < strangeness(known.who)) found.set(key, made);
    const kept = found.get(key) ?? made;
    kept.accounts = [...new Set([...(known?.accounts ?? []), ...made.accounts])];
  }
  return [...found].flatMap(([key, each]) => confirmed(config, space, each, key));
}

function keyOf({ values }: Settings): string {
  return JSON.stringify(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** An existing account needs nothing; a name without account next to nothing; an account to come has to come. */
function strangeness({ existing, assumes }: UserCandidate): number {
  if (existing) return 0;
  return assumes === undefined ? 1 : 2;
}

/** The settings throughout a box; null when sshd ends on them. */
function evaluateBox(config: ParsedConfig, space: Space, box: Box): Found | null {
  const point = perAttribute((attribute) => plainest(box[attribute], space.classes[attribute]));
  const who = space.classes.user[point.user]?.user;
  if (who === undefined) return null;
  const settings = evaluateWith(config, (line) => {
    const allowed = space.allowed.get(line);
    return allowed !== undefined && ATTRIBUTES.every((attribute) => allowed[attribute].has(point[attribute]));
  });
  if (settings.ends !== undefined) return null;
  return {
    point,
    settings,
    who,
    accounts: box.user.flatMap((index) => space.classes.user[index]?.accounts ?? []),
  };
}

/** The case, when evaluating its witness gives the settings the search promised: nothing else is ever reported. */
function confirmed(
  config: ParsedConfig,
  space: Space,
  { point, who, accounts }: Found,
  key: string,
): SshdCase[] {
  const part = (attribute: Attribute): Partial<Connection> =>
    space.classes[attribute][point[attribute]]?.part ?? {};
  const client = { ...NEUTRAL, ...part('user'), ...part('host'), ...part('address') };
  const witness: Connection = {
    ...client,
    ...part('localAddress'),
    ...part('localPort'),
    ...part('rdomain'),
  };
  const settings = evaluate(config, witness, who.account);
  if (settings.ends !== undefined || keyOf(settings) !== key) return [];
  const assumes = who.assumes === undefined ? {} : { assumes: who.assumes };
  return [
    { witness, accounts, settings: settings.values, origins: settings.origins, by: 'engine', ...assumes },
  ];
}

/** Index of the class with the least strange user, then the fewest criteria that hold. */
function plainest(indexes: readonly number[], classes: readonly AttributeClass[]): number {
  const cost = (index: number): number => {
    const each = classes[index];
    return each === undefined
      ? Infinity
      : (each.user === undefined ? 0 : strangeness(each.user)) * 1e6 + each.holding;
  };
  return indexes.reduce((best, index) => (cost(index) < cost(best) ? index : best), indexes[0] ?? 0);
}
