/** argv -> command -> exit code. Known errors are one line and a hint; unknown ones are our bug and keep their stack. */
import { formatLocation, messageOf, UserError } from './errors.js';
import type { Io } from './io.js';
import { VERSION } from './version.js';

export async function main(argv: readonly string[], io: Io): Promise<number> {
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    await io.out(`ssh-scorecard ${VERSION}\n`);
    return 0;
  }
  try {
    const { dispatch } = await import('./commands/index.js');
    return await dispatch(argv, io);
  } catch (error) {
    io.err(describe(error, argv.includes('-v') || argv.includes('--verbose')));
    return 2;
  }
}

function describe(error: unknown, verbose: boolean): string {
  if (error instanceof UserError) {
    const where = error.at ? `${formatLocation(error.at)}: ` : '';
    return `ssh-scorecard: ${where}${error.message}\n${error.hint ? `  hint: ${error.hint}\n` : ''}`;
  }
  const stack = verbose && error instanceof Error && error.stack ? `${error.stack}\n` : '';
  return `ssh-scorecard: internal error: ${messageOf(error)}\n${stack || '  hint: run again with --verbose for the stack, and report it\n'}`;
}
