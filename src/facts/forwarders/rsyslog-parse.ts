/**
 * rsyslog's configuration, both syntaxes, as far as it decides where a message goes. Order matters: rules run from
 * top to bottom, includes where they stand. Source: rsyslog.conf(5), rsyslog documentation "Configuration", grammar/lexer.l.
 */
import { parseExpression, truthOf } from './rsyslog-expression.js';
import { legacyAction, propertyFilter } from './rsyslog-legacy.js';
import type {
  ConfigurationFiles,
  Parameters,
  Place,
  RsyslogConfiguration,
  Statement,
} from './rsyslog-types.js';
import { expect, lineOf, nested, type Scanner, skipSpace, take, takeString, Trouble } from './scanner.js';
import { selects } from './selector.js';

export const DEFAULT_RULESET = 'rsyslog_defaultruleset';

interface Reader {
  readonly configuration: RsyslogConfiguration;
  readonly files: ConfigurationFiles;
  /** Where rules of the old syntax go, until the next `$RuleSet`. */
  target: Statement[];
  sometimes: boolean;
  includes: number;
  characters: number;
}

/** Most text read in all, a file counted as often as it is included. The collector brings 2 MiB. */
const MOST_CHARACTERS = 4 * 1024 * 1024;

export function parseRsyslog(main: string, files: ConfigurationFiles): RsyslogConfiguration {
  const first: Statement[] = [];
  const configuration: RsyslogConfiguration = {
    rulesets: new Map([[DEFAULT_RULESET, { statements: first, queued: false }]]),
    modules: [],
    inputs: [],
    directives: [],
    troubles: [],
  };
  readFile(main, { configuration, files, target: first, sometimes: false, includes: 0, characters: 0 });
  return configuration;
}

/** @param depth of the statement that includes it: files that include each other go deeper together. */
function readFile(path: string, reader: Reader, depth = 0): void {
  const text = reader.files.text(path);
  const { troubles } = reader.configuration;
  reader.characters += text?.length ?? 0;
  if (text === null) troubles.push(`${path} could not be read whole`);
  else if (++reader.includes > 200) troubles.push('more than 200 included files');
  else if (reader.characters > MOST_CHARACTERS) troubles.push('included files hold more than 4 MiB in all');
  else {
    // A backslash at the end of a line joins it with the next; the line numbers stay.
    const scanner: Scanner = { path, text: text.replace(/\\\n/g, ' '), at: 0, depth };
    try {
      for (skipSpace(scanner); scanner.at < scanner.text.length; skipSpace(scanner)) {
        // Statements go where `$RuleSet` says at that point.
        const target = reader.target;
        target.push(...readStatement(scanner, reader, target));
      }
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      troubles.push(`not understood: ${error.message}`);
    }
  }
}

