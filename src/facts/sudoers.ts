/**
 * sudoers -> rules with their aliases expanded. Source: sudoers(5), plugins/sudoers/toke.l and gram.y. Never throws; a
 * line that does not parse is a gap, because sudo itself refuses everything or skips the line, by version.
 */
import type { HostEvidence, Reading } from '../model.js';
import { collectedFiles, probeReading, records, toldGaps, wordText } from './reading.js';
import type { CollectedFile, SudoersFacts, SudoRule } from './types.js';

const MOST_RULES = 5000;
const MOST_MEMBERS = 2000;
const DEEPEST_ALIAS = 16;
/** Names looked at for one list: aliases of aliases that come to nothing would be looked through for ever. */
const MOST_LOOKED_AT = 5000;
/** `User_Alias`, `Runas_Alias`, `Host_Alias`, `Cmnd_Alias` and the spelling of 1.9.4 and later. */
const ALIAS = /^(User|Runas|Host|Cmnd|Cmd)_Alias\s+(.*)$/s;
/** Options of one command (sudoers(5), "Option_Spec") and its tags ("Tag_Spec"). */
const OPTION =
  /^(?:ROLE|TYPE|PRIVS|LIMITPRIVS|APPARMOR_PROFILE|TIMEOUT|NOTBEFORE|NOTAFTER|CWD|CHROOT)=\S+\s*/;
const TAG =
  /^(NOPASSWD|PASSWD|NOEXEC|EXEC|SETENV|NOSETENV|LOG_INPUT|NOLOG_INPUT|LOG_OUTPUT|NOLOG_OUTPUT|FOLLOW|NOFOLLOW|MAIL|NOMAIL|INTERCEPT|NOINTERCEPT)\s*:\s*/;

/** @returns rules of every file sudo reads, in its order. Not ok when sudoers could not be read at all. */
export function readSudoers(evidence: HostEvidence): Reading<SudoersFacts> {
  const probe = probeReading(evidence, 'sudoers');
  if (!probe.ok) return probe;
  const rows = records(probe.value);
  const of = (kind: string) => rows.filter(([word]) => word === kind);
  const gaps = [...probe.gaps, ...toldGaps(rows)];
  const files = collectedFiles(rows);
  const main = wordText(of('main')[0]?.[1]);
  const first = files.find(({ path }) => path === main);
  if (first && first.status === 'denied')
    return { ok: false, reason: 'denied', detail: `${main} could not be read` };
  for (const { path, status } of files)
    if (status !== 'ok' && status !== 'missing') gaps.push(`${path} could not be read whole (${status})`);
  const services = wordText(of('nss')[0]?.[1]);
  const elsewhere = services.split(/\s+/).filter((word) => /^(?:ldap|sss|nis|nisplus)$/.test(word));
  if (elsewhere.length > 0)
    gaps.push(`rules of sudo also come from ${elsewhere.join(', ')}, which was not asked`);
  if (of('doas').length > 0) gaps.push('doas is configured too: its rules were not read');
  const { rules, neverAsks, problems } = parseSudoers(files);
  return {
    ok: true,
    gaps: [...new Set([...gaps, ...problems])].slice(0, 100),
    value: {
      rules,
      neverAsks,
      agents: of('agent').map((row) => ({ name: row[1] ?? '', running: row[2] === 'running' })),
    },
  };
}

interface Parsed {
  readonly rules: readonly SudoRule[];
  readonly neverAsks: boolean;
  readonly problems: readonly string[];
}

type Kind = 'User' | 'Runas' | 'Host' | 'Cmnd';
type Aliases = Readonly<Record<Kind, Map<string, readonly string[]>>> & {
  /** A list was longer than is looked at. */
  cut: boolean;
};

/** @param files in the order sudo reads them. */
export function parseSudoers(files: readonly Pick<CollectedFile, 'path' | 'bytes'>[]): Parsed {
  const aliases: Aliases = {
    User: new Map(),
    Runas: new Map(),
    Host: new Map(),
    Cmnd: new Map(),
    cut: false,
  };
  const problems: string[] = [];
  const specs: { readonly text: string; readonly at: SudoRule['at'] }[] = [];
  let neverAsks = false;
  for (const { path, lines } of inOrder(files))
    for (const { text, line } of lines) {
      const alias = ALIAS.exec(text);
      if (alias) readAliases(alias[1] ?? '', alias[2] ?? '', aliases);
      else if (/^Defaults(?:[@:!>]\S*)?\s/.test(text)) {
        const [head = ''] = text.split(/\s/, 1);
        // Bound to a user, a host or a command, it is not for everybody.
        if (head === 'Defaults') neverAsks = defaultsAuthenticate(text, neverAsks);
      } else if (text !== '') specs.push({ text, at: { path, line } });
    }
  const rules: SudoRule[] = [];
  for (const { text, at } of specs) {
    const found = parseSpec(text, at, aliases);
    if (found === null) problems.push(`${at.path}:${at.line} is no rule sudo knows`);
    else rules.push(...found);
    if (rules.length > MOST_RULES) {
      problems.push(`more than ${MOST_RULES} rules of sudo: the rest was left out`);
      break;
    }
  }
  if (aliases.cut)
    problems.push(`a list of sudoers leads to more than ${MOST_MEMBERS} names: the rest was left out`);
  return { rules: rules.slice(0, MOST_RULES), neverAsks, problems };
}

