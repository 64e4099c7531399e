/**
 * sshd's settings, placed where they win. sshd keeps the first value it reads, and the first satisfied Match block goes
 * before globals (sshd_config(5)): a file that is included first, with the values both globally and under `Match all`,
 * beats everything but options on the command line. sshd before 8.2 knows no Include: there the values go to the top
 * of the main file, and the lines of Match blocks are made comments.
 */
import { setting, subjectOf } from '../../checks/lib/sshd.js';
import { noneInMatch } from '../../checks/lib/principal-settings.js';
import type { Origin, SshdCase, SshdFacts } from '../facts/types.js';
import type { CheckId } from '../model.js';
import { isPlainLine, isPlainPath } from './text.js';
import type { Edit, Proof } from './types.js';

const DROP_IN_FOLDER = '/etc/ssh/sshd_config.d';
export const DROP_IN = `${DROP_IN_FOLDER}/00-ssh-scorecard.conf`;
const HEADER =
  '# Written by ssh-scorecard remediate. sshd keeps the first value it reads: this file must be read first.';
const MAX_PROOFS = 25;

/** A keyword and the value the directive asks for. */
export interface Wanted {
  readonly check: CheckId;
  readonly name: string;
  readonly value: string;
}

export interface SettingsChange {
  readonly edits: readonly Edit[];
  readonly proofs: readonly Proof[];
  /** Keywords that are changed. */
  readonly names: ReadonlySet<string>;
  /** `check subject` of every finding it mends. */
  readonly mended: ReadonlySet<string>;
}

interface Offence extends Wanted {
  readonly one: SshdCase;
  readonly origin: Origin | undefined;
  readonly inMatch: boolean;
  readonly subject: string;
}

/** @param failing the subjects of each failing check's findings */
export function planSettings(
  sshd: SshdFacts,
  wanted: readonly Wanted[],
  failing: ReadonlyMap<string, ReadonlySet<string>>,
): SettingsChange {
  const main = sshd.files[0];
  const mended = new Set<string>();
  const nothing = { edits: [], proofs: [], names: new Set<string>(), mended };
  if (!main || !main.path.startsWith('/etc/') || !isPlainPath(main.path)) return nothing;
  const found = wanted.flatMap((one) => offences(sshd, one, failing.get(one.check) ?? new Set()));
  const disabled = [
    ...(failing.has('principals') ? noneLines(sshd, failing.get('principals') ?? new Set()) : []),
    ...(knowsInclude(sshd) ? [] : found.flatMap((one) => (one.inMatch && one.origin ? [one.origin] : []))),
  ];
  const disable = disabled.flatMap((origin) => disableEdit(sshd, origin));
  // Without Include a Match line that cannot be made a comment stays, and so does its finding.
  const usable = found.filter(
    (one) =>
      knowsInclude(sshd) ||
      !one.inMatch ||
      disable.some((edit) => edit.path === one.origin?.path && edit.at === one.origin.line),
  );
  for (const one of usable) mended.add(`${one.check} ${one.subject}`);
  for (const edit of disable) mended.add(`principals ${edit.path}:${edit.at}`);
  const comments = distinct(disable.map(({ path, line }): Edit => ({ kind: 'disable', path, line })));
  if (usable.length === 0 && comments.length === 0) return nothing;
  return {
    edits: [...comments, ...(usable.length > 0 ? placed(sshd, main.path, usable) : [])],
    proofs: proofs(usable),
    names: new Set(usable.map(({ name }) => name)),
    mended,
  };
}

