/**
 * Signatures of run folders, by ssh-keygen(1) `-Y`: keys stay in files, agents and tokens that ssh-keygen knows how
 * to ask, and none is read here. Format: PROTOCOL.sshsig.
 */
import { spawn } from 'node:child_process';
import { chmod, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { terminal } from '../../reports/escape.js';
import { UserError } from '../errors.js';
import { MANIFEST, SIGNATURE } from './manifest.js';

/** What a signature is for: one made for anything else is none. */
const NAMESPACE = 'ssh-scorecard-run';
/** A person may have to type a passphrase or touch a token. Milliseconds. */
const SIGN_MS = 5 * 60_000;
const VERIFY_MS = 20_000;
const MOST_OUTPUT = 64 * 1024;

interface Ran {
  /** null: it could not be started, or was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly ms: number;
  readonly stdin: 'inherit' | Uint8Array;
  /** Told what it says while it runs: prompts for a touch. */
  readonly onStderr?: (text: string) => void;
}

function keygen(args: readonly string[], options: RunOptions): Promise<Ran> {
  return new Promise((resolve) => {
    const input = options.stdin;
    const child = spawn('ssh-keygen', [...args], {
      env: options.env,
      stdio: [input === 'inherit' ? 'inherit' : 'pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), options.ms);
    const done = (code: number | null, more = '') => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr: stderr + more });
    };
    child.stdout?.on('data', (chunk: Buffer) => {
      if (stdout.length < MOST_OUTPUT) stdout += chunk.toString('utf8');
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      const text = chunk.toString('utf8');
      if (stderr.length < MOST_OUTPUT) stderr += text;
      options.onStderr?.(text);
    });
    child.on('error', (error: NodeJS.ErrnoException) =>
      done(null, error.code === 'ENOENT' ? 'ssh-keygen is not installed' : error.message),
    );
    child.on('close', (code) => done(code));
    child.stdin?.on('error', () => undefined);
    if (input !== 'inherit') child.stdin?.end(input);
  });
}

/**
 * Signs the manifest of a sealed folder. The run is kept, unsigned, when this fails.
 * @param key a private key, or a public one whose private half is in the agent or on a token.
 * @throws UserError with what ssh-keygen said.
 */
export async function signRun(
  folder: string,
  key: string,
  world: {
    readonly env: NodeJS.ProcessEnv;
    readonly err: (text: string) => void;
    readonly terminal: boolean;
  },
): Promise<void> {
  const signature = join(folder, SIGNATURE);
  // ssh-keygen would ask before it writes over one.
  await unlink(signature).catch(() => undefined);
  const ran = await keygen(['-Y', 'sign', '-n', NAMESPACE, '-f', key, join(folder, MANIFEST)], {
    env: world.env,
    ms: SIGN_MS,
    stdin: 'inherit',
    ...(world.terminal && { onStderr: world.err }),
  });
  if (ran.code === 0) return chmod(signature, 0o600);
  await unlink(signature).catch(() => undefined);
  throw new UserError('sign-failed', `ssh-keygen did not sign ${folder}: ${terminal(lastLine(ran))}`, {
    hint: `the run is kept, unsigned; check that ${key} is a private key, or a public key whose private half is in the agent`,
  });
}

/** Who signed, and how far that is proven. */
export type SignatureState =
  | { readonly state: 'trusted'; readonly principal: string; readonly key: string }
  /** Sound, by a key that no file of signers was given for, or that is not in it. */
  | { readonly state: 'untrusted'; readonly key: string; readonly because: string }
  | { readonly state: 'bad'; readonly because: string }
  | { readonly state: 'unchecked'; readonly because: string };

/** Checks a signature that is there. @param signers an allowed_signers file (ssh-keygen(1), ALLOWED SIGNERS). */
export async function checkSignature(
  folder: string,
  manifest: Uint8Array,
  signers: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<SignatureState> {
  const signature = join(folder, SIGNATURE);
  const ask = (args: readonly string[]) => keygen(args, { env, ms: VERIFY_MS, stdin: manifest });
  const sound = await ask(['-Y', 'check-novalidate', '-n', NAMESPACE, '-s', signature]);
  if (sound.code === null) return { state: 'unchecked', because: lastLine(sound) };
  if (sound.code !== 0) return { state: 'bad', because: lastLine(sound) };
  const key = /(SHA256:\S+)/.exec(sound.stdout + sound.stderr)?.[1] ?? 'an unknown key';
  if (signers === undefined) return { state: 'untrusted', key, because: 'no file of signers was given' };
  const found = await ask(['-Y', 'find-principals', '-s', signature, '-f', signers]);
  const principals = found.stdout.split('\n').filter((line) => line !== '');
  for (const principal of principals.slice(0, 20)) {
    const args = ['-Y', 'verify', '-f', signers, '-I', principal, '-n', NAMESPACE, '-s', signature];
    if ((await ask(args)).code === 0) return { state: 'trusted', principal, key };
  }
  return {
    state: 'untrusted',
    key,
    because:
      principals.length === 0 ? `no signer in ${signers} has this key` : `${signers} does not allow it`,
  };
}

function lastLine({ stderr, stdout, code }: Ran): string {
  const lines = `${stdout}\n${stderr}`.split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.at(-1)?.slice(0, 300) ?? (code === null ? 'it was stopped' : `it ended with ${code}`);
}
