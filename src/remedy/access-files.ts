/** Edits of the files that decide who gets in: CA keys, principals, static keys, and the bootstrap identity in them. */
import { unsafeFile } from '../../checks/lib/files.js';
import { counts } from '../../checks/lib/principal-files.js';
import { fileText } from '../facts/lookup-paths.js';
import type { AuthorizedKeysFile, CaFile, CollectedFile, PrincipalsFile } from '../facts/types.js';
import { ACTORS, type CaExpectation, type Expectations } from '../model.js';
import { fingerprint, parsePublicKeyLine } from '../openssh/public-key.js';
import { isPlainLine, isPlainPath, keyWords, wholeLine } from './text.js';
import type { Edit } from './types.js';

/** `subject`: of the findings that the edits mend. */
export interface FileChange {
  readonly edits: readonly Edit[];
  readonly mended: readonly string[];
}

const NOTHING: FileChange = { edits: [], mended: [] };

/** Public CA keys as text, by fingerprint: what any host's CA file shows. */
export function caKeysOf(files: readonly CaFile[]): Map<string, string> {
  return new Map(
    files.flatMap(({ file, trusted, stoppedAt }) =>
      [...trusted, ...(stoppedAt ? fileLines(file) : [])].flatMap(({ line }) => {
        const parsed = parsePublicKeyLine(wholeLine(file, line)?.replace(/^\uFEFF/, '') ?? '');
        if (parsed === null || parsed.type.includes('-cert-')) return [];
        return [[fingerprint(parsed.blob), `${parsed.type} ${parsed.blob.toString('base64')}`] as const];
      }),
    ),
  );
}

function fileLines(file: CollectedFile): { line: number }[] {
  return fileText(file)
    .split('\n')
    .map((_, index) => ({ line: index + 1 }));
}

/** The whole CA file, when every expected key is known. */
export function caContent(ca: CaExpectation, known: ReadonlyMap<string, string>): string | null {
  const keys = ca.fingerprints.map((one) => known.get(one));
  if (keys.length === 0 || keys.includes(undefined) || !isPlainPath(ca.trustedUserCaKeys)) return null;
  return `${keys.join('\n')}\n`;
}

/** @param content see {@link caContent}; null: not every expected key is known */
export function planCaFile(
  file: CaFile | undefined,
  { trustedUserCaKeys: path }: CaExpectation,
  content: string | null,
  failing: ReadonlySet<string>,
): FileChange {
  if (!file || !editable(file.file)) return NOTHING;
  const keys = [...failing].filter(
    (subject) =>
      (subject === path && file.file.status === 'missing') ||
      subject.startsWith(`${path} trusts `) ||
      subject.startsWith(`${path} lacks `),
  );
  const rewritten = content !== null && keys.length > 0;
  const owner = planOwner(file.file, failing);
  return {
    edits: [
      ...(rewritten ? [...folderOf(path), { kind: 'content', path, content } as const] : []),
      ...owner.edits,
    ],
    mended: [...(rewritten ? keys : []), ...owner.mended],
  };
}

/** A regular file, or none yet, that is no link and whose path no program misreads. */
function editable({ path, realpath, status }: CollectedFile): boolean {
  return isPlainPath(path) && realpath === path && status !== 'not-regular' && path.startsWith('/etc/');
}

export function folderOf(path: string): Edit[] {
  return [{ kind: 'folder', path: path.slice(0, path.lastIndexOf('/')) || '/' }];
}

/** Owner and mode of the file and of the folders above it. */
function planOwner(file: CollectedFile, failing: ReadonlySet<string>): FileChange {
  const problems = unsafeFile(file).filter((problem) => failing.has(problem));
  const unreadable = `${file.path} unreadable`;
  if (!editable(file) || (problems.length === 0 && !failing.has(unreadable))) return NOTHING;
  const loose = file.parents.filter(
    ({ uid, mode, kind }) => kind === 'dir' && (uid !== 0 || (mode & 0o022) !== 0),
  );
  const closed = failing.has(unreadable)
    ? file.parents.filter(
        ({ path, mode, kind }) => kind === 'dir' && path.startsWith('/etc/ssh/') && (mode & 0o005) !== 0o005,
      )
    : [];
  return {
    edits: [
      ...loose.map(({ path }): Edit => ({ kind: 'owner', path, mode: 'go-w' })),
      ...closed.map(({ path }): Edit => ({ kind: 'owner', path, mode: 'a+rx' })),
      ...(file.status === 'missing' ? [] : [{ kind: 'owner', path: file.path, mode: '0644' } as const]),
    ].filter(({ path }) => isPlainPath(path)),
    mended: [...problems, ...(failing.has(unreadable) ? [unreadable] : [])],
  };
}

