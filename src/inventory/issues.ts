/** Turns what zod found into problems a person can act on: place, expected, what to do. */
import { z } from 'zod';
import { quoted, type Problem } from './problem.js';
import { nearest } from './suggest.js';
import type { Path, YamlFile } from './yaml.js';

type Issue = z.core.$ZodIssue;

/** What people write who know other tools: to the key that means it here. */
const SYNONYMS: Readonly<Record<string, string>> = {
  ansible_host: 'address',
  hostname: 'address',
  host: 'address',
  ip: 'address',
  ansible_user: 'user',
  username: 'user',
  login: 'user',
  ansible_port: 'port',
  bastion: 'jump',
  proxy_jump: 'jump',
  proxyjump: 'jump',
  proxy: 'jump',
  known_host: 'host_key',
  host_keys: 'host_key',
  fingerprint: 'fingerprints',
  identity: 'identity_file',
  key_file: 'identity_file',
  ansible_ssh_private_key_file: 'identity_file',
  certificate: 'certificate_file',
  env: 'environment',
  groups: 'tags',
  group: 'tags',
  labels: 'tags',
  sudo: 'become',
  ansible_become: 'become',
  authorized_principals_file: 'principals_file',
  ticket: 'reason',
  justification: 'reason',
  expiration_date: 'expires',
  expiry: 'expires',
  servers: 'hosts',
};

const EXPECTED: Readonly<Record<string, string>> = {
  object: 'a mapping of keys to values',
  record: 'a mapping of keys to values',
  array: 'a list',
  string: 'text',
  number: 'a whole number',
  boolean: 'true or false',
};

/** Keys of durations: a bare number there lacks a unit, not quotes. */
const DURATIONS: ReadonlySet<PropertyKey> = new Set(['fail', 'warn', 'tolerance']);

/** Problems for the issues of one failed parse of `file.value`. */
export function problemsOf(issues: readonly Issue[], file: YamlFile, schema: z.ZodType): Problem[] {
  return issues.flatMap((issue) => problemsOfIssue(issue, issue.path, file, schema));
}

function problemsOfIssue(issue: Issue, path: Path, file: YamlFile, schema: z.ZodType): Problem[] {
  const label = labelOf(path, file.value);
  const problem = (message: string, hint?: string): Problem[] => [
    { at: file.locate(path), message: `${label}${message}`, ...(hint === undefined ? {} : { hint }) },
  ];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, path, file, schema));
    case 'invalid_type':
      return problem(...wrongType(issue.expected, valueAt(file.value, path), path));
    case 'invalid_value': {
      const given = valueAt(file.value, path);
      const values = issue.values.map(String);
      const near = nearest(String(given), values)[0];
      const hint = near === undefined ? undefined : `did you mean ${near}?`;
      return problem(
        `${given === undefined ? 'is missing' : quoted(given)}: expected ${values.join(' or ')}`,
        hint,
      );
    }
    case 'too_small':
      return problem('is empty: expected at least one entry', emptyHint(path));
    case 'invalid_key':
      return issue.issues.flatMap((inner) => {
        const key = String(path.at(-1));
        return [{ at: file.locateKey(path.slice(0, -1), key), message: `${label}${inner.message}` }];
      });
    case 'invalid_union':
      if (issue.discriminator !== undefined) return ofChoice(issue, path, file, schema);
      return ofUnion(issue.errors, path, file, schema);
    default:
      return problem(issue.message);
  }
}

function emptyHint(path: Path): string | undefined {
  return path.length === 1 && path[0] === 'hosts'
    ? 'a run over no host proves nothing: add a host'
    : 'add one, or remove the key';
}

/** A mapping whose `type` decides what else may be in it. */
function ofChoice(
  { discriminator = 'type' }: Extract<Issue, { code: 'invalid_union' }>,
  path: Path,
  file: YamlFile,
  schema: z.ZodType,
): Problem[] {
  const mapping = path.at(-1) === discriminator ? path.slice(0, -1) : path;
  const at = [...mapping, discriminator];
  const union = typeAt(schema, mapping);
  const options = union instanceof z.ZodUnion ? union.options : [];
  const values = options.flatMap((option) => {
    const literal = option instanceof z.ZodObject ? below(option, discriminator) : undefined;
    return literal instanceof z.ZodLiteral ? [...literal.values].map(String) : [];
  });
  const given = valueAt(file.value, at);
  const near = nearest(String(given), values)[0];
  const what = given === undefined ? 'is missing' : quoted(given);
  return [
    {
      at: file.locate(given === undefined ? mapping : at),
      message: `${labelOf(at, file.value)}${what}: expected ${values.join(' or ')}`,
      ...(near !== undefined && given !== undefined && { hint: `did you mean ${near}?` }),
    },
  ];
}

