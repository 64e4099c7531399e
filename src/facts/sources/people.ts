/**
 * The people file -> people, with those who have left. Shapes: docs/guidance.md. An entry that cannot be read is a gap
 * with its line and column, because whoever it names may have left. Never throws.
 */
import { z } from 'zod';
import { formatLocation, type Location } from '../../errors.js';
import { dayOrInstant, line, oneOrMore } from '../../inventory/fields.js';
import { formatProblem } from '../../inventory/problem.js';
import { endOf } from '../../inventory/values.js';
import { readYaml } from '../../inventory/yaml.js';
import type { Reading, SourceAnswer, SourceEvidence } from '../../model.js';
import type { Person } from '../types.js';
import { unreadable } from './answers.js';
import { parseCsv, type Cell } from './csv.js';
import { nestsLittle } from './nesting.js';

const MOST_PEOPLE = 50_000;
const MOST_NAMES = 50;
const MOST_GAPS = 100;

const person = z.strictObject({
  identity: line,
  also: oneOrMore(line).optional(),
  name: line.optional(),
  left: dayOrInstant.optional(),
  status: z.enum(['active', 'left'], 'expected active or left').optional(),
});

/** One entry, and where each part of it stands. */
interface Entry {
  readonly value: unknown;
  readonly locate: (part?: PropertyKey) => Location;
}

interface Entries {
  readonly entries: readonly Entry[];
  readonly gaps: readonly string[];
}

export function readPeople(evidence: SourceEvidence): Reading<readonly Person[]> {
  const files = Object.entries(evidence.answers).filter(([name]) => name.startsWith('file/'));
  if (files.length === 0) return unreadable(evidence, 'no list of people was read');
  const gaps = evidence.failures.map(({ detail }) => detail);
  const value = files.flatMap(([name, answer]) => {
    const found = entriesOf(answer, name.slice('file/'.length), evidence.type);
    gaps.push(...found.gaps);
    return found.entries.flatMap((entry) => personOf(entry, gaps));
  });
  return { ok: true, value, gaps: shortened(gaps) };
}

function entriesOf({ body, cut, encoding }: SourceAnswer, file: string, type: string): Entries {
  if (encoding !== 'utf8') return { entries: [], gaps: [`${file} is not UTF-8 text`] };
  const { entries, gaps } = type === 'csv' ? fromCsv(body, file) : fromYaml(body, file);
  return {
    entries: entries.slice(0, MOST_PEOPLE),
    gaps: [
      ...(cut ? [`${file} is too large and was not read whole`] : []),
      ...(entries.length > MOST_PEOPLE
        ? [`${file}: more than ${MOST_PEOPLE} people: the rest was left out`]
        : []),
      ...gaps,
    ],
  };
}

function personOf({ value, locate }: Entry, gaps: string[]): Person[] {
  const parsed = person.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const part = issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path[0];
    const what = part === undefined ? '' : `${String(part)}: `;
    gaps.push(formatProblem({ at: locate(part), message: `${what}${issue?.message ?? 'no person'}` }));
    return [];
  }
  const { identity, also = [], left, status } = parsed.data;
  const names = [identity, ...(typeof also === 'string' ? [also] : also)].map((one) => one.trim());
  if (names.length > MOST_NAMES)
    gaps.push(formatProblem({ at: locate('also'), message: `expected at most ${MOST_NAMES} names` }));
  const [first = identity, ...more] = names.slice(0, MOST_NAMES);
  const place = locate();
  return [
    {
      names: [first, ...more],
      status: status ?? null,
      // The last day is a day of work.
      left: left === undefined ? null : Date.parse(endOf(left)),
      from: formatLocation({ file: place.file, ...(place.line !== undefined && { line: place.line }) }),
    },
  ];
}

function fromYaml(text: string, file: string): Entries {
  if (!nestsLittle(text)) return { entries: [], gaps: [`${file} is nested too deep to be a list of people`] };
  const yaml = readYaml(file, text);
  const gaps = yaml.problems.map(formatProblem);
  const inner = object(yaml.value)?.['people'];
  const [list, path] = inner === undefined ? [yaml.value, []] : [inner, ['people']];
  if (!Array.isArray(list)) {
    const message = 'expected a list of people, or a mapping with people: and such a list';
    return {
      entries: [],
      gaps: gaps.length > 0 ? gaps : [formatProblem({ at: yaml.locate(path), message })],
    };
  }
  const entries = list.map((value: unknown, index): Entry => {
    const at = [...path, index];
    return {
      value,
      locate: (part) =>
        part === undefined || object(value)?.[String(part)] === undefined
          ? yaml.locate(at)
          : yaml.locateKey(at, String(part)),
    };
  });
  return { entries, gaps };
}

function fromCsv(text: string, file: string): Entries {
  const { rows, problems } = parseCsv(text);
  const at = ({ line: row, column }: Pick<Cell, 'line' | 'column'>): Location => ({
    file,
    line: row,
    column,
  });
  const gaps = problems.map((one) => formatProblem({ at: at(one), message: one.message }));
  const [heading = [], ...body] = rows;
  const names = heading.map((cell) => cell.text.trim().toLowerCase());
  const missing = !names.includes('identity')
    ? 'identity'
    : names.includes('left') || names.includes('status')
      ? null
      : 'left or status';
  if (missing !== null) {
    const message = `no column ${missing}: expected a heading with identity, and left or status`;
    return {
      entries: [],
      gaps: [...gaps, formatProblem({ at: at(heading[0] ?? { line: 1, column: 1 }), message })],
    };
  }
  const entries = body.flatMap((row): Entry[] => {
    const [first] = row;
    if (!first) return [];
    if (row.length !== names.length) {
      const message = `${row.length} cells: expected ${names.length}, as in the heading`;
      gaps.push(formatProblem({ at: at(first), message }));
      return [];
    }
    return [csvEntry(names, row, at)];
  });
  return { entries, gaps };
}

/** Columns of other names are the HR system's own. */
function csvEntry(names: readonly string[], row: readonly Cell[], at: (cell: Cell) => Location): Entry {
  const cellOf = (name: PropertyKey): Cell | undefined => row[names.indexOf(String(name))];
  const value: Record<string, string | readonly string[]> = {};
  for (const name of ['identity', 'also', 'name', 'left', 'status']) {
    const text = cellOf(name)?.text.trim() ?? '';
    if (text === '') continue;
    if (name === 'also') value[name] = text.split(/[\s|]+/).filter(Boolean);
    else value[name] = name === 'status' ? text.toLowerCase() : text;
  }
  const [first] = row;
  return {
    value,
    locate: (part) => {
      const cell = (part === undefined ? undefined : cellOf(part)) ?? first;
      return cell ? at(cell) : { file: '' };
    },
  };
}

function object(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

function shortened(gaps: readonly string[]): readonly string[] {
  return gaps.length <= MOST_GAPS ? gaps : [...gaps.slice(0, MOST_GAPS), `${gaps.length - MOST_GAPS} more`];
}