interface Entitlement {
  /** Principals the account may accept. */
  readonly allowed: readonly string[];
  /** Whether it must accept them all: no other account of its kind could. */
  readonly all: boolean;
}

/** What the inventory gives an account; null in union mode, where it does not say. */
function entitlement(expected: Expectations, account: string): Entitlement | null {
  const { principals, accounts, allowedPrincipals } = expected;
  if (principals)
    return { allowed: Object.hasOwn(principals, account) ? (principals[account] ?? []) : [], all: true };
  if (!accounts) return null;
  const actors = ACTORS.filter((actor) => accounts[actor].includes(account));
  return {
    allowed: actors.flatMap((actor) => allowedPrincipals[actor]),
    all: actors.every((actor) => accounts[actor].length === 1),
  };
}

/** @param pathOf where the principals of an account belong */
export function planPrincipals(
  files: readonly PrincipalsFile[],
  expected: Expectations,
  pathOf: (account: string) => string,
  failing: ReadonlySet<string>,
): FileChange {
  const named = expected.principals
    ? Object.keys(expected.principals)
    : ACTORS.flatMap((actor) => expected.accounts?.[actor] ?? []);
  const served = new Set(files.flatMap(({ account }) => account ?? []));
  const parts = [
    ...files.map((file) => principalsFile(file, expected, failing)),
    ...[...new Set(named)]
      .filter((account) => !served.has(account))
      .map((account) => absentFile(account, expected, pathOf(account), failing)),
  ];
  return { edits: parts.flatMap(({ edits }) => edits), mended: parts.flatMap(({ mended }) => mended) };
}

/** Subjects under which the check reports that an account lacks a principal. */
function lackSubjects(expected: Expectations, account: string, principal: string): string[] {
  const { principals, accounts, allowedPrincipals } = expected;
  if (principals) return [`principal ${principal} for account ${account}`];
  return ACTORS.filter(
    (actor) => accounts?.[actor].includes(account) && allowedPrincipals[actor].includes(principal),
  ).map(
    (actor) => `principal ${principal} for the ${actor} accounts (${accounts?.[actor].join(', ') ?? ''})`,
  );
}

function principalsFile(
  { account, file, lines }: PrincipalsFile,
  expected: Expectations,
  failing: ReadonlySet<string>,
): FileChange {
  const owner = planOwner(file, failing);
  const given = account === null ? null : entitlement(expected, account);
  if (account === null || given === null || !editable(file)) return owner;
  if (file.status === 'missing') return joined(absentFile(account, expected, file.path, failing), owner);
  if (file.status !== 'ok') return owner;
  const wrong = lines.filter(
    (line) =>
      failing.has(`${file.path}:${line.line}`) || failing.has(`${file.path}:${line.line} for ${account}`),
  );
  const right = lines.filter((line) => counts(line) && !wrong.includes(line));
  const missing = missingOf(
    given,
    expected,
    account,
    new Set(right.map(({ principal }) => principal)),
    failing,
  );
  const mended = [
    ...wrong.flatMap(({ line }) => [`${file.path}:${line}`, `${file.path}:${line} for ${account}`]),
    ...missing.flatMap((principal) => lackSubjects(expected, account, principal)),
  ];
  if (wrong.length === 0 && missing.length === 0) return owner;
  const texts = wrong.map(({ line }) => wholeLine(file, line) ?? '');
  const edit: Edit = texts.every(isPlainLine)
    ? { kind: 'lines', path: file.path, absent: [...new Set(texts)], present: missing }
    : { kind: 'content', path: file.path, content: without(file, wrong, missing) };
  return joined({ edits: [edit], mended }, owner);
}

