/**
 * A lab of real hosts: real sshd, sudo, journald and rsyslog, each host in its own mount, UTS, PID and IPC namespaces
 * over this machine's /usr, on its own loopback address. Nothing is mounted and nothing listens outside of them.
 */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bootHost, waitForPort } from './boot.js';
import { fingerprintOf, makeCa, makeKey } from './ca.js';
import { pooled, run, writeTree } from './exec.js';
import { inventoryYaml } from './inventory.js';
import { listen } from './listeners.js';
import { identityCache, logIn } from './logins.js';
import { makeMaterial } from './material.js';
import { fleetNeeds } from './needs.js';
import { AUDITOR_CERTIFICATE, SOUND_LOGINS, SOUND_SETUP, soundFiles } from './profiles/sound.js';
import { allowInotify } from './sysctl.js';
import { PRELUDE } from './prelude.js';
import { cgroupOf, claim, endFleet, processOf, sweepStale } from './state.js';
import { makeTemplate } from './template.js';
import type { Fleet, FleetHost, FleetOptions, HostSpec, LoginSpec } from './types.js';

/** Everything one host needs to know of its fleet. */
interface Making {
  readonly directory: string;
  readonly octet: number;
  readonly collector: string;
}

/**
 * Starts hosts and waits until all of them are up and have been logged in to.
 * Fleets whose owner is gone are ended first. Rejects, leaving nothing, when any host cannot be made.
 */
