/**
 * ACL policies of Vault and OpenBao: HCL 1 or JSON to rules, and which rule decides a path (concepts/policies:
 * most specific match, `+` is one segment, `*` at the end a prefix, `deny` wins over everything else of its rule).
 */
import { createRequire } from 'node:module';
import type hcl from 'js-hcl-parser';
import { list, member, object, parseJson, text, texts, type Json } from '../answers.js';

/** A tenth of a second of processor time, which only runs with policies to read need to spend. */
const load = createRequire(import.meta.url);
const MAX_POLICY = 64 * 1024;
const MAX_RULES = 2000;
/** The parser is recursive, and takes a minute to give up on deep nesting. Policies have a handful of levels. */
const MAX_DEPTH = 32;

export interface Rule {
  /** As written. */
  readonly path: string;
  readonly capabilities: readonly string[];
  /** Approvals all factors of its control group ask for together; 0 without one. */
  readonly approvals: number;
}

export type ParsedPolicy =
  { readonly ok: true; readonly rules: readonly Rule[] } | { readonly ok: false; readonly problem: string };

/** The words of the old `policy = "write"` form (vault/policy.go). */
const OLD_WORDS: Readonly<Record<string, readonly string[]>> = {
  deny: ['deny'],
  read: ['read', 'list'],
  write: ['create', 'read', 'update', 'delete', 'list'],
  sudo: ['create', 'read', 'update', 'delete', 'list', 'sudo'],
};

/** Never throws. The same path in several blocks is one rule with the capabilities of all. */
export function parsePolicy(source: string): ParsedPolicy {
  if (source.length > MAX_POLICY) return { ok: false, problem: `larger than ${MAX_POLICY / 1024} KiB` };
  if (tooDeep(source)) return { ok: false, problem: `nested deeper than ${MAX_DEPTH} levels` };
  // Within "${…}" quotes end no text: HCL 1 has it, policies have no use for it, and it would hide depth.
  if (source.includes('${')) return { ok: false, problem: 'it holds ${, which no policy can use' };
  const parsed = parseJson(source) === undefined ? parseHcl(source) : parseJson(source);
  if (typeof parsed === 'string' || object(parsed) === null) {
    const why = typeof parsed === 'string' ? parsed : 'not a mapping';
    return { ok: false, problem: why.replaceAll(/\s+/g, ' ').slice(0, 200) };
  }
  const merged = new Map<string, Rule>();
  for (const [path, body] of blocks(member(parsed, 'path'))) {
    const before = merged.get(path);
    const rule = ruleFrom(path, body);
    merged.set(path, {
      path,
      capabilities: [...new Set([...(before?.capabilities ?? []), ...rule.capabilities])],
      approvals: before === undefined ? rule.approvals : Math.min(before.approvals, rule.approvals),
    });
    if (merged.size > MAX_RULES) return { ok: false, problem: `more than ${MAX_RULES} rules` };
  }
  return { ok: true, rules: [...merged.values()] };
}

/** Comments, text, brackets and words of HCL 1; everything between is of no account. */
const TOKEN = /#.*|\/\/.*|\/\*[^]*?(?:\*\/|$)|"(?:\\[^]|[^"\\])*"?|[{}[\]=,]|[^\s"{}[\]=,#/]+|\//g;

