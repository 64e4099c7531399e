/** RainerScript expressions, judged for one sample. Source: rsyslog documentation, "Expressions" and "Properties". */
import {
  and,
  contains,
  FACILITIES,
  messageOf,
  not,
  or,
  rawOf,
  type Sample,
  SEVERITIES,
  startsWith,
  tagOf,
  type Pattern,
  type Truth,
} from './sample.js';
import { nested, type Scanner, skipSpace, take, takeString, Trouble, lineOf } from './scanner.js';
import { selects } from './selector.js';

/** Null is what this parser does not know. */
type Value = string | number | Pattern | readonly string[] | null;
export type Expression = (sample: Sample) => Value;

const COMPARE = /(==|!=|<>|<=|>=|=|<|>|contains_i\b|contains\b|startswith_i\b|startswith\b|endswith\b)/i;

export function parseExpression(scanner: Scanner): Expression {
  return nested(scanner, () => {
    const first = parseAnd(scanner);
    const more = [first];
    while (takeWord(scanner, /or\b/i)) more.push(parseAnd(scanner));
    return more.length === 1 ? first : (sample) => number(or(...more.map((one) => truthOf(one(sample)))));
  });
}

function parseAnd(scanner: Scanner): Expression {
  const first = parseNot(scanner);
  const more = [first];
  while (takeWord(scanner, /and\b/i)) more.push(parseNot(scanner));
  return more.length === 1 ? first : (sample) => number(and(...more.map((one) => truthOf(one(sample)))));
}

function parseNot(scanner: Scanner): Expression {
  if (!takeWord(scanner, /not\b/i)) return parseComparison(scanner);
  const inner = nested(scanner, () => parseNot(scanner));
  return (sample) => number(not(truthOf(inner(sample))));
}

function parseComparison(scanner: Scanner): Expression {
  const left = parseSum(scanner);
  skipSpace(scanner);
  const operator = take(scanner, COMPARE)?.[1]?.toLowerCase();
  if (operator === undefined) return left;
  const right = parseSum(scanner);
  return (sample) => number(compare(operator, left(sample), right(sample)));
}

function parseSum(scanner: Scanner): Expression {
  const first = parseTerm(scanner);
  let plain = true;
  for (skipSpace(scanner); take(scanner, /[-+*/%&]/); skipSpace(scanner)) {
    parseTerm(scanner);
    plain = false;
  }
  return plain ? first : () => null;
}

function parseTerm(scanner: Scanner): Expression {
  skipSpace(scanner);
  if (take(scanner, /\(/)) {
    const inner = parseExpression(scanner);
    skipSpace(scanner);
    if (!take(scanner, /\)/)) throw trouble(scanner, 'a closing parenthesis');
    return inner;
  }
  if (take(scanner, /\[/)) return parseArray(scanner);
  const text = takeString(scanner);
  if (text !== null) return () => (text.includes('[redacted]') ? null : text);
  const digits = take(scanner, /-?(?:0x[0-9a-f]+|\d+)/i)?.[0];
  if (digits !== undefined) return () => Number(digits);
  const variable = take(scanner, /\$([$!./]?[A-Za-z0-9_.!@-]*[A-Za-z0-9_]|!)/)?.[1];
  if (variable !== undefined) return (sample) => propertyOf(sample, variable);
  const name = take(scanner, /([A-Za-z_]\w*)\s*\(/)?.[1];
  if (name !== undefined) return parseCall(scanner, name.toLowerCase());
  throw trouble(scanner, 'an expression');
}

function parseArray(scanner: Scanner): Expression {
  const items: string[] = [];
  for (skipSpace(scanner); !take(scanner, /\]/); skipSpace(scanner)) {
    const item = takeString(scanner);
    if (item === null) throw trouble(scanner, 'a string');
    items.push(item);
    skipSpace(scanner);
    take(scanner, /,/);
  }
  return () => (items.some((item) => item.includes('[redacted]')) ? null : items);
}

function parseCall(scanner: Scanner, name: string): Expression {
  const args: Expression[] = [];
  for (skipSpace(scanner); !take(scanner, /\)/); skipSpace(scanner)) {
    args.push(parseExpression(scanner));
    skipSpace(scanner);
    take(scanner, /,/);
  }
  return (sample) => {
    const [first = null, second = null] = args.map((argument) => argument(sample));
    if (name === 'prifilt' && typeof first === 'string')
      return number(selects(first, sample.facility, sample.severity));
    if ((name === 're_match' || name === 're_match_i') && typeof second === 'string')
      return number(matches(first, second, name === 're_match_i'));
    if (name === 'tolower' && typeof first === 'string') return first.toLowerCase();
    if (name === 'toupper' && typeof first === 'string') return first.toUpperCase();
    if (name === 'cstr' && typeof first === 'number') return String(first);
    if (name === 'cnum' && typeof first === 'string') return Number(first);
    return null;
  };
}

