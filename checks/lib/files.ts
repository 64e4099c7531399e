/** Who can change a file: its owner and mode, and those of every folder on the way to it, links followed. */
import type { CollectedFile, FileStat } from '../../src/facts/types.js';

const GROUP_OR_OTHER_WRITE = 0o022;

/** `0644`, `01777`. */
export function octal(mode: number): string {
  return `0${mode.toString(8).padStart(3, '0')}`;
}

/**
 * Everything that lets somebody besides root change what is read here, one clause each, without a full stop.
 * Empty for a safe file; folders count also when the file itself is missing, for whoever can write there can make it.
 */
export function unsafeFile({ path, realpath, stat, parents }: CollectedFile): string[] {
  const name = realpath === path ? path : `${path} (leads to ${realpath})`;
  const own = stat.kind === 'missing' ? [] : faults(name, stat);
  return [
    ...own,
    ...parents
      .filter(({ kind }) => kind !== 'missing')
      .flatMap((folder) => faults(`the folder ${folder.path} above ${path}`, folder)),
  ];
}

function faults(name: string, { uid, mode, kind }: FileStat): string[] {
  const writable = (mode & GROUP_OR_OTHER_WRITE) !== 0 && kind !== 'link';
  const by = (mode & 0o002) !== 0 ? 'everybody' : 'its group';
  return [
    ...(uid === 0 ? [] : [`${name} belongs to uid ${uid} and not to root`]),
    ...(writable ? [`${name} can be written by ${by} (mode ${octal(mode)})`] : []),
  ];
}

/** Folders whose owner and mode could not be read; without them nothing is proven about a file. */
export function unseenFolders({ path, parents, status }: CollectedFile): string[] {
  if (status !== 'ok') return [];
  const blind = parents
    .filter(({ kind }) => kind === 'missing')
    .map((folder) => `owner and mode of ${folder.path}, a folder above ${path}, could not be read`);
  return parents.length === 0 ? [`owner and mode of the folders above ${path} were not collected`] : blind;
}

/**
 * Whether an account can read a file, by the mode bits of the file and of the folders above it. Null when that hangs on
 * secondary groups. Access lists and security modules are not seen.
 */
export function readableBy(
  { stat, parents }: CollectedFile,
  account: { readonly uid: number; readonly gid: number },
): boolean | null {
  if (account.uid === 0) return true;
  const answers = new Set([allows(stat, account, 4), ...parents.map((folder) => allows(folder, account, 1))]);
  if (answers.has(false)) return false;
  return answers.has(null) ? null : true;
}

function allows(
  { mode, uid, gid }: FileStat,
  account: { readonly uid: number; readonly gid: number },
  bit: number,
): boolean | null {
  if (uid === account.uid) return (mode & (bit << 6)) !== 0;
  if (gid === account.gid) return (mode & (bit << 3)) !== 0;
  const [group, other] = [(mode & (bit << 3)) !== 0, (mode & bit) !== 0];
  return group === other ? other : null;
}
