/** The world a command may touch, handed in by cli.ts so that main can be run inside tests. */
export interface Io {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Resolves when the text was taken; a closed pipe is quiet. */
  readonly out: (text: string) => Promise<void>;
  readonly err: (text: string) => void;
  readonly terminal: { readonly out: boolean; readonly err: boolean };
  /** Width of standard output, else COLUMNS, else 80. */
  readonly columns: number;
  /** Calls back on the first SIGINT or SIGTERM with the exit code it asks for (130, 143). Returns how to stop listening. */
  readonly onInterrupt: (handler: (exitCode: 130 | 143) => void) => () => void;
}

/** Colour depth for a stream. First match: flag, NO_COLOR, FORCE_COLOR, TERM=dumb, a terminal. */
export function colorLevel(
  flag: 'auto' | 'always' | 'never',
  terminal: boolean,
  env: NodeJS.ProcessEnv,
): 0 | 1 | 2 | 3 {
  const depth = env['COLORTERM'] === 'truecolor' ? 3 : /256/.test(env['TERM'] ?? '') ? 2 : 1;
  if (flag !== 'auto') return flag === 'always' ? depth : 0;
  if ((env['NO_COLOR'] ?? '') !== '') return 0;
  const force = env['FORCE_COLOR'];
  if (force !== undefined)
    return force === '0' || force === 'false' ? 0 : force === '2' ? 2 : force === '3' ? 3 : depth;
  return env['TERM'] === 'dumb' || !terminal ? 0 : depth;
}
