/** syslog-ng: log paths from sources through filters to destinations. Source: syslog-ng.conf(5). */
import {
  and,
  contains,
  FACILITIES,
  INFO,
  messageOf,
  not,
  or,
  type Sample,
  SEVERITIES,
  type Truth,
} from './sample.js';
import type { ConfigText } from './agents.js';

export interface SyslogNgReading {
  readonly destinations: readonly string[];
  ships(facility: string, program: string): Truth;
  /** Whether it reads the journal itself, or the socket. */
  readonly source: 'journal' | 'socket' | null;
  readonly evidence: readonly { readonly path: string; readonly line: number; readonly text: string }[];
}

interface Block {
  readonly kind: string;
  readonly name: string;
  readonly body: string;
  readonly path: string;
  readonly line: number;
}

const REMOTE =
  /\b(network|tcp6?|udp6?|syslog|http|elasticsearch-http|elasticsearch2?|opensearch|kafka(?:-c)?|loki|splunk-hec\w*|amqp|mongodb|redis|opentelemetry|syslog-ng-otlp|relp)\s*\(\s*["']?([^"'()\s]*)/;
const LOCAL_SOURCE =
  /\b(?:system|systemd-journal|systemd-syslog|unix-(?:stream|dgram)\s*\(\s*["']?\/(?:dev\/log|run\/systemd\/journal\/syslog))\b/;

export function readSyslogNg(files: readonly ConfigText[]): SyslogNgReading {
  const blocks = files.flatMap(blocksOf);
  const named = (kind: string, test: RegExp) =>
    blocks.filter((block) => block.kind === kind && test.test(block.body));
  const sources = new Set(named('source', LOCAL_SOURCE).map(({ name }) => name));
  const far = new Map(
    named('destination', REMOTE).map((block) => [
      block.name,
      { block, to: REMOTE.exec(block.body)?.slice(1).join(' ').trim() ?? '' },
    ]),
  );
  const filters = new Map(
    blocks.filter(({ kind }) => kind === 'filter').map(({ name, body }) => [name, body]),
  );
  const logs = blocks.filter(({ kind }) => kind === 'log');
  const references = (body: string, kind: string) =>
    [...body.matchAll(new RegExp(`\\b${kind}\\s*\\(\\s*["']?([\\w.-]+)`, 'g'))].map(
      (found) => found[1] ?? '',
    );
  const ships = (facility: string, program: string): Truth => {
    const sample: Sample = {
      facility: FACILITIES.indexOf(facility as (typeof FACILITIES)[number]),
      severity: INFO,
      program,
      input: 'imjournal',
    };
    let sent: Truth = false;
    let alive: Truth = true;
    for (const { body } of logs) {
      // Definitions in place and junctions are not followed.
      const odd =
        /\b(?:source|filter|destination|log|channel|junction|if|elif|else)\s*(?:\([^)]*\)\s*)?\{|\brewrite\s*\(|\bflags\s*\([^)]*fallback/.test(
          body,
        );
      const fits = and(
        or(...references(body, 'source').map((name) => sources.has(name))),
        ...references(body, 'filter').map((name) => judge(filters.get(name), sample)),
      );
      const taken: Truth = odd ? null : fits;
      if (references(body, 'destination').some((name) => far.has(name)) || (odd && REMOTE.test(body)))
        sent = or(sent, and(alive, taken));
      if (/flags\s*\([^)]*\bfinal\b/.test(body)) alive = and(alive, not(taken));
    }
    return sent;
  };
  return {
    destinations: [...new Set([...far.values()].map(({ to }) => to))],
    ships,
    source:
      sources.size === 0
        ? null
        : named('source', /systemd-journal|\bsystem\s*\(/).length > 0
          ? 'journal'
          : 'socket',
    evidence: [...far.values()].slice(0, 10).map(({ block }) => ({
      path: block.path,
      line: block.line,
      text: `destination ${block.name} { ${block.body.trim().replace(/\s+/g, ' ').slice(0, 240)} }`,
    })),
  };
}

/** `kind name { body };` at the outermost level, comments taken out. */
function blocksOf({ path, text }: ConfigText): Block[] {
  const clean = text.replace(/"(?:[^"\\\n]|\\.)*"|#[^\n]*/g, (part) =>
    part.startsWith('#') ? ' '.repeat(part.length) : part,
  );
  const blocks: Block[] = [];
  const head =
    /\b(source|destination|filter|log|rewrite|parser|template|options|block)\b\s*([\w.-]*)[^{};]{0,200}\{/g;
  for (let found = head.exec(clean); found && blocks.length < 2000; found = head.exec(clean)) {
    const start = head.lastIndex;
    let depth = 1;
    let at = start;
    for (; at < clean.length && depth > 0; at++) {
      if (clean[at] === '{') depth++;
      if (clean[at] === '}') depth--;
    }
    blocks.push({
      kind: found[1] ?? '',
      name: found[2] ?? '',
      body: clean.slice(start, at - 1),
      path,
      line: clean.slice(0, found.index).split('\n').length,
    });
    head.lastIndex = at;
  }
  return blocks;
}

/** A filter of facility(), level(), program() and match(), joined by and, or, not; null for anything else. */
function judge(body: string | undefined, sample: Sample): Truth {
  if (body === undefined) return null;
  const tokens =
    body.replace(/;\s*$/, '').match(/[\w-]+\s*\((?:[^()"]|"[^"]*")*\)|\b(?:and|or|not)\b|[();]|\S+/g) ?? [];
  let at = 0;
  const term = (depth: number): Truth => {
    const token = tokens[at++];
    if (token === undefined || depth > 50) return null;
    if (token === 'not') return not(term(depth + 1));
    if (token === '(') {
      const inner = either(depth + 1);
      at++;
      return inner;
    }
    return call(token, sample);
  };
  const both = (depth: number): Truth => {
    let truth = term(depth);
    while (tokens[at] === 'and') {
      at++;
      truth = and(truth, term(depth));
    }
    return truth;
  };
  const either = (depth: number): Truth => {
    let truth = both(depth);
    while (tokens[at] === 'or') {
      at++;
      truth = or(truth, both(depth));
    }
    return truth;
  };
  const truth = either(0);
  return at >= tokens.length ? truth : null;
}

function call(token: string, sample: Sample): Truth {
  const [, name = '', inside = ''] = /^([\w-]+)\s*\(([\s\S]*)\)$/.exec(token) ?? [];
  const words = inside.split(',').map((word) => word.trim().replace(/^["']|["']$/g, ''));
  if (name === 'facility') return words.some((word) => word === FACILITIES[sample.facility]);
  if (name === 'level' || name === 'priority') {
    return words.some((word) => {
      const [from = -1, to = from] = word
        .split('..')
        .map((one) =>
          SEVERITIES.indexOf(
            (one === 'warn' ? 'warning' : one === 'error' ? 'err' : one) as (typeof SEVERITIES)[number],
          ),
        );
      return sample.severity >= Math.min(from, to) && sample.severity <= Math.max(from, to);
    });
  }
  if (name === 'program' && words.length === 1 && /^\^?[\w-]+\$?$/.test(words[0] ?? ''))
    return new RegExp(words[0] ?? '').test(sample.program);
  if ((name === 'match' || name === 'message') && words.length === 1 && /^[\w ]+$/.test(words[0] ?? ''))
    return contains(messageOf(sample), words[0] ?? '');
  return null;
}