function offences(sshd: SshdFacts, wanted: Wanted, failing: ReadonlySet<string>): Offence[] {
  const keyword = wanted.name.toLowerCase();
  if (!/^[!-~]+$/.test(wanted.value) || /["'#\\]/.test(wanted.value)) return [];
  return sshd.cases.flatMap((one): Offence[] => {
    const subject = subjectOf(wanted.name, one);
    const value = setting(one, keyword);
    const origin = one.origins[keyword];
    const byOption = origin !== undefined && !origin.path.startsWith('/');
    if (one.daemon || byOption || value === undefined || value === wanted.value.toLowerCase()) return [];
    if (!failing.has(subject)) return [];
    const inMatch = sshd.matchBlocks.some(({ settings }) => same(settings[keyword]?.at, origin));
    return [{ ...wanted, one, origin, inMatch, subject }];
  });
}

function same(one: Origin | undefined, other: Origin | undefined): boolean {
  return one !== undefined && one.path === other?.path && one.line === other.line;
}

function knowsInclude({ version }: SshdFacts): boolean {
  return version !== null && (version.major > 8 || (version.major === 8 && version.minor >= 2));
}

function noneLines(sshd: SshdFacts, failing: ReadonlySet<string>): Origin[] {
  return noneInMatch({ ok: true, value: sshd, gaps: [] }).flatMap(({ at, subject }) =>
    at?.line !== undefined && failing.has(subject) ? [{ path: at.path, line: at.line }] : [],
  );
}

function disableEdit(sshd: SshdFacts, { path, line: at }: Origin) {
  const line = sshd.files.find((file) => file.path === path)?.text.split('\n')[at - 1];
  if (line === undefined || line.trim() === '' || !isPlainLine(line) || !isPlainPath(path)) return [];
  return [{ path, line, at }];
}

/** The values, in the file that is read first, or at the top of the main file. */
function placed(sshd: SshdFacts, main: string, found: readonly Offence[]): Edit[] {
  const own = readOwn(sshd.files.find(({ path }) => path === DROP_IN)?.text ?? '');
  const globals = new Map([...own.globals, ...found.map(pair)]);
  if (!knowsInclude(sshd)) {
    const lines = [...new Map(found.map(pair))].map(([name, value]) => `${name} ${value}`);
    return lines.map((line) => ({ kind: 'top', path: main, line }));
  }
  const matched = new Map([...own.matched, ...found.filter(({ inMatch }) => inMatch).map(pair)]);
  const content = [
    HEADER,
    ...lines(globals, ''),
    ...(matched.size > 0 ? ['Match all', ...lines(matched, '    ')] : []),
    '',
  ].join('\n');
  return [
    { kind: 'folder', path: DROP_IN_FOLDER },
    { kind: 'content', path: DROP_IN, content },
    ...(readFirst(sshd) ? [] : [{ kind: 'top', path: main, line: `Include ${DROP_IN}` } as const]),
  ];
}

function pair({ name, value }: Wanted): [string, string] {
  return [name, value];
}

function lines(values: ReadonlyMap<string, string>, indent: string): string[] {
  return [...values].map(([name, value]) => `${indent}${name} ${value}`).toSorted();
}

/** What an earlier remedy put into the file: it stays, else mending one check would undo another. */
function readOwn(text: string) {
  const globals = new Map<string, string>();
  const matched = new Map<string, string>();
  if (!text.startsWith(HEADER)) return { globals, matched };
  for (const line of text.split('\n')) {
    const words = /^( {4})?([A-Za-z]+) ([!-~]+)$/.exec(line);
    if (words?.[2] && words[3] && words[2] !== 'Match')
      (words[1] === undefined ? globals : matched).set(words[2], words[3]);
  }
  return { globals, matched };
}

/** Whether the drop-in would be the first thing sshd reads as things are. */
function readFirst({ files }: SshdFacts): boolean {
  const [main] = files;
  const first = main?.text.split('\n').find((line) => /^\s*[^#\s]/.test(line)) ?? '';
  if (/^\s*include[\s=]+"?\/etc\/ssh\/sshd_config\.d\/00-ssh-scorecard\.conf"?\s*$/i.test(first)) return true;
  if (!/^\s*include[\s=]+"?(\/etc\/ssh\/)?sshd_config\.d\/\*\.conf"?\s*$/i.test(first)) return false;
  return !files.some(({ path }) => path.startsWith(`${DROP_IN_FOLDER}/`) && path < DROP_IN);
}

function proofs(found: readonly Offence[]): Proof[] {
  const byConnection = new Map<string, Set<string>>();
  for (const { one, name, value } of found) {
    const { user, host, address, localAddress, localPort } = one.witness;
    if (![user, host, address, localAddress].every((word) => /^[A-Za-z0-9_.:$-]+$/.test(word))) continue;
    const connection = `user=${user},host=${host},addr=${address},laddr=${localAddress},lport=${localPort}`;
    const wanted = byConnection.get(connection) ?? new Set();
    byConnection.set(connection, wanted.add(`${name} ${value}`.toLowerCase()));
  }
  return [...byConnection]
    .slice(0, MAX_PROOFS)
    .map(([connection, wanted]) => ({ connection, wanted: [...wanted].toSorted() }));
}

function distinct(edits: readonly Edit[]): Edit[] {
  return [...new Map(edits.map((edit) => [JSON.stringify(edit), edit])).values()];
}
