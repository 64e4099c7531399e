/**
 * Errors a person can act on. Everything else that is thrown is our own bug and keeps its stack.
 */

/** Where in a user's file the trouble is. Lines and columns count from 1. */
export interface Location {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** `file:line:column`, as editors and compilers print it. */
export function formatLocation(at: Location): string {
  return [at.file, at.line, at.column].filter((part) => part !== undefined).join(':');
}

/**
 * A mistake in what the user gave us (flags, files, environment), or a thing this machine lacks.
 * Shown as one line plus a hint; the process exits with 2.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  /** Stable machine-readable identifier, kebab-case. */
  readonly code: string;
  /** What to do about it. */
  readonly hint: string | undefined;
  readonly at: Location | undefined;

  constructor(
    code: string,
    message: string,
    options: { hint?: string; at?: Location; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.at = options.at;
  }
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
