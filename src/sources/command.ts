/** A local program asked for a source: bounded in time and bytes, no shell, no terminal, nothing interactive. */
import { execFile } from 'node:child_process';

export interface CommandResult {
  /** Exit code; 127 when the program is not there, 124 when it took too long. */
  readonly status: number;
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly cut: boolean;
}

export interface CommandLimits {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly input?: Buffer;
}

/** Never throws. */
export function runCommand(
  program: string,
  args: readonly string[],
  limits: CommandLimits,
): Promise<CommandResult> {
  const { cwd, env, signal, timeoutMs, maxBytes, input } = limits;
  return new Promise((resolve) => {
    const child = execFile(
      program,
      args,
      {
        cwd,
        env,
        signal,
        timeout: timeoutMs,
        maxBuffer: maxBytes,
        encoding: 'buffer',
        killSignal: 'SIGKILL',
      },
      (error, stdout, stderr) => {
        const code = (error as { code?: unknown } | null)?.code;
        const cut = code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER';
        const status = error === null ? 0 : code === 'ENOENT' ? 127 : typeof code === 'number' ? code : 124;
        resolve({ status: cut ? 0 : status, stdout, stderr: stderr.toString('utf8').slice(0, 2000), cut });
      },
    );
    // A program that does not read its input closes the pipe; that is not our error.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}
