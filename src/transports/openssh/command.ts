/** One command over a logged-in `ssh`: bytes out, within bounds. Settles once, whatever the host does. */
import { failure } from '../ssh/failure.js';
import type { ExecResult } from '../ssh/exec.js';
import type { Progress } from '../ssh/session.js';
import { onStop, stopped } from '../ssh/stop.js';
import type { GatherFailure } from '../../model.js';
import type { Limits } from '../transport.js';
import type { SshProcess } from './process.js';

/** After the exit status: silence that means nothing more will come, though something still holds the output open. */
const DRAIN_SILENCE_MS = 500;
const DRAIN_MAX_MS = 10_000;

/** Never rejects, and leaves the process ended or ending. */
export function awaitCommand(
  process: SshProcess,
  limits: Limits,
  signal: AbortSignal,
  progress: Progress,
): Promise<ExecResult> {
  progress.phase = 'exec';
  return new Promise((resolve) => {
    let settled = false;
    let quiet: NodeJS.Timeout | undefined;
    let drained: NodeJS.Timeout | undefined;
    let forget = (): void => undefined;
    const settle = (gone?: GatherFailure): void => {
      if (settled) return;
      settled = true;
      clearTimeout(quiet);
      clearTimeout(drained);
      forget();
      process.onChange(undefined);
      process.stop();
      progress.timings['done'] = progress.elapsed();
      const ended = endOf(process);
      const problem = gone ?? ended.failure;
      resolve({
        stdout: process.stdout.bytes(),
        stderr: process.stderr.bytes(),
        ...(gone || ended.exitCode === undefined ? {} : { exitCode: ended.exitCode }),
        ...(problem === undefined ? {} : { failure: problem }),
      });
    };
    const wait = (ms: number, then: () => void): void => {
      clearTimeout(quiet);
      quiet = setTimeout(then, ms);
    };
    const flood = (): boolean => {
      const { flooded } = process;
      if (flooded === undefined) return false;
      const limit = flooded === 'standard output' ? process.stdout.limit : process.stderr.limit;
      settle(
        failure(
          'too-much-output',
          'run',
          flooded === 'log'
            ? 'the host floods the connection with messages'
            : `more than ${String(limit)} bytes on ${flooded}`,
        ),
      );
      return true;
    };
    const idle = (): void =>
      process.log.ended === undefined
        ? wait(limits.idleMs, () =>
            settle(failure('idle-timeout', 'run', `no output for ${String(limits.idleMs)} ms`)),
          )
        : wait(DRAIN_SILENCE_MS, () => settle());

    const look = (what: 'log' | 'bytes' | 'exit'): void => {
      if (settled || flood()) return;
      if (process.exit) return settle();
      if (process.sawOutput) progress.phase = 'run';
      if (what === 'bytes' && process.sawOutput) idle();
      if (process.log.ended !== undefined && drained === undefined) {
        // ssh waits for whoever still holds the output open; the command itself has ended.
        drained = setTimeout(() => settle(), DRAIN_MAX_MS);
        idle();
      }
    };
    forget = onStop(signal, () => settle(stopped(signal, progress.phase)));
    if (settled) return;
    wait(limits.firstByteMs, () =>
      settle(
        failure(
          'first-byte-timeout',
          progress.phase,
          `no output within ${String(limits.firstByteMs)} ms of starting the command`,
        ),
      ),
    );
    process.onChange(look);
    look('log');
    if (process.sawOutput) look('bytes');
  });
}

/** How the command ended, by ssh's exit code and log. 255 is both ssh's own failure and a command's exit status. */
function endOf({ exit, log }: SshProcess): { readonly exitCode?: number; readonly failure?: GatherFailure } {
  if (log.ended === 'exit-signal')
    return {
      failure: failure(
        'killed-by-signal',
        'run',
        'the command was ended by a signal on the host (ssh does not say by which)',
      ),
    };
  // The command has ended, but its output is held open, so ssh has not told how.
  if (exit === undefined) return log.ended === undefined ? { failure: lost('it was ended') } : {};
  if (exit.code !== null && exit.code !== 255) return { exitCode: exit.code };
  if (exit.code === 255 && log.ended === 'exit-status') return { exitCode: 255 };
  const said = log.errors.at(-1)?.slice(0, 300);
  const refused = log.errors.find((line) =>
    /^(?:exec|shell|subsystem|PTY allocation) request failed on channel|^channel 0: open failed: /.test(line),
  );
  if (refused !== undefined)
    return {
      failure: failure(
        'exec-refused',
        'exec',
        `the host refused to run a command: ${refused.slice(0, 300)}`,
        'A forced command, no shell, or MaxSessions; for a certificate, look at its force-command.',
      ),
    };
  return { failure: lost(exit.signal === null ? said : `ssh was ended by ${exit.signal}`) };
}

function lost(why: string | undefined): GatherFailure {
  return failure(
    'connection-lost',
    'run',
    `the connection was lost before the command ended${why === undefined ? '' : `: ${why}`}`,
  );
}
