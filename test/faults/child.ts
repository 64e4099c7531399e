/** The command line as a process of its own: to be killed, starved and measured. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { builtCli } from '../helpers/built-cli.js';

const SAMPLE_MS = 25;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
  /** The most memory it ever held (VmHWM), bytes. */
  readonly peak: number;
}

export interface CliChild {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
}

let built: string | undefined;

/** Compiles the command line where that is needed. */
export async function prepareCli(): Promise<void> {
  built ??= await builtCli();
}

/** @param before a program that starts it: its words come first. */
export function startCli(folder: string, argv: readonly string[], before: readonly string[] = []): CliChild {
  if (!built) throw new Error('prepareCli() first');
  const [program = process.execPath, ...words] = [...before, process.execPath, built, ...argv];
  const child = spawn(program, words, {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  let peak = 0;
  const sample = setInterval(() => {
    peak = Math.max(peak, highWater(child.pid));
  }, SAMPLE_MS);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearInterval(sample);
      resolve({ code, signal, out, err, peak });
    });
  });
  return { process: child, ended };
}

/** VmHWM never falls, so the last sample before the end is the peak but for what was taken in the last moment. */
function highWater(pid: number | undefined): number {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}