/** What a property holds for the sample; names in any case, with or without the dollar. */
export function propertyOf(sample: Sample, name: string): Value {
  const facility = FACILITIES[sample.facility] ?? '';
  const severity = SEVERITIES[sample.severity] ?? '';
  switch (name.toLowerCase()) {
    case 'msg':
      return messageOf(sample);
    case 'rawmsg':
    case 'rawmsg-after-pri':
      return rawOf(sample);
    case 'syslogtag':
      return tagOf(sample);
    case 'programname':
    case 'app-name':
      return sample.program;
    case 'syslogfacility':
      return String(sample.facility);
    case 'syslogfacility-text':
      return facility;
    case 'syslogseverity':
    case 'syslogpriority':
      return String(sample.severity);
    case 'syslogseverity-text':
    case 'syslogpriority-text':
      return severity;
    case 'pri':
      return String(sample.facility * 8 + sample.severity);
    case 'pri-text':
      return `${facility}.${severity}`;
    case 'inputname':
      return sample.input;
    case 'fromhost-ip':
      return '127.0.0.1';
    default:
      return null;
  }
}

/** One comparison. Text compared with a number counts as a number when it is one. */
export function compare(operator: string, left: Value, right: Value): Truth {
  if (left === null || right === null) return null;
  if (Array.isArray(right)) {
    const items = right as readonly string[];
    return operator === '!=' || operator === '<>'
      ? not(or(...items.map((item) => compare('==', left, item))))
      : or(...items.map((item) => compare(operator, left, item)));
  }
  if (operator === '!=' || operator === '<>') return not(compare('==', left, right));
  if (isPattern(right) || Array.isArray(left)) return null;
  const text = String(right);
  if (isPattern(left)) {
    if (operator === 'contains') return contains(left, text);
    if (operator === 'contains_i') return contains(left, text) === true ? true : null;
    if (operator === 'startswith') return startsWith(left, text);
    // The whole text with all it holds is never known.
    return operator === '==' || operator === '=' ? (startsWith(left, text) === false ? false : null) : null;
  }
  const own = String(left);
  switch (operator) {
    case 'contains':
      return own.includes(text);
    case 'contains_i':
      return own.toLowerCase().includes(text.toLowerCase());
    case 'startswith':
      return own.startsWith(text);
    case 'startswith_i':
      return own.toLowerCase().startsWith(text.toLowerCase());
    case 'endswith':
      return own.endsWith(text);
    default:
      return order(operator, own, text);
  }
}

function order(operator: string, left: string, right: string): Truth {
  const numeric = /^-?\d{1,15}$/.test(left) && /^-?\d{1,15}$/.test(right);
  const [one, other] = numeric ? [Number(left), Number(right)] : [left, right];
  switch (operator) {
    case '==':
    case '=':
      return one === other;
    case '<':
      return one < other;
    case '<=':
      return one <= other;
    case '>':
      return one > other;
    case '>=':
      return one >= other;
    default:
      return null;
  }
}

/** A POSIX regular expression without repetition, so that it cannot run long; null for any other. */
export function matches(value: Value, pattern: string, ignoreCase: boolean): Truth {
  const bare = pattern.replace(/^\.\*|\.\*$/g, '');
  if (
    value === null ||
    typeof value === 'number' ||
    !/^[\w \-^$|():,/@.[\]]*$/.test(bare) ||
    pattern.includes('[redacted]')
  )
    return null;
  if (typeof value === 'string') {
    try {
      return new RegExp(bare, ignoreCase ? 'i' : '').test(value);
    } catch {
      return null;
    }
  }
  if (!isPattern(value) || ignoreCase || /[.$()[\]]/.test(bare)) return null;
  return or(
    ...bare
      .split('|')
      .map((part) => (part.startsWith('^') ? startsWith(value, part.slice(1)) : contains(value, part))),
  );
}

function isPattern(value: Value): value is Pattern {
  return typeof value === 'object' && value !== null && 'parts' in value;
}

export function truthOf(value: Value): Truth {
  if (value === null || typeof value === 'object') return null;
  return Number(value) !== 0 && !Number.isNaN(Number(value));
}

function number(truth: Truth): Value {
  return truth === null ? null : Number(truth);
}

function takeWord(scanner: Scanner, word: RegExp): boolean {
  skipSpace(scanner);
  return take(scanner, word) !== null;
}

function trouble(scanner: Scanner, what: string): Trouble {
  return new Trouble(`${scanner.path}:${lineOf(scanner)}: ${what} expected`);
}
