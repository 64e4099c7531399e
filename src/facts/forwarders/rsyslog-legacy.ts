/** Actions and property filters of the old syntax. Source: rsyslog.conf(5), "Actions" and "Property-Based Filters". */
import { compare, matches, propertyOf } from './rsyslog-expression.js';
import type { Parameters } from './rsyslog-types.js';
import { not, type Sample, type Truth } from './sample.js';
import { type Scanner, take, takeString } from './scanner.js';

/** `@host`, `@@(o)[::1]:6514;template`, `:omrelp:host:port`, a file, users. */
export function legacyAction(text: string): { kind: 'action'; type: string; parameters: Parameters } {
  const forward = /^(@@?)(?:\([^)]*\))?\s*(\[[^\]\s]*\]|[^\s:;#]+)(?::(\d+))?/.exec(text);
  if (forward) {
    const [, protocol, target = '', port = '514'] = forward;
    return {
      kind: 'action',
      type: 'omfwd',
      parameters: new Map([
        ['target', [target]],
        ['port', [port]],
        ['protocol', [protocol === '@@' ? 'tcp' : 'udp']],
      ]),
    };
  }
  const module = /^:(om\w+):([^;\s]*)/i.exec(text);
  if (module)
    return {
      kind: 'action',
      type: (module[1] ?? '').toLowerCase(),
      parameters: new Map([['target', [module[2] ?? '']]]),
    };
  return {
    kind: 'action',
    type: text.startsWith('^') ? 'omprog' : text.startsWith('>') ? 'ommysql' : 'local',
    parameters: new Map([['target', [text.slice(1).split(/[,;\s]/)[0] ?? '']]]),
  };
}

const OPERATORS: Readonly<Record<string, string>> = {
  contains: 'contains',
  isequal: '==',
  startswith: 'startswith',
  endswith: 'endswith',
  contains_i: 'contains_i',
  startswith_i: 'startswith_i',
};

export function propertyFilter(
  scanner: Scanner,
  [, name = '', negated, operation = '']: RegExpExecArray,
): (sample: Sample) => Truth {
  const value = takeString(scanner) ?? '';
  take(scanner, /[ \t]*,/);
  const property = name.replace(/^\$(?=[A-Za-z])/, '');
  const kind = operation.toLowerCase();
  return (sample) => {
    const own = propertyOf(sample, property);
    const operator = OPERATORS[kind];
    let truth: Truth = null;
    if (value.includes('[redacted]')) truth = null;
    else if (operator !== undefined) truth = compare(operator, own, value);
    else if (kind === 'regex' || kind === 'ereregex') truth = matches(own, value, false);
    else if (kind === 'isempty') truth = own === null ? null : own === '';
    return negated ? not(truth) : truth;
  };
}