/** Brackets that are open and words in a row, each of which is a level: `a b c { }` nests three deep. */
function tooDeep(source: string): boolean {
  const open: number[] = [];
  let depth = 0;
  let words = 0;
  for (const [token] of source.matchAll(TOKEN)) {
    if (/^(?:#|\/[/*])/.test(token)) continue;
    if (token === '{' || token === '[') {
      open.push(1 + words);
      depth += 1 + words;
    } else if (token === '}' || token === ']') depth -= open.pop() ?? 0;
    words = /^[{}[\]=,]$/.test(token) ? 0 : words + 1;
    if (depth + words > MAX_DEPTH) return true;
  }
  return false;
}

/** The parsed value, or what the parser complained of. Its output is JSON text; anything else is a complaint. */
function parseHcl(source: string): Json {
  try {
    const output: unknown = (load('js-hcl-parser') as typeof hcl).parse(source);
    if (typeof output !== 'string') return 'not HCL';
    return parseJson(output) ?? (output || 'not HCL');
  } catch (error) {
    return `not HCL: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** `path` blocks: HCL gives lists of mappings at every level, JSON plain mappings. */
function blocks(paths: Json | undefined): (readonly [string, Json])[] {
  const mappings = Array.isArray(paths) ? list(paths) : [paths ?? null];
  return mappings.flatMap((mapping) =>
    Object.entries(object(mapping) ?? {}).flatMap(([path, body]) =>
      (Array.isArray(body) ? list(body) : [body]).map((one) => [clean(path), one] as const),
    ),
  );
}

/** Vault takes a leading slash off. */
function clean(path: string): string {
  return path.replace(/^\/+/, '');
}

function ruleFrom(path: string, body: Json): Rule {
  const old = OLD_WORDS[text(member(body, 'policy')) ?? ''] ?? [];
  const capabilities = [...old, ...texts(member(body, 'capabilities'))].map((word) => word.toLowerCase());
  return { path, capabilities, approvals: approvalsOf(member(body, 'control_group')) };
}

/** All factors must be satisfied, each with its number of approvals (default 1). */
function approvalsOf(controlGroup: Json | undefined): number {
  let approvals = 0;
  const walk = (value: Json | undefined, depth: number): void => {
    if (value === undefined || depth > 12) return;
    for (const one of Array.isArray(value) ? list(value) : [value]) {
      for (const [key, inner] of Object.entries(object(one) ?? {})) {
        if (key === 'approvals' && typeof inner === 'number') approvals += Math.max(0, inner);
        else walk(inner, depth + 1);
      }
    }
  };
  walk(controlGroup, 0);
  return approvals;
}

export function isPattern(rule: string): boolean {
  return rule.endsWith('*') || rule.split('/').includes('+') || rule.includes('{{');
}

/** Whether a rule's path covers a request path. A segment with a template covers any text of one segment. */
export function covers(rule: string, path: string): boolean {
  const glob = rule.endsWith('*');
  const wanted = (glob ? rule.slice(0, -1) : rule).split('/');
  const given = path.split('/');
  if (glob ? given.length < wanted.length : given.length !== wanted.length) return false;
  return wanted.every((segment, at) => {
    const actual = given[at] ?? '';
    if (segment === '+' || segment.includes('{{')) return true;
    return glob && at === wanted.length - 1 ? actual.startsWith(segment) : actual === segment;
  });
}

/** Which rule of a policy decides a path; null: none covers it, which denies. */
export function deciding(rules: readonly Rule[], path: string): Rule | null {
  let best: Rule | null = null;
  for (const rule of rules) {
    if (covers(rule.path, path) && (best === null || outranks(rule.path, best.path))) best = rule;
  }
  return best;
}

/** The five criteria of "policy syntax", in their order. */
function outranks(a: string, b: string): boolean {
  const [first, second] = [firstWildcard(a), firstWildcard(b)];
  if (first !== second) return first > second;
  if (a.endsWith('*') !== b.endsWith('*')) return b.endsWith('*');
  const plus = segmentsOf(a) - segmentsOf(b);
  if (plus !== 0) return plus < 0;
  return a.length === b.length ? a > b : a.length > b.length;
}

function firstWildcard(rule: string): number {
  if (!isPattern(rule)) return Infinity;
  let at = 0;
  for (const segment of rule.split('/')) {
    if (segment === '+') return at;
    const template = segment.indexOf('{{');
    if (template >= 0) return at + template;
    at += segment.length + 1;
  }
  return rule.length - 1;
}

function segmentsOf(rule: string): number {
  return rule.split('/').filter((segment) => segment === '+').length;
}

/** What a rule really grants: `deny` takes everything away. */
export function granted({ capabilities }: Rule): readonly string[] {
  return capabilities.includes('deny') ? [] : capabilities;
}
