/**
 * Starts the namespaces of one host and follows host.sh until the host is up.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cgroupRoot } from './state.js';

const HOST_SH = join(dirname(fileURLToPath(import.meta.url)), 'host.sh');
const BOOT_MS = 60_000;

export interface Boot {
  /** FLEET/hosts/NAME; its `files` are laid over the template. */
  readonly folder: string;
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** As tmpfs takes it, e.g. `64m`. */
  readonly rootSize: string;
  readonly journal: boolean;
  readonly rsyslog: boolean;
  /** Arguments of sshd, or `none`. */
  readonly sshd: string;
  readonly collect: boolean;
  /** Its cgroup, an existing folder below `cgroupRoot()`. */
  readonly cgroup: string;
  /** Shell text, run inside before and after the daemons start. */
  readonly setup: string;
  readonly late: string;
}

/** Resolves with the process id of the host's pid 1 when everything in it has been started. */
export async function bootHost(boot: Boot): Promise<number> {
  const flag = (value: boolean): string => (value ? '1' : '0');
  const env = [
    `NAME='${boot.name}'`,
    `ADDRESS=${boot.address}`,
    `PORT=${boot.port}`,
    `ROOT_SIZE=${boot.rootSize}`,
    `JOURNAL=${flag(boot.journal)}`,
    `RSYSLOG=${flag(boot.rsyslog)}`,
    `SSHD='${boot.sshd}'`,
    `COLLECT=${flag(boot.collect)}`,
    `CGROUP='${boot.cgroup}'`,
    `INNER='${boot.cgroup.slice(cgroupRoot().length)}'`,
  ];
  await writeFile(join(boot.folder, 'env'), `${env.join('\n')}\n`);
  await writeFile(join(boot.folder, 'setup.sh'), boot.setup);
  await writeFile(join(boot.folder, 'late.sh'), boot.late);
  const errors = openSync(join(boot.folder, 'stderr'), 'w');
  const namespaces = [
    '--mount',
    '--uts',
    '--ipc',
    '--pid',
    '--fork',
    '--kill-child',
    '--propagation',
    'private',
  ];
  const child = spawn('unshare', [...namespaces, 'sh', HOST_SH, boot.folder], {
    stdio: ['ignore', 'pipe', errors],
    detached: true, // its own session: a Ctrl-C at the terminal is for the test runner, which then stops the fleet
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
  closeSync(errors);
  child.unref();

  const out = child.stdout as Readable;
  const heard = await new Promise<string>((resolve, reject) => {
    let text = '';
    const timer = setTimeout(
      () => reject(new Error(`host ${boot.name} is not up after ${BOOT_MS} ms: ${text.trim()}`)),
      BOOT_MS,
    );
    const settle = (): void => {
      clearTimeout(timer);
      resolve(text);
    };
    out.setEncoding('utf8');
    out.on('data', (chunk: string) => {
      text += chunk;
      if (/^(READY|FAILED .*)\n/m.test(text)) settle();
    });
    out.on('end', settle);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
  out.destroy();
  const pid = /^PID (\d+)$/m.exec(heard)?.[1];
  if (pid !== undefined && /^READY$/m.test(heard)) return Number(pid);
  const stderr = await readFile(join(boot.folder, 'stderr'), 'utf8');
  throw new Error(
    `host ${boot.name} did not start: ${/^FAILED (.*)$/m.exec(heard)?.[1] ?? ''} ${stderr.trim().slice(-500)}`,
  );
}

/** Waits until something accepts connections there, at most ten seconds. */
export async function waitForPort(address: string, port: number): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await accepts(address, port))) {
    if (Date.now() > end) throw new Error(`nothing listens on ${address}:${port}`);
    await sleep(10);
  }
}

function accepts(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1000, () => done(false));
    socket.on('connect', () => done(true));
    socket.on('error', () => done(false));
  });
}