interface Piece {
  readonly path: string;
  readonly lines: readonly { readonly text: string; readonly line: number }[];
}

/** An included file stands where the line that includes it does: of several rules the last one counts. */
function inOrder(files: readonly Pick<CollectedFile, 'path' | 'bytes'>[]): readonly Piece[] {
  const left = new Map(files.map((file) => [file.path, file]));
  const pieces: Piece[] = [];
  const read = (path: string): void => {
    const file = left.get(path);
    if (!file) return;
    left.delete(path);
    let lines: { text: string; line: number }[] = [];
    for (const one of logicalLines(Buffer.from(file.bytes).toString('utf8'))) {
      const [, folder, quoted, plain] = /^[@#]include(dir)?\s+(?:"([^"]*)"|(.*))$/.exec(one.text) ?? [];
      if (quoted === undefined && plain === undefined) {
        lines.push(one);
        continue;
      }
      pieces.push({ path, lines });
      lines = [];
      const named = quoted ?? (plain ?? '').replace(/\\(.)/g, '$1').trim();
      const target = named.startsWith('/') ? named : `${path.slice(0, path.lastIndexOf('/'))}/${named}`;
      if (folder === undefined) read(target);
      else
        for (const inside of [...left.keys()].sort())
          if (inside.slice(0, inside.lastIndexOf('/')) === target.replace(/\/+$/, '')) read(inside);
    }
    pieces.push({ path, lines });
  };
  // What the first file leads to, then what is left: a name with `%h`, which the host itself resolved.
  for (const { path } of files) read(path);
  return pieces;
}

/** Lines joined at a final backslash, comments gone. `#1000` names a uid, `#include` a file. */
function logicalLines(text: string): { readonly text: string; readonly line: number }[] {
  const found: { text: string; line: number }[] = [];
  let held = '';
  let begun = 0;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    if (held === '') begun = index + 1;
    if (raw.endsWith('\\') && held.length < 100_000) {
      held += `${raw.slice(0, -1)} `;
      continue;
    }
    found.push({ text: uncommented(held + raw).trim(), line: begun });
    held = '';
  }
  if (held !== '') found.push({ text: uncommented(held).trim(), line: begun });
  return found;
}

function uncommented(line: string): string {
  if (/^\s*[#@]include/.test(line)) return line;
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at];
    if (character === '\\') at += 1;
    else if (character === '"') quoted = !quoted;
    else if (character === '#' && !quoted) {
      // A uid or gid: digits follow, and it begins a word.
      const before = line[at - 1] ?? ' ';
      if (/^#\d/.test(line.slice(at, at + 2)) && /[\s,(!%:=-]/.test(before)) continue;
      return line.slice(0, at);
    }
  }
  return line;
}

function defaultsAuthenticate(text: string, before: boolean): boolean {
  return parted(text.replace(/^Defaults\s+/, ''), ',').reduce((state, one) => {
    if (/^!\s*authenticate$/.test(one)) return true;
    return one === 'authenticate' ? false : state;
  }, before);
}

function readAliases(kind: string, text: string, aliases: Aliases): void {
  const map = aliases[kind === 'Cmd' ? 'Cmnd' : (kind as Kind)];
  for (const one of parted(text, ':')) {
    const [, name, members] = /^([A-Z][A-Z0-9_]*)\s*=\s*(.*)$/s.exec(one) ?? [];
    if (name !== undefined && members !== undefined) map.set(name, parted(members, ','));
  }
}

/** Split at a character outside quotes and not behind a backslash; pieces trimmed, empty ones dropped. */
function parted(text: string, at: ',' | ':'): string[] {
  const pieces: string[] = [];
  let piece = '';
  let quoted = false;
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? '';
    if (character === '\\') {
      piece += character + (text[index + 1] ?? '');
      index += 1;
      continue;
    }
    if (character === '"') quoted = !quoted;
    else if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    if (character === at && !quoted && depth <= 0) {
      pieces.push(piece.trim());
      piece = '';
    } else piece += character;
  }
  return [...pieces, piece.trim()].filter((one) => one !== '');
}

interface Spec {
  readonly userText: string;
  readonly hostText: string;
  readonly rest: string;
}

