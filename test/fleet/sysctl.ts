/**
 * journald and rsyslog each hold inotify instances, and the default of 128 a user is a limit on the whole machine.
 */
import { readFile, writeFile } from 'node:fs/promises';

const INSTANCES = '/proc/sys/fs/inotify/max_user_instances';
/** Measured: journald takes one, rsyslog one, with room for what else runs here. */
const PER_HOST = 4;

/** Raises the limit for so many hosts, never lowers it. It stays raised until the next boot: it costs nothing. */
export async function allowInotify(hosts: number): Promise<void> {
  const wanted = 128 + PER_HOST * hosts;
  if (Number(await readFile(INSTANCES, 'utf8')) < wanted) await writeFile(INSTANCES, `${wanted}\n`);
}
