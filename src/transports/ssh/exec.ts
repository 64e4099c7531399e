/** One command on one session: script in, bytes out, within bounds. Settles once, whatever the host does. */
import type { ClientChannel } from 'ssh2';
import { messageOf } from '../../errors.js';
import type { GatherFailure } from '../../model.js';
import { createOutput, type Output } from '../output.js';
import type { RunRequest } from '../transport.js';
import { failure } from './failure.js';
import { killRemote } from './private-seam.js';
import type { Progress, Session } from './session.js';
import { onStop, stopped } from './stop.js';

/** After a KILL the host may still say that it did so; then the connection is cut. */
const KILL_GRACE_MS = 300;
/** After the exit status: silence that means nothing more will come, though something still holds the output open. */
const DRAIN_SILENCE_MS = 500;
const DRAIN_MAX_MS = 10_000;

export interface ExecResult {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly exitCode?: number;
  readonly exitSignal?: string;
  readonly failure?: GatherFailure;
}

/** Never rejects. Always leaves the session ended: it serves one command. */
export function execute(
  session: Session,
  request: Pick<RunRequest, 'command' | 'stdin' | 'stdinBytes' | 'limits'>,
  signal: AbortSignal,
  progress: Progress,
): Promise<ExecResult> {
  const { limits } = request;
  const stdout = createOutput(limits.maxStdout);
  const stderr = createOutput(limits.maxStderr);
  progress.phase = 'exec';

  return new Promise((resolve) => {
    let settled = false;
    let channel: ClientChannel | undefined;
    let exit: { readonly code?: number; readonly signal?: string } | undefined;
    let forget = (): void => undefined;
    let quiet: NodeJS.Timeout | undefined;
    let drained: NodeJS.Timeout | undefined;

    const settle = (gone?: GatherFailure): void => {
      if (settled) return;
      settled = true;
      clearTimeout(quiet);
      clearTimeout(drained);
      forget();
      progress.timings['done'] = progress.elapsed();
      if (gone && channel && !exit) killThenDestroy(session, channel);
      else session.end();
      const bySignal =
        exit?.signal === undefined
          ? undefined
          : failure(
              'killed-by-signal',
              'run',
              `the command was ended by ${exit.signal.slice(0, 40)} on the host`,
            );
      const problem = gone ?? bySignal;
      resolve({
        stdout: stdout.bytes(),
        stderr: stderr.bytes(),
        ...(exit?.code === undefined ? {} : { exitCode: exit.code }),
        ...(exit?.signal === undefined ? {} : { exitSignal: exit.signal }),
        ...(problem === undefined ? {} : { failure: problem }),
      });
    };
    const lost = (why: string): void =>
      settle(exit ? undefined : failure('connection-lost', progress.phase, why));
    const wait = (ms: number, then: () => void): void => {
      clearTimeout(quiet);
      quiet = setTimeout(then, ms);
    };
    const onBytes = (into: Output, name: string) => (chunk: Buffer) => {
      if (settled) return;
      if (exit) wait(DRAIN_SILENCE_MS, () => settle());
      else
        wait(limits.idleMs, () =>
          settle(failure('idle-timeout', 'run', `no output for ${String(limits.idleMs)} ms`)),
        );
      if (!into.take(chunk))
        settle(failure('too-much-output', 'run', `more than ${String(into.limit)} bytes on ${name}`));
    };

    forget = onStop(signal, () => settle(stopped(signal, progress.phase)));
    if (settled) return;
    // A connection that ends shows as `close` alone: no error, no exit status.
    session.onClosed(() => lost('the connection was lost before the command ended'));
    if (settled) return;
    session.client.on('error', (error) => lost(`the connection failed: ${messageOf(error).slice(0, 300)}`));
    wait(limits.firstByteMs, () =>
      settle(
        failure(
          'first-byte-timeout',
          progress.phase,
          `no output within ${String(limits.firstByteMs)} ms of starting the command`,
        ),
      ),
    );
    try {
      session.client.exec(request.command, (error, stream) => {
        if (error)
          return settle(
            failure(
              'exec-refused',
              'exec',
              `the host refused to run a command: ${messageOf(error).slice(0, 300)}`,
              'A forced command, no shell, or MaxSessions; for a certificate, look at its force-command.',
            ),
          );
        if (settled) return stream.destroy();
        channel = stream;
        progress.phase = 'run';
        stream.on('data', onBytes(stdout, 'standard output'));
        // Both streams must be drained: an unread one fills its window, and the command hangs.
        stream.stderr.on('data', onBytes(stderr, 'standard error'));
        stream.on('exit', (code: number | null, name?: string) => {
          // After a KILL the host may still tell: nobody waits for it any more.
          if (exit || settled) return;
          exit =
            typeof code === 'number'
              ? { code }
              : { signal: typeof name === 'string' ? name : 'an unnamed signal' };
          wait(DRAIN_SILENCE_MS, () => settle());
          drained = setTimeout(() => settle(), DRAIN_MAX_MS);
        });
        stream.on('close', () => lost('the channel was closed without an exit status'));
        stream.on('error', (problem: Error) =>
          lost(`the channel failed: ${messageOf(problem).slice(0, 300)}`),
        );
        stream.stderr.on('error', () => undefined);
        for (const piece of request.stdinBytes ?? [request.stdin]) stream.write(piece);
        stream.end();
      });
    } catch (error) {
      // ssh2 throws "Not connected" when the connection ended a moment ago.
      lost(messageOf(error));
    }
  });
}

function killThenDestroy(session: Session, channel: ClientChannel): void {
  killRemote(session.client, channel);
  setTimeout(() => session.destroy(), KILL_GRACE_MS).unref();
}