/** One statement at this place; objects that define something give none. */
function readStatement(scanner: Scanner, reader: Reader, before: Statement[]): Statement[] {
  return nested(scanner, () => {
    const place = placeOf(scanner);
    if (take(scanner, /\$/)) return readDirective(scanner, reader);
    if (take(scanner, /&/)) return continuePrevious(scanner, reader, before);
    const object = take(
      scanner,
      /(module|input|ruleset|template|global|include|main_queue|lookup_table|parser|timezone|dyn_stats|perctile_stats|ratelimit)\s*\(/i,
    )?.[1]?.toLowerCase();
    if (object !== undefined) return readObject(scanner, reader, object);
    if (take(scanner, /if\b/i)) return [readIf(scanner, reader)];
    if (take(scanner, /foreach\b/i)) {
      take(scanner, /[^{]*/);
      return [{ kind: 'when', condition: () => null, body: readBlock(scanner, reader), otherwise: [] }];
    }
    if (take(scanner, /(?:set|reset)\s+\$/i)) {
      take(scanner, /[^=]*:?=/);
      parseExpression(scanner);
      take(scanner, /\s*;/);
      return [];
    }
    if (take(scanner, /(?:unset\b|reload_lookup_table\s*\()[^;\n]*;?/i)) return [];
    const property = take(
      scanner,
      /:(\$?[a-z][\w!.-]*|\$?!?[\w.!-]+)[ \t]*,[ \t]*(!?)[ \t]*([a-z_]+)[ \t]*(?:,[ \t]*(?="))?/i,
    );
    if (property && (/^\s*isempty$/i.test(property[3] ?? '') || scanner.text[scanner.at] === '"'))
      return [
        {
          kind: 'when',
          condition: propertyFilter(scanner, property),
          body: readBlock(scanner, reader),
          otherwise: [],
        },
      ];
    if (property) throw new Trouble(`${scanner.path}:${place.line}: a value expected`);
    const selector = take(scanner, /[*a-z][\w*,]*\.[\w*!=,;.]+(?=[\s{])/i)?.[0];
    if (selector !== undefined)
      return [
        {
          kind: 'when',
          condition: ({ facility, severity }) => selects(selector, facility, severity),
          body: readBlock(scanner, reader),
          otherwise: [],
        },
      ];
    return readActions(scanner, reader);
  });
}

function readDirective(scanner: Scanner, reader: Reader): Statement[] {
  const [, name = '', rest = ''] = take(scanner, /(\w*)[ \t]*([^\n]*)/) ?? [];
  const value = rest.replace(/\s+#.*$/, '').trim();
  const lower = name.toLowerCase();
  const { rulesets, directives } = reader.configuration;
  directives.push({ name: lower, value });
  if (lower === 'includeconfig') include(value, reader, scanner.depth);
  if (lower === 'ruleset') reader.target = rulesetNamed(rulesets, value).statements;
  if (
    /^actionexeconlywhenpreviousissuspended$|^actionexeconlyeverynthtime$|^actionexeconlyonceeveryinterval$/.test(
      lower,
    )
  )
    reader.sometimes = !/^(off|no|0)$/i.test(value);
  if (lower === 'resetconfigvariables') reader.sometimes = false;
  return [];
}

function include(pattern: string, reader: Reader, depth: number): void {
  const paths = reader.files.included(pattern);
  if (paths === null) reader.configuration.troubles.push(`what ${pattern} includes was not read`);
  for (const path of paths ?? []) readFile(path, reader, depth);
}

function rulesetNamed(
  rulesets: RsyslogConfiguration['rulesets'],
  name: string,
): { statements: Statement[]; queued: boolean } {
  const key = name.toLowerCase();
  const known = rulesets.get(key) ?? { statements: [], queued: false };
  rulesets.set(key, known);
  return known;
}

function readObject(scanner: Scanner, reader: Reader, object: string): Statement[] {
  const parameters = readParameters(scanner);
  const { configuration } = reader;
  if (object === 'module') configuration.modules.push(parameters);
  if (object === 'input') configuration.inputs.push(parameters);
  if (object === 'include') {
    const [pattern] = parameters.get('file') ?? [];
    if (pattern === undefined)
      configuration.troubles.push(`${scanner.path}:${lineOf(scanner)}: an include without file=`);
    else include(pattern, reader, scanner.depth);
  }
  if (object === 'ruleset') {
    const ruleset = rulesetNamed(configuration.rulesets, parameters.get('name')?.[0] ?? '');
    ruleset.queued ||= [...parameters.keys()].some((key) => key.startsWith('queue.'));
    skipSpace(scanner);
    if (take(scanner, /\{/)) ruleset.statements.push(...readUntilBrace(scanner, reader));
  }
  if (object === 'template') {
    skipSpace(scanner);
    if (take(scanner, /\{/)) {
      for (skipSpace(scanner); !take(scanner, /\}/); skipSpace(scanner)) {
        expect(scanner, /(?:property|constant)\s*\(/i, 'property or constant');
        readParameters(scanner);
      }
    }
  }
  return [];
}

/** `name="value" name=["a", "b"] name=word`, up to the closing parenthesis. Names in lower case. */
function readParameters(scanner: Scanner): Parameters {
  const parameters = new Map<string, string[]>();
  for (skipSpace(scanner); !take(scanner, /\)/); skipSpace(scanner)) {
    const name = (expect(scanner, /([\w.$!-]+)\s*=/, 'name=')[1] ?? '').toLowerCase();
    skipSpace(scanner);
    const values: string[] = [];
    if (take(scanner, /\[/)) {
      for (skipSpace(scanner); !take(scanner, /\]/); skipSpace(scanner)) {
        values.push(takeString(scanner) ?? expect(scanner, /\[redacted\]/, 'a string')[0]);
        skipSpace(scanner);
        take(scanner, /,/);
      }
    } else {
      values.push(takeString(scanner) ?? expect(scanner, /`[^`]*`|[^\s()]+/, 'a value')[0]);
    }
    parameters.set(name, values);
  }
  return parameters;
}

function readIf(scanner: Scanner, reader: Reader): Statement {
  const expression = parseExpression(scanner);
  expect(scanner, /then\b/i, 'then');
  const body = readBlock(scanner, reader);
  skipSpace(scanner);
  const otherwise = take(scanner, /else\b/i) ? readBlock(scanner, reader) : [];
  return { kind: 'when', condition: (sample) => truthOf(expression(sample)), body, otherwise };
}

/** `{ … }` or one statement, with the `&` that follow it. */
function readBlock(scanner: Scanner, reader: Reader): Statement[] {
  skipSpace(scanner);
  if (take(scanner, /\{/)) return nested(scanner, () => readUntilBrace(scanner, reader));
  return readStatement(scanner, reader, []);
}

function readUntilBrace(scanner: Scanner, reader: Reader): Statement[] {
  const statements: Statement[] = [];
  for (skipSpace(scanner); !take(scanner, /\}/); skipSpace(scanner)) {
    if (scanner.at >= scanner.text.length)
      throw new Trouble(`${scanner.path}:${lineOf(scanner)}: a closing brace expected`);
    statements.push(...readStatement(scanner, reader, statements));
  }
  return statements;
}

/** `& action` belongs to the filter of the statement before. */
function continuePrevious(scanner: Scanner, reader: Reader, before: Statement[]): Statement[] {
  const previous = before.at(-1);
  const actions = readActions(scanner, reader);
  if (previous?.kind !== 'when') return actions;
  before[before.length - 1] =
    previous.otherwise.length > 0
      ? { ...previous, otherwise: [...previous.otherwise, ...actions] }
      : { ...previous, body: [...previous.body, ...actions] };
  return [];
}

function readActions(scanner: Scanner, reader: Reader): Statement[] {
  const actions = [readAction(scanner, reader)];
  for (skipSpace(scanner); take(scanner, /&/); skipSpace(scanner)) actions.push(readAction(scanner, reader));
  return actions;
}

function readAction(scanner: Scanner, reader: Reader): Statement {
  skipSpace(scanner);
  const place = placeOf(scanner);
  if (take(scanner, /action\s*\(/i)) {
    const parameters = readParameters(scanner);
    const rare =
      parameters.get('action.execonlywhenpreviousissuspended')?.[0]?.toLowerCase() === 'on' ||
      parameters.has('action.execonlyeverynthtime') ||
      parameters.has('action.execonlyonceeveryinterval');
    return {
      kind: 'action',
      type: (parameters.get('type')?.[0] ?? '').toLowerCase(),
      parameters,
      sometimes: rare,
      place,
    };
  }
  if (take(scanner, /(?:stop\b|~)[ \t]*;?/i)) return { kind: 'stop', place };
  if (take(scanner, /continue\b/i))
    return { kind: 'action', type: 'none', parameters: new Map(), sometimes: false, place };
  const called = take(scanner, /call\s+([^\s;]+)/i)?.[1];
  if (called !== undefined) return { kind: 'call', name: called.toLowerCase(), place };
  if (take(scanner, /call_indirect\b[^;\n]*;?/i)) return { kind: 'unknown', place };
  const ruleset = take(scanner, /:omruleset:([^\s;]+)[^\n]*/i)?.[1];
  if (ruleset !== undefined) return { kind: 'call', name: ruleset.toLowerCase(), place };
  const text = take(scanner, /[-|@^?~>:./*\w][^\n]*/)?.[0]?.trim();
  if (text === undefined || /^[!+]/.test(text))
    throw new Trouble(`${place.path}:${place.line}: an action expected`);
  return { ...legacyAction(text), sometimes: reader.sometimes, place };
}

/** Shown of a line. */
const MOST_SHOWN = 300;

function placeOf(scanner: Scanner): Place {
  // Not the whole line: one of a megabyte may hold a hundred thousand statements.
  const before = scanner.text.slice(Math.max(0, scanner.at - MOST_SHOWN), scanner.at);
  const after = scanner.text.slice(scanner.at, scanner.at + MOST_SHOWN);
  const text = before.slice(before.lastIndexOf('\n') + 1) + after.split('\n', 1)[0];
  return { path: scanner.path, line: lineOf(scanner), text: text.trim().slice(0, MOST_SHOWN) };
}
