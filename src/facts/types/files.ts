/** Files as the collector read them. */

export type FileKind = 'file' | 'dir' | 'link' | 'fifo' | 'socket' | 'char' | 'block' | 'missing' | 'other';

/** lstat of a path, plus where it leads. */
export interface FileStat {
  readonly path: string;
  readonly kind: FileKind;
  /** Permission bits, e.g. 0o644. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes. */
  readonly size: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
  readonly ctime: number;
}

/** A file the collector was asked to read. */
export interface CollectedFile {
  /** The path as configured (tokens expanded). */
  readonly path: string;
  /** Where it leads after symlinks; equals `path` when there are none. */
  readonly realpath: string;
  /** The final object, symlinks followed. `kind: 'missing'` when nothing is there. */
  readonly stat: FileStat;
  /** Every directory from `/` down to the file, of the path as named and of the real path, without doubles. */
  readonly parents: readonly FileStat[];
  /** `ok`: `bytes` is all of it. `cut`: only the first part. Else there are no bytes. */
  readonly status: 'ok' | 'cut' | 'missing' | 'denied' | 'not-regular' | 'too-large' | 'timeout' | 'failed';
  readonly bytes: Uint8Array;
}