function joined(one: FileChange, other: FileChange): FileChange {
  return { edits: [...one.edits, ...other.edits], mended: [...one.mended, ...other.mended] };
}

function missingOf(
  { allowed, all }: Entitlement,
  expected: Expectations,
  account: string,
  present: ReadonlySet<string>,
  failing: ReadonlySet<string>,
): string[] {
  return all
    ? [...new Set(allowed)].filter(
        (principal) =>
          !present.has(principal) &&
          lackSubjects(expected, account, principal).some((subject) => failing.has(subject)),
      )
    : [];
}

function absentFile(
  account: string,
  expected: Expectations,
  path: string,
  failing: ReadonlySet<string>,
): FileChange {
  const given = entitlement(expected, account);
  const missing = given ? missingOf(given, expected, account, new Set(), failing) : [];
  if (missing.length === 0 || !isPlainPath(path) || !path.startsWith('/etc/')) return NOTHING;
  return {
    edits: [...folderOf(path), { kind: 'lines', path, absent: [], present: missing }],
    mended: missing.flatMap((principal) => lackSubjects(expected, account, principal)),
  };
}

/** The file without some lines, and with others at its end: for lines that cannot be named in a playbook. */
function without(
  file: CollectedFile,
  wrong: readonly { readonly line: number }[],
  missing: readonly string[],
): string {
  const gone = new Set(wrong.map(({ line }) => line));
  const kept = fileText(file)
    .split('\n')
    .filter((text, index) => !gone.has(index + 1) && text !== '' && isPlainLine(text));
  return [...kept, ...missing, ''].join('\n');
}

/** The lines of one principals file that name the bootstrap identity, wherever it lies. */
export function planBootstrap(files: readonly PrincipalsFile[], failing: ReadonlySet<string>): FileChange {
  const parts = files.map(({ file, lines }): FileChange => {
    const wrong = lines.filter(({ line }) => failing.has(`${file.path}:${line}`));
    const texts = wrong.map(({ line }) => wholeLine(file, line) ?? '');
    if (wrong.length === 0 || !editable(file) || file.status !== 'ok' || !texts.every(isPlainLine))
      return NOTHING;
    return {
      edits: [{ kind: 'lines', path: file.path, absent: [...new Set(texts)], present: [] }],
      mended: wrong.map(({ line }) => `${file.path}:${line}`),
    };
  });
  return { edits: parts.flatMap(({ edits }) => edits), mended: parts.flatMap(({ mended }) => mended) };
}

export interface KeyChange extends FileChange {
  /** Accounts whose keys go. */
  readonly accounts: readonly string[];
}

/**
 * The key lines that failing checks point at, each removed by its key; by the whole line when another line of the file
 * holds the same key and is allowed (an emergency key that also stands as a CA).
 * @param inUse fingerprint and account of the plain key the auditor came in with: left to a person
 */
export function planKeys(
  entries: readonly AuthorizedKeysFile[],
  failing: ReadonlySet<string>,
  inUse: { readonly user: string; readonly text: string } | null,
): KeyChange {
  const edits = new Map<string, Edit>();
  const mended: string[] = [];
  const accounts = new Set<string>();
  for (const { account, file, lines } of entries) {
    if (!isPlainPath(file.realpath)) continue;
    for (const line of lines) {
      const subject = `${file.path}:${line.line}`;
      const text = wholeLine(file, line.line);
      if (!failing.has(subject) || !line.key || text === undefined) continue;
      const { fingerprint: wanted } = line.key;
      if (inUse?.user === account && inUse.text.includes(wanted)) continue;
      const words = keyWords(text, wanted, fingerprint);
      const allowed = lines.some(
        (other) =>
          other.valid && other.key?.fingerprint === wanted && !failing.has(`${file.path}:${other.line}`),
      );
      if (!words || (allowed && !isPlainLine(text))) continue;
      const edit: Edit = allowed
        ? { kind: 'lines', path: file.realpath, absent: [text], present: [] }
        : { kind: 'key', path: file.realpath, ...words };
      edits.set(JSON.stringify(edit), edit);
      mended.push(subject);
      if (account !== null) accounts.add(account);
    }
  }
  return { edits: [...edits.values()], mended, accounts: [...accounts].toSorted() };
}
