/** What of one host's keys is in use elsewhere too. */
import type { FleetHost } from '../../../src/facts/types.js';
import type { Finding, FleetLook } from '../../../src/model.js';
import { FIRST, type Copies, type KeyIndex, type Places } from './key-index.js';
import { listed } from './words.js';

const MOST_NAMED = 5;

export function privateFindings({ host }: FleetLook, { privateKeys }: KeyIndex): Finding[] {
  return distinctKeys(host.privateKeys).flatMap((key): Finding[] => {
    const places = privateKeys.get(key);
    const count = placeCount(places);
    if (!places || count < 2) return [];
    return [
      {
        subject: `private key ${key}`,
        message: `The private key ${key} lies in ${count} places, ${told(places)}: whoever takes it in one of them is all of them, and no log can tell who it was.`,
        evidence: [{ probe: 'credentials', excerpt: told(places) }],
        remediation: `Make a key of its own for each of them, and delete this one everywhere.`,
      },
    ];
  });
}

export function staticFindings({ host }: FleetLook, { staticKeys }: KeyIndex): Finding[] {
  return distinctKeys(host.staticKeys).flatMap((key): Finding[] => {
    const places = staticKeys.get(key);
    if (!places || places.size < 2 || !opensHere(host.staticKeys, key, places)) return [];
    return [
      {
        subject: `key ${key}`,
        message: `The static key ${key} opens ${places.size} accounts, ${told(places)}: it is either shared by several people, or one person’s for several purposes, and taking it away from one takes it from all.`,
        evidence: [{ probe: 'authorized-keys', excerpt: told(places) }],
        remediation: `Give each of these accounts a key of its own, or certificates, and remove this key.`,
      },
    ];
  });
}

/** The same list of hosts is told once, whatever number of key types they share. Two names of one address are one host. */
export function hostFindings({ host }: FleetLook, { hostKeys }: KeyIndex): Finding[] {
  const told = new Map<string, Finding>();
  for (const key of host.hostKeys) {
    const copies = hostKeys.get(key);
    const count = copies ? countFor(host, copies) : 0;
    if (!copies || count < 2) continue;
    const names = listed(namesFor(host, copies), FIRST, count);
    if (told.has(names)) continue;
    told.set(names, {
      subject: `host key ${key}`,
      message: `${count} hosts have the same host key ${key}, ${names}: they are copies of one image, or one machine under several names. Whoever rules one of them can pose as the others.`,
      evidence: [{ probe: 'connection', excerpt: `host key ${key}` }],
      remediation:
        'On every copy but one: rm /etc/ssh/ssh_host_*, ssh-keygen -A, restart sshd; then enter the new keys where they are pinned.',
    });
  }
  return [...told.values()];
}

/** Itself, and the hosts at other addresses. */
function countFor({ address }: FleetHost, { count, atAddress }: Copies): number {
  return address === undefined ? count : count - (atAddress.get(address) ?? 1) + 1;
}

/** The first of them by name. */
function namesFor({ name, address }: FleetHost, { first }: Copies): string[] {
  const others = first.filter((host) => address === undefined || host.address !== address);
  return [...new Set([name, ...others.map((host) => host.name)])].sort().slice(0, FIRST);
}

function opensHere(keys: FleetLook['host']['staticKeys'], key: string, places: Places): boolean {
  return keys.some(({ account, fingerprint }) => fingerprint === key && places.has(account));
}

function distinctKeys(keys: FleetLook['host']['staticKeys']): readonly string[] {
  return [...new Set(keys.map(({ fingerprint }) => fingerprint))].sort();
}

function placeCount(places: Places | undefined): number {
  return [...(places?.values() ?? [])].reduce((sum, { count }) => sum + count, 0);
}

/** `alice on db-1, web-1 and 3 more; bob on web-1` */
function told(places: Places): string {
  const all = [...places].map(([account, { hosts, count }]) => {
    const more = count > hosts.length ? ` and ${count - hosts.length} more` : '';
    return `${account} on ${hosts.join(', ')}${more}`;
  });
  const left = all.length - MOST_NAMED;
  return all.slice(0, MOST_NAMED).join('; ') + (left > 0 ? `; and ${left} more accounts` : '');
}