/** A union here is "one or a list of it", or "a mapping or the path of a file": the branch that fits what was written tells what is wrong with it. */
function ofUnion(
  branches: readonly (readonly Issue[])[],
  path: Path,
  file: YamlFile,
  schema: z.ZodType,
): Problem[] {
  const fitting = branches.find(
    (issues) => !issues.some((issue) => issue.code === 'invalid_type' && issue.path.length === 0),
  );
  if (fitting !== undefined) {
    return fitting.flatMap((issue) => problemsOfIssue(issue, [...path, ...issue.path], file, schema));
  }
  const expected = branches.flatMap(([issue]) => (issue?.code === 'invalid_type' ? [issue.expected] : []));
  const [first = 'string', ...others] = expected;
  const [message] = wrongType(first, valueAt(file.value, path), path);
  const or = others.map((word) => ` or ${EXPECTED[word] ?? word}`).join('');
  return [{ at: file.locate(path), message: `${labelOf(path, file.value)}${message}${or}` }];
}

function wrongType(expected: string, given: unknown, path: Path): [message: string, hint?: string] {
  const wanted = EXPECTED[expected] ?? expected;
  if (given === undefined) return [`is missing: expected ${wanted}`];
  if (given === null) return [`is empty: expected ${wanted}`, 'give a value or remove the key'];
  const kind = Array.isArray(given) ? 'a list' : typeof given === 'object' ? 'a mapping' : quoted(given);
  const message = `is ${kind}: expected ${wanted}`;
  if (typeof given === 'number' && DURATIONS.has(path.at(-1) ?? ''))
    return [message, `a duration has a unit: ${given}h or ${given}m`];
  if (expected === 'string' && typeof given !== 'object') return [message, 'put it in quotes'];
  if (expected === 'boolean' && typeof given === 'string')
    return [message, 'write true or false, without quotes'];
  if (expected === 'array' && typeof given === 'string')
    return [message, `write [${quoted(given).slice(1, -1)}]`];
  return [message];
}

function unknownKey(key: string, path: Path, file: YamlFile, schema: z.ZodType): Problem {
  const known = keysAt(schema, path, file.value);
  const synonym = SYNONYMS[key.toLowerCase()];
  const near = synonym !== undefined && known.includes(synonym) ? [synonym] : nearest(key, known);
  const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : `known here: ${known.join(', ')}`;
  return {
    at: file.locateKey(path, key),
    message: `${labelOf(path, file.value)}unknown key ${quoted(key)}`,
    hint,
  };
}

/** Keys the schema knows at a path; none where it is open. */
function keysAt(schema: z.ZodType, path: Path, root: unknown): string[] {
  const union = typeAt(schema, path);
  const here = chosen(union, valueAt(root, path)) ?? unwrapped(union);
  return here instanceof z.ZodObject ? Object.keys(here.shape) : [];
}

function typeAt(schema: z.ZodType, path: Path): unknown {
  const type = path.reduce<unknown>((type, step) => below(unwrapped(type), step), schema);
  return type instanceof z.ZodOptional ? type.unwrap() : type;
}

/** The branch of a union that the `type` of what was written chooses. */
function chosen(union: unknown, given: unknown): unknown {
  if (!(union instanceof z.ZodUnion)) return undefined;
  return union.options.find((option) => {
    const literal = below(option, 'type');
    return literal instanceof z.ZodLiteral && literal.values.has(valueAt(given, ['type']) as string);
  });
}

function below(type: unknown, step: PropertyKey): unknown {
  if (type instanceof z.ZodObject) return new Map(Object.entries(type.shape)).get(String(step));
  if (type instanceof z.ZodArray) return type.element;
  return type instanceof z.ZodRecord ? type.valueType : undefined;
}

/** Without `optional`; of a union the mapping, because only that has keys. */
function unwrapped(type: unknown): unknown {
  if (type instanceof z.ZodOptional) return unwrapped(type.unwrap());
  if (!(type instanceof z.ZodUnion)) return type;
  return type.options.find((option) => option instanceof z.ZodObject) ?? type;
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = Reflect.get(value, step);
  }
  return value;
}

/** `host prod-db-01: port: `, `policy.waivers[0].expires: `; empty for the file itself. */
function labelOf(path: Path, root: unknown): string {
  const [section, index, ...rest] = path;
  const named = (section === 'hosts' || section === 'bastions') && typeof index === 'number';
  if (!named) return path.length === 0 ? '' : `${joined(path)}: `;
  const name = valueAt(root, [section, index, 'name']);
  const kind = section === 'hosts' ? 'host' : 'bastion';
  const who =
    typeof name === 'string' && name.length <= 253 ? quoted(name).slice(1, -1) : `number ${index + 1}`;
  return `${kind} ${who}: ${rest.length === 0 ? '' : `${joined(rest)}: `}`;
}

function joined(path: Path): string {
  return path
    .map((step, at) => (typeof step === 'number' ? `[${step}]` : `${at === 0 ? '' : '.'}${String(step)}`))
    .join('');
}