export async function startFleet(specs: readonly HostSpec[], options: FleetOptions = {}): Promise<Fleet> {
  const missing = fleetNeeds();
  if (missing !== null) throw new Error(missing);
  const names = hostNames(specs);
  await sweepStale();
  const owner = processOf(process.pid);
  if (owner === null) throw new Error('cannot read /proc/self/stat');
  const { directory, octet } = await claim(options.detached === true ? 'detached' : owner);
  const listeners: { close(): Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(listeners.splice(0).map((each) => each.close()));
    await endFleet(directory);
  };
  try {
    await mkdir(join(directory, 'hosts'), { mode: 0o711 });
    const ca = await makeCa(directory);
    await Promise.all([makeTemplate(directory), makeMaterial(directory, ca)]);
    const making: Making = { directory, octet, collector: `127.${octet}.0.2:514` };
    const collectorLog = options.collector === false ? null : await startCollector(making);
    if (specs.length > 40) await allowInotify(specs.length);

    const auditor = await ca.issue(AUDITOR_CERTIFICATE);
    const identities = identityCache(directory, ca);
    const knownHostsFile = join(directory, 'known_hosts');
    await writeFile(knownHostsFile, '');
    const lines: string[] = [];
    const hosts = await pooled(specs, options.parallel ?? 2, async (spec, index) => {
      const made = await startHost(making, spec, names[index] ?? '', index);
      lines[index] = made.knownHosts;
      if (spec.awkward?.kind === 'socket')
        listeners.push(await listen(spec.awkward.listener ?? 'silent', made.host.address, made.host.port));
      for (const login of loginsOf(spec)) await logIn(made.host, login, identities, made.publicKey);
      return made.host;
    });
    await writeFile(knownHostsFile, lines.join(''));
    const emergencyFingerprint = await fingerprintOf(join(directory, 'material', 'emergency.pub'));
    const auditorFiles = { keyFile: auditor.keyFile, certFile: auditor.certificateFile };
    return {
      directory,
      hosts,
      ca,
      knownHostsFile,
      auditor: { user: 'auditor', ...auditorFiles },
      emergencyFingerprint,
      collectorLog,
      host: (name) => {
        const found = hosts.find((each) => each.name === name);
        if (found === undefined) throw new Error(`no host ${name} in this fleet`);
        return found;
      },
      inventoryYaml: () =>
        inventoryYaml(hosts, { caFingerprint: ca.fingerprint, emergencyFingerprint, auditor: auditorFiles }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Ends a fleet by its folder, as `Fleet.directory` names it: for detached ones. */
export async function stopFleet(directory: string): Promise<void> {
  await endFleet(directory);
}

/** The name each host gets, in order. Rejects doubles, which an inventory could not hold. */
function hostNames(specs: readonly HostSpec[]): string[] {
  let sound = 0;
  const names = specs.map((spec) => {
    if (spec.name !== undefined) return spec.name;
    const ids = [
      ...(spec.deviations ?? []).map((each) => each.id),
      ...(spec.awkward ? [spec.awkward.id] : []),
    ];
    return ids.length > 0 ? ids.join('-and-') : `sound-${String(++sound).padStart(2, '0')}`;
  });
  const double = names.find((name, index) => names.indexOf(name) !== index);
  if (double !== undefined) throw new Error(`two hosts are called ${double}`);
  return names;
}

function loginsOf(spec: HostSpec): readonly LoginSpec[] {
  const kind = spec.awkward?.kind ?? 'host';
  if (kind !== 'host' || spec.logins === false) return [];
  const deviations = spec.deviations ?? [];
  const none =
    spec.awkward?.noLogins === true ||
    deviations.some((each) => each.noLogins === true || each.lockedOut === true);
  return [...(none ? [] : SOUND_LOGINS), ...deviations.flatMap((each) => each.logins ?? [])];
}

async function startHost(
  making: Making,
  spec: HostSpec,
  name: string,
  index: number,
): Promise<{ host: FleetHost; knownHosts: string; publicKey: string }> {
  const address = `127.${making.octet}.${1 + Math.floor(index / 250)}.${1 + (index % 250)}`;
  const port = 22;
  const folder = join(making.directory, 'hosts', name);
  await mkdir(folder, { mode: 0o711 });
  const keyFile = join(folder, 'ssh_host_ed25519_key');
  await makeKey(keyFile, `root@${name}`);
  const publicKey = (await readFile(`${keyFile}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
  const knownHosts = await knownHostsLine(spec, name, address, publicKey, making.directory);
  const kind = spec.awkward?.kind ?? 'host';
  if (kind !== 'host') {
    const unreachable = (): Promise<string> =>
      Promise.reject(new Error(`${name} is no host: nothing can be run on it`));
    return {
      host: { name, address, port, spec, pid: null, hostKey: null, run: unreachable },
      knownHosts,
      publicKey,
    };
  }

  const machineId = createHash('sha256').update(`${making.octet} ${name}`).digest('hex').slice(0, 32);
  await writeTree(
    join(folder, 'files'),
    soundFiles({ name, address, port, collector: making.collector, machineId }),
  );
  await copyFile(keyFile, join(folder, 'files/etc/ssh/ssh_host_ed25519_key'));
  await copyFile(`${keyFile}.pub`, join(folder, 'files/etc/ssh/ssh_host_ed25519_key.pub'));
  const snippets = [...(spec.deviations ?? []), ...(spec.awkward ? [spec.awkward] : [])];
  const text = (key: 'apply' | 'afterwards'): string => snippets.map((each) => each[key] ?? '').join('\n');
  const logging = spec.logging !== false;
  const pid = await bootHost({
    folder,
    name,
    address,
    port,
    rootSize: spec.awkward?.rootSize ?? '256m',
    journal: logging && spec.awkward?.journal !== false,
    rsyslog: logging,
    cgroup: await makeCgroup(making.directory, name),
    sshd: spec.deviations?.find((each) => each.sshd !== undefined)?.sshd ?? '-D',
    collect: false,
    setup: `${PRELUDE}${SOUND_SETUP}${text('apply')}\n`,
    late: `${PRELUDE}${text('afterwards')}\n`,
  });
  const hostKey = await fingerprintOf(`${keyFile}.pub`);
  const inside = (script: string): Promise<string> =>
    run(
      'nsenter',
      [
        '-t',
        String(pid),
        '-m',
        '-u',
        '-i',
        '-p',
        'env',
        '-i',
        'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        'HOME=/root',
        'sh',
        '-eu',
        '-s',
      ],
      { input: script },
    );
  return { host: { name, address, port, spec, pid, hostKey, run: inside }, knownHosts, publicKey };
}

async function makeCgroup(directory: string, name: string): Promise<string> {
  const cgroup = join(cgroupOf(directory), name);
  await mkdir(cgroup, { recursive: true });
  return cgroup;
}

async function knownHostsLine(
  spec: HostSpec,
  name: string,
  address: string,
  publicKey: string,
  directory: string,
): Promise<string> {
  const kind = spec.awkward?.knownHost ?? 'right';
  if (kind === 'none') return '';
  const key =
    kind === 'right'
      ? publicKey
      : (await readFile(join(directory, 'material', 'static2.pub'), 'utf8')).split(' ').slice(0, 2).join(' ');
  return `${name},${address} ${key}\n`;
}

/** A host that only takes in what others forward. Resolves with the file it writes. */
async function startCollector(making: Making): Promise<string> {
  const folder = join(making.directory, 'hosts', '.collector');
  const [address = '', port = '514'] = making.collector.split(':');
  await mkdir(join(making.directory, 'collected'));
  await mkdir(folder, { mode: 0o711 });
  const config = `module(load="imtcp")
input(type="imtcp" address="${address}" port="${port}")
template(name="line" type="string" string="%timegenerated:::date-rfc3339% %hostname% %syslogtag%%msg%\\n")
*.* action(type="omfile" file="/var/log/collected/siem.log" template="line")
`;
  await writeTree(join(folder, 'files'), [
    { path: '/etc/rsyslog.conf', content: config },
    { path: '/etc/machine-id', content: `${'c'.repeat(32)}\n` },
  ]);
  await bootHost({
    folder,
    name: 'collector',
    address,
    port: Number(port),
    rootSize: '64m',
    journal: false,
    rsyslog: true,
    sshd: 'none',
    collect: true,
    cgroup: await makeCgroup(making.directory, '.collector'),
    setup: '',
    late: '',
  });
  await waitForPort(address, Number(port));
  return join(making.directory, 'collected', 'siem.log');
}