/** `users hosts = rest`. The hosts begin behind the last blank that stands at no comma. Null: it is not of that form. */
function splitSpec(text: string): Spec | null {
  let gap: { readonly from: number; readonly to: number } | null = null;
  let before = ',';
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '=') {
      if (gap === null) return null;
      const userText = text.slice(0, gap.from);
      const hostText = text.slice(gap.to, at).trim();
      const rest = text.slice(at + 1).trim();
      return hostText === '' || rest === '' ? null : { userText, hostText, rest };
    }
    if (/\s/.test(character)) {
      let to = at + 1;
      while (/\s/.test(text[to] ?? '')) to += 1;
      if (before !== ',' && text[to] !== ',' && text[to] !== '=') gap = { from: at, to };
      at = to - 1;
      continue;
    }
    before = character;
    if (character === '\\') at += 1;
    if (character !== '"') continue;
    at = text.indexOf('"', at + 1);
    if (at === -1) return null;
  }
  return null;
}

/** `commands : host = commands`: a colon with a blank on one side at least, or it ends a tag. */
function nextHost(
  piece: string,
): { readonly before: string; readonly host: string; readonly rest: string } | null {
  const found = [...piece.matchAll(/:(\s*)([^\s=:()]+)\s*=/g)].filter(({ index }) => index > 0);
  const blankBefore = ({ index }: { readonly index: number }) => /\s/.test(piece[index - 1] ?? '');
  const next = found.find(blankBefore) ?? found.find(([, blank]) => blank !== '');
  if (!next) return null;
  const [whole, , host = ''] = next;
  return {
    before: piece.slice(0, next.index).trim(),
    host,
    rest: piece.slice(next.index + whole.length).trim(),
  };
}

/** Null: it does not parse. */
function parseSpec(text: string, at: SudoRule['at'], aliases: Aliases): SudoRule[] | null {
  const spec = splitSpec(text);
  if (spec === null) return null;
  const { userText, hostText, rest } = spec;
  const users = expand(parted(userText, ','), aliases, 'User');
  const rules: SudoRule[] = [];
  let hosts = expand(parted(hostText, ','), aliases, 'Host');
  // `host = commands : host = commands`; a colon also ends tags and stands in (user:group).
  let commands: string[] = [];
  const flush = (): void => {
    rules.push(...commandRules(commands, { users, hosts, at }, aliases));
    commands = [];
  };
  for (const piece of parted(rest, ',')) {
    const next = nextHost(piece);
    if (next && !TAG.test(`${next.before}:`)) {
      commands.push(next.before);
      flush();
      hosts = expand([next.host], aliases, 'Host');
      commands.push(next.rest);
    } else commands.push(piece);
    if (commands.length > MOST_MEMBERS) break;
  }
  flush();
  return rules;
}

/** Tags and the user to become hold for the commands behind them too. */
function commandRules(
  commands: readonly string[],
  shared: Pick<SudoRule, 'users' | 'hosts' | 'at'>,
  aliases: Aliases,
): SudoRule[] {
  let runAs: readonly string[] = ['root'];
  let noPassword = false;
  return commands.flatMap((piece) => {
    let text = piece;
    const as = /^\(\s*([^:()]*)(?::[^()]*)?\)\s*/.exec(text);
    if (as) {
      const names = as[1]?.trim() ?? '';
      // `(:group)` keeps the user; `()` is the invoking user alone.
      runAs = names === '' ? [] : expand(parted(names, ','), aliases, 'Runas');
      text = text.slice(as[0].length);
    }
    for (let round = 0; round < 40; round += 1) {
      const found = OPTION.exec(text) ?? TAG.exec(text);
      if (!found) break;
      if (found[1] === 'NOPASSWD') noPassword = true;
      if (found[1] === 'PASSWD') noPassword = false;
      text = text.slice(found[0].length);
    }
    if (text === '') return [];
    return expand([text], aliases, 'Cmnd').map((command) => ({ ...shared, runAs, noPassword, command }));
  });
}

/** Names of aliases replaced by their members; a `!` before the alias turns each. Bounded in depth and number. */
function expand(
  members: readonly string[],
  aliases: Aliases,
  kind: Kind,
  depth = 0,
  work = { left: MOST_LOOKED_AT },
): readonly string[] {
  const all: string[] = [];
  for (const member of members) {
    work.left -= 1;
    if (all.length > MOST_MEMBERS || work.left < 0) break;
    const [, bangs = '', name = ''] = /^((?:!\s*)*)(.*)$/s.exec(member) ?? [];
    const inner = depth < DEEPEST_ALIAS ? aliases[kind].get(name) : undefined;
    const odd = (bangs.match(/!/g)?.length ?? 0) % 2 === 1;
    const turned = (one: string): string => (odd ? (one.startsWith('!') ? one.slice(1) : `!${one}`) : one);
    if (inner) all.push(...expand(inner, aliases, kind, depth + 1, work).map(turned));
    else all.push(turned(unquoted(name)));
  }
  aliases.cut ||= all.length > MOST_MEMBERS || work.left < 0;
  return all.slice(0, MOST_MEMBERS);
}

function unquoted(text: string): string {
  const bare = /^(%?[:#]?)"([^"]*)"$/.exec(text);
  return (bare ? `${bare[1] ?? ''}${bare[2] ?? ''}` : text).replace(/\\([\s,:=\\"()!@#])/g, '$1');
}
