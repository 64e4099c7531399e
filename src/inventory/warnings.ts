/** What an inventory may say but probably should not. One warning per cause, however many hosts share it. */
import type { Location } from '../errors.js';
import { ACTORS, type Actor, type Host } from '../model.js';
import { actorOf } from '../policy.js';
import { quoted, type Problem } from './problem.js';
import type { AllowedPrincipalsInput, InventoryInput } from './schema.js';
import type { Path, YamlFile } from './yaml.js';

interface Cause {
  readonly at: Location;
  readonly message: string;
  readonly hint: string;
  more: number;
}

/** Remembers the first occurrence of a cause and counts the others. */
type Note = (cause: string, at: () => Location, message: string, hint: string) => void;

/** `hosts` are the entries of `inventory.hosts` with defaults applied, in the same order. */
export function warningsOf(inventory: InventoryInput, hosts: readonly Host[], file: YamlFile): Problem[] {
  const causes = new Map<string, Cause>();
  const note: Note = (cause, at, message, hint) => {
    const known = causes.get(cause);
    if (known === undefined) causes.set(cause, { at: at(), message, hint, more: 0 });
    else known.more += 1;
  };
  noteLists(inventory.defaults?.allowed_principals, ['defaults', 'allowed_principals'], file, note);
  inventory.hosts.forEach((entry, index) => {
    const path: Path = ['hosts', index];
    noteLists(entry.allowed_principals, [...path, 'allowed_principals'], file, note);
    const host = hosts[index];
    if (host !== undefined) noteHost(host, () => file.locate(path), note);
    if (entry.principals === undefined || entry.accounts === undefined) return;
    const hint = 'remove one of the two';
    note(
      'both-maps',
      () => file.locateKey(path, 'accounts'),
      `host ${entry.name}: principals decides alone, accounts is not used`,
      hint,
    );
  });
  if ((inventory.ca?.fingerprints ?? []).length === 0) {
    const hint = 'add the output of: ssh-keygen -lf ca_user.pub';
    note(
      'no-ca',
      () => file.locate(['ca']),
      'ca.fingerprints is not given: which CA the hosts trust cannot be proven',
      hint,
    );
  }
  return [...causes.values()].map(({ at, message, hint, more }) => ({
    at,
    message: more === 0 ? message : `${message} (and ${more} more like it)`,
    hint,
  }));
}

function noteLists(lists: AllowedPrincipalsInput | undefined, path: Path, file: YamlFile, note: Note): void {
  for (const actor of ACTORS) {
    const seen = new Set<string>();
    for (const [index, principal] of (lists?.[actor] ?? []).entries()) {
      const at = (): Location => file.locate([...path, actor, index]);
      if (seen.has(principal))
        note(
          `twice ${actor} ${principal}`,
          at,
          `the principal ${quoted(principal)} is listed twice`,
          'list it once',
        );
      seen.add(principal);
      if (actorOf(principal) === actor) continue;
      const message = `the principal ${quoted(principal)} is listed under ${actor} without the prefix ${actor}-`;
      note(
        `prefix ${actor} ${principal}`,
        at,
        message,
        'the prefix tells the actor type (directive section 2)',
      );
    }
  }
}

function noteHost(host: Host, at: () => Location, note: Note): void {
  const listed = ACTORS.flatMap((actor) => host.allowedPrincipals[actor]);
  if (host.principals !== undefined) {
    const mapped = new Set(Object.values(host.principals).flat());
    const apart = [
      ...listed.filter((name) => !mapped.has(name)),
      ...[...mapped].filter((name) => !listed.includes(name)),
    ];
    if (apart[0] !== undefined) {
      const message = `host ${host.name}: principals and allowed_principals disagree about ${quoted(apart[0])}, and principals decides`;
      note(`apart ${apart[0]}`, at, message, 'make them agree, or keep one');
    }
    noteMixed(host.principals, host.name, at, note);
  } else if (host.unlisted && listed.length === 0) {
    const message = `host ${host.name} is unlisted: which principals it may accept is not known, and check 3 cannot pass`;
    note('unlisted', at, message, 'add allowed_principals in its place');
  } else if (listed.length === 0) {
    const message = `host ${host.name} accepts no principal at all: every one found on it will be a finding`;
    note('nothing', at, message, 'add allowed_principals');
  }
  if (host.accounts === undefined || host.principals !== undefined) return;
  for (const actor of ACTORS) {
    if (host.allowedPrincipals[actor].length === 0 || host.accounts[actor].length > 0) continue;
    const message = `host ${host.name} accepts ${actor} principals, but accounts.${actor} names no account to hold them`;
    note(`homeless ${actor}`, at, message, `add accounts.${actor}`);
  }
}

function noteMixed(map: NonNullable<Host['principals']>, name: string, at: () => Location, note: Note): void {
  for (const [account, principals] of Object.entries(map)) {
    const actors = new Set(principals.map(actorOf).filter((actor): actor is Actor => actor !== null));
    if (actors.size < 2) continue;
    const message = `host ${name}: the account ${quoted(account)} is shared by ${[...actors].join(' and ')}`;
    note(`mixed ${account}`, at, message, 'give each actor type accounts of its own');
  }
}
