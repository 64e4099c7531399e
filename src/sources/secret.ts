/** Credentials: from the environment, a file or a program. Never from the inventory, never kept, never shown. */
import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';
import { messageOf } from '../errors.js';
import { pathFrom } from './paths.js';
import { SourceProblem } from './problem.js';
import type { SecretSpec, SourceContext } from './source.js';

const MAX_BYTES = 64 * 1024;
const COMMAND_TIMEOUT = 30_000;
/** Visible ASCII: what an HTTP header takes (RFC 9110 5.5). */
const USABLE = /^[\x20-\x7e]+$/;

/**
 * @returns the secret, trimmed; null when the settings name none.
 * @throws SourceProblem (`credential`) when it is named and cannot be had, or lies open to everybody.
 */
export async function resolveSecret(spec: SecretSpec, context: SourceContext): Promise<string | null> {
  const { token_env: name, token_file: file, token_command: command } = spec;
  if (name !== undefined) {
    const value = context.env[name];
    if (!value)
      throw problem(`the environment variable ${name} is not set`, `set ${name}, or use token_file`);
    return usable(value, name);
  }
  if (file !== undefined) return usable(await fromFile(pathFrom(file, context)), file);
  if (command !== undefined) return usable(await fromCommand(command, context), command[0] ?? '');
  return null;
}

async function fromFile(path: string): Promise<string> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw problem(`${path} cannot be read: ${messageOf(error)}`);
  });
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw problem(`${path} is not a plain file`);
    if ((stat.mode & 0o007) !== 0)
      throw problem(`${path} may be read by everybody on this machine`, `chmod 600 ${path}`);
    const buffer = Buffer.alloc(MAX_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, MAX_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function fromCommand(command: readonly string[], { env, cwd, signal }: SourceContext): Promise<string> {
  const [program = '', ...args] = command;
  return new Promise((done, fail) => {
    const options = {
      env,
      cwd,
      signal,
      timeout: COMMAND_TIMEOUT,
      maxBuffer: MAX_BYTES,
      killSignal: 'SIGKILL',
    } as const;
    const child = execFile(program, args, options, (error, stdout) => {
      if (error === null) return done(stdout);
      // Neither its output nor its arguments: either may hold the secret.
      const why = error.killed ? 'took too long or printed too much' : codeOf(error);
      fail(problem(`token_command ${program} failed: ${why}`));
    });
    child.stdin?.end();
  });
}

function codeOf(error: { readonly code?: unknown }): string {
  if (error.code === 'ENOENT') return 'no such program';
  if (typeof error.code === 'number') return `exit code ${error.code}`;
  return typeof error.code === 'string' ? error.code : 'stopped by a signal';
}

function usable(value: string, from: string): string {
  const secret = value.trim();
  if (secret === '') throw problem(`the credential from ${from} is empty`);
  if (!USABLE.test(secret)) {
    throw problem(
      `the credential from ${from} is not one line of ASCII`,
      'it must hold the token and nothing else',
    );
  }
  return secret;
}

function problem(detail: string, hint?: string): SourceProblem {
  return new SourceProblem({ code: 'credential', detail, ...(hint !== undefined && { hint }) });
}
