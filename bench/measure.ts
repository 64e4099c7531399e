/** What one command costs: time, processor time of its whole tree and of the servers, peak memory. Linux only: reads /proc. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Figures {
  /** Seconds. */
  readonly wall: number;
  /** Processor seconds of the command and everything it waited for. */
  readonly client: number;
  /** Processor seconds of sshd and everything it started. */
  readonly server: number;
  /** Most anonymous memory of the whole tree seen at one time, MiB. */
  readonly treeMiB: number;
  /** Peak resident memory of its largest process, shared libraries included, MiB. */
  readonly peakMiB: number;
  readonly exit: number;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

const POLL_MS = 250;
/** After the client has left, sshd's children end: at once, or when Ansible's connections have been idle for long enough. */
const LINGER_MS = 30_000;

/**
 * @param servers process IDs of the sshd whose processor time counts
 * @param errors file that gets what it says on standard error
 */
export async function measure(
  command: readonly string[],
  servers: readonly number[],
  errors: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Figures> {
  const before = processorSeconds(servers);
  const figures = await runToEnd(command, { ...env, ERR: errors });
  const latest = performance.now() + LINGER_MS;
  do await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  while (servers.some((pid) => childrenOf(pid).length > 0) && performance.now() < latest);
  return { ...figures, server: processorSeconds(servers) - before };
}

function runToEnd(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Omit<Figures, 'server'>> {
  return new Promise((resolve, reject) => {
    const script = 'TIMEFORMAT="@@ %R %U %S"; time "$@" >/dev/null 2>"$ERR"; exit $?';
    const child = spawn('bash', ['-c', script, 'bench', ...command], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', CI: '1', ...env },
    });
    let [treeMiB, peakMiB] = [0, 0];
    let said = '';
    const poll = setInterval(() => {
      const memory = treeMemory(child.pid ?? 0);
      treeMiB = Math.max(treeMiB, memory.anonymous);
      peakMiB = Math.max(peakMiB, memory.peak);
    }, POLL_MS);
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (exit) => {
      clearInterval(poll);
      const [, wall = '0', user = '0', system = '0'] = /@@ (\S+) (\S+) (\S+)/.exec(said) ?? [];
      resolve({
        wall: Number(wall),
        client: Number(user) + Number(system),
        treeMiB,
        peakMiB,
        exit: exit ?? -1,
      });
    });
  });
}

/** Below a process, itself left out: anonymous memory of all, and the peak of the largest. MiB. */
function treeMemory(pid: number): { readonly anonymous: number; readonly peak: number } {
  let [anonymous, peak] = [0, 0];
  for (const child of childrenOf(pid)) {
    const status = textOf(`/proc/${child}/status`);
    const field = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
    const below = treeMemory(child);
    anonymous += field('RssAnon') + below.anonymous;
    peak = Math.max(peak, field('VmHWM'), below.peak);
  }
  return { anonymous, peak };
}

function childrenOf(pid: number): number[] {
  return textOf(`/proc/${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean).map(Number);
}

/** User and system time of these processes and of all their children that have ended. proc(5), fields 14 to 17. */
function processorSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const stat = textOf(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return sum + fields.slice(11, 15).reduce((ticks, field) => ticks + Number(field), 0) / 100;
  }, 0);
}

/** Empty when the process has ended. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
