/**
 * The lab's state on this machine: one folder a fleet, which also claims the fleet's loopback network.
 *
 * /tmp/ssh-scorecard-fleet-NN owns 127.NN.0.0/16. Making the folder is the claim, so two fleets never share addresses.
 * It names its owner by pid and start time; every host names its pid 1 the same way. A fleet whose owner is gone is
 * stale and is ended by the next start. Nothing is ever killed by name.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const PARENT = '/tmp';
const PREFIX = 'ssh-scorecard-fleet-';
/** 127.64 to 127.119: above what tests bind by hand, below 127.127. */
const FIRST = 64;
const LAST = 119;

/** Where this machine has cgroup2. Throws when it has none. */
export function cgroupRoot(): string {
  const found = /^(?:\S+ ){4}(\S+) .* - cgroup2 /m.exec(readFileSync('/proc/self/mountinfo', 'utf8'))?.[1];
  if (found === undefined) throw new Error('the lab needs cgroup2: mount -t cgroup2 none /sys/fs/cgroup');
  return found;
}

/** The cgroup of a fleet, by its folder: /tmp/ssh-scorecard-fleet-64 has ROOT/ssh-scorecard-fleet-64. */
export function cgroupOf(directory: string): string {
  return join(cgroupRoot(), basename(directory).replace(/\.ending-.*$/, ''));
}

/** Where to look for a free network next: a network used a moment ago still has connections in TIME-WAIT. */
let turn = process.pid;

export interface Process {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: ticks since boot. */
  readonly start: string;
}

/** A process as it is now, or null when there is none of that number. Zombies count as gone. */
export function processOf(pid: number): Process | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    return { pid, start: fields[19] ?? '' };
  } catch {
    return null;
  }
}

export function alive(process: Process): boolean {
  return processOf(process.pid)?.start === process.start;
}

/** All fleets' folders, stale or not; also those that are being ended. */
export function fleetDirectories(): string[] {
  return readdirSync(PARENT)
    .filter((name) => name.startsWith(PREFIX) && /^\d+(\.ending-\d+-\d+)?$/.test(name.slice(PREFIX.length)))
    .map((name) => join(PARENT, name));
}

/** Claims a free network. Resolves with the folder and the network's second octet. */
export async function claim(owner: Process | 'detached'): Promise<{ directory: string; octet: number }> {
  for (let tried = 0; tried <= LAST - FIRST; tried++) {
    const octet = FIRST + (turn++ % (LAST - FIRST + 1));
    const directory = join(PARENT, `${PREFIX}${octet}`);
    if (fleetDirectories().some((each) => each.startsWith(`${directory}.`))) continue; // its hosts may still be bound
    try {
      await mkdir(directory, { mode: 0o711 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw error;
    }
    await writeFile(join(directory, 'owner.new'), JSON.stringify(owner), { mode: 0o600 });
    await rename(join(directory, 'owner.new'), join(directory, 'owner'));
    return { directory, octet };
  }
  throw new Error(`every lab network 127.${FIRST}-${LAST} is taken: see ${PARENT}/${PREFIX}*`);
}

/** Ends fleets whose owner is gone. Resolves with their folders. */
export async function sweepStale(): Promise<string[]> {
  const swept: string[] = [];
  for (const directory of fleetDirectories()) {
    if (await isStale(directory)) {
      await endFleet(directory);
      swept.push(directory);
    }
  }
  return swept;
}

async function isStale(directory: string): Promise<boolean> {
  const ending = /\.ending-(\d+)-(\d+)$/.exec(directory);
  if (ending) return !alive({ pid: Number(ending[1]), start: ending[2] ?? '' });
  const read = async (): Promise<Process | 'detached' | null> => {
    try {
      return JSON.parse(await readFile(join(directory, 'owner'), 'utf8')) as Process | 'detached';
    } catch {
      return null;
    }
  };
  let owner = await read();
  // Between the claim and its owner's name there is a moment, on a busy machine a long one; a fleet that is being made
  // is not stale.
  for (let tries = 0; owner === null && existsSync(directory) && tries < 20; tries++) {
    await sleep(500);
    owner = await read();
  }
  if (owner === 'detached') return false;
  return owner === null || !alive(owner);
}

/**
 * Kills every host of a fleet and removes its folder. Killing pid 1 of a PID namespace ends all of it, and with the
 * last process its mounts go too. The folder is renamed first, so that of several that try only one does it, and the
 * network is free again only when nobody is left on it. Safe to repeat.
 */
export async function endFleet(directory: string): Promise<void> {
  const self = processOf(process.pid);
  const ending = `${directory.replace(/\.ending-.*$/, '')}.ending-${process.pid}-${self?.start ?? '0'}`;
  try {
    await rename(directory, ending);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const processes = hostProcesses(ending);
  const cgroup = cgroupOf(directory);
  if (existsSync(join(cgroup, 'cgroup.kill'))) await writeFile(join(cgroup, 'cgroup.kill'), '1');
  for (const each of processes) {
    if (!alive(each)) continue;
    try {
      process.kill(each.pid, 'SIGKILL');
    } catch {
      // Ended by itself in between.
    }
  }
  for (const each of processes) {
    for (let tries = 0; alive(each); tries++) {
      if (tries > 1000) throw new Error(`process ${each.pid} of ${directory} does not end`);
      await sleep(10);
    }
  }
  await removeCgroup(cgroup);
  await rm(ending, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}

/** Removes a cgroup and those below it, once the last of their killed processes is gone. */
async function removeCgroup(cgroup: string): Promise<void> {
  if (!existsSync(cgroup)) return;
  for (const entry of readdirSync(cgroup, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeCgroup(join(cgroup, entry.name));
  }
  for (let tries = 0; ; tries++) {
    try {
      await rmdir(cgroup);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || tries > 500) throw error;
      await sleep(10);
    }
  }
}

/** pid 1 of every host that was ever started in a fleet. */
export function hostProcesses(directory: string): Process[] {
  const hosts = join(directory, 'hosts');
  if (!existsSync(hosts)) return [];
  return readdirSync(hosts).flatMap((name) => {
    const file = join(hosts, name, 'pid');
    if (!existsSync(file)) return [];
    const [pid, start] = readFileSync(file, 'utf8').trim().split(' ');
    return [{ pid: Number(pid), start: start ?? '' }];
  });
}
