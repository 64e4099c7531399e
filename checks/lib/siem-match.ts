/** The host's own journal against the central log store: login by login, over a window both have whole. */
import type { Login, LoginLog, SiemFacts, StoredLogin } from '../../src/facts/types.js';

/** The two logs write down the same second, but for rounding and delay inside the host. Milliseconds. */
export const SAME = 2_000;
/** Clocks that differ by more are no longer one event's. Milliseconds. */
const SKEW = 900_000;
/** Without a closed window, what is younger may still be on its way into the store. Milliseconds. */
const LAG = 600_000;

export interface Comparison {
  /** Certificate logins of the host within the window. */
  readonly compared: number;
  readonly lost: readonly Login[];
  readonly extra: readonly StoredLogin[];
  /** By the name they are filed under. */
  readonly elsewhere: ReadonlyMap<string, readonly Login[]>;
  /** Milliseconds, the widest of matched logins. */
  readonly skew: number;
  /** Stored logins that the journal shows to be another program's. */
  readonly forged: number;
  readonly open: boolean;
}

export function compare(host: string, log: LoginLog, siem: SiemFacts): Comparison {
  const { byConnection, byHost } = indexOf(siem);
  const name = keyOf(host, siem);
  const own = log.logins.filter(({ trusted, certificate }) => trusted && certificate);
  const matches = new Map(
    own.map((login) => [login, closest(login, byConnection, (one) => ofHost(one, name, siem))]),
  );
  const skews = own.map((login) => (matches.get(login)?.at ?? login.at) - login.at);
  const skew = skews.reduce((widest, one) => (Math.abs(one) > Math.abs(widest) ? one : widest), 0);
  const margin = Math.max(SAME, Math.abs(skew));
  const from = Math.max(log.coversFrom ?? Number.POSITIVE_INFINITY, siem.coversFrom ?? 0) + margin;
  const to = endOf(log, siem) - margin;
  const within = ({ at }: Login): boolean => at >= from && at < to;
  const unmatched = own.filter((login) => within(login) && matches.get(login) === undefined);
  const elsewhere = new Map<string, Login[]>();
  const missing = unmatched.filter((login) => {
    const other = closest(login, byConnection, ({ host: named }) => named !== undefined);
    if (other?.host === undefined) return true;
    const label = other.label ?? other.host;
    elsewhere.set(label, [...(elsewhere.get(label) ?? []), login]);
    return false;
  });
  const written = connections(log.logins);
  const denied = (byHost.get(name) ?? []).filter(
    (login) => within(login) && closest(login, connections(own, log), () => true) === undefined,
  );
  const extras = denied.filter((login) => closest(login, written, () => true) === undefined);
  return {
    compared: own.filter(within).length,
    lost: missing,
    extra: extras,
    elsewhere,
    skew,
    forged: denied.length - extras.length,
    open: !(from < to),
  };
}

/** A closed window ends long enough ago; else the store gets the usual time. */
function endOf({ coversTo }: LoginLog, siem: SiemFacts): number {
  const own = coversTo ?? Number.NEGATIVE_INFINITY;
  return siem.coversTo === undefined ? own - LAG : Math.min(own, siem.coversTo);
}

type Index<T extends Login> = ReadonlyMap<string, readonly T[]>;

const indexes = new WeakMap<SiemFacts, { byConnection: Index<StoredLogin>; byHost: Index<StoredLogin> }>();
const ownIndexes = new WeakMap<LoginLog, Index<Login>>();

/** Made once for all hosts. */
function indexOf(siem: SiemFacts): { byConnection: Index<StoredLogin>; byHost: Index<StoredLogin> } {
  const known = indexes.get(siem);
  if (known) return known;
  const certificates = siem.logins.filter(({ certificate }) => certificate);
  const named = certificates.filter(({ host }) => host !== undefined);
  const made = {
    byConnection: connections(certificates),
    byHost: grouped(named, (login) => [keyOf(login.host ?? '', siem)]),
  };
  indexes.set(siem, made);
  return made;
}

function connections<T extends Login>(logins: readonly T[], cache?: LoginLog): Index<T> {
  const known = cache && (ownIndexes.get(cache) as Index<T> | undefined);
  if (known) return known;
  const made = grouped(logins, keysOf);
  if (cache) ownIndexes.set(cache, made);
  return made;
}

function grouped<T>(items: readonly T[], keys: (item: T) => readonly string[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    for (const key of keys(item)) {
      const group = groups.get(key);
      if (group) group.push(item);
      else groups.set(key, [item]);
    }
  }
  return groups;
}

function keysOf({ pid, port, account, certificate }: Login): string[] {
  const rest = `${certificate?.serial ?? ''} ${account}`;
  return [pid > 0 ? `pid ${pid} ${rest}` : '', port > 0 ? `port ${port} ${rest}` : ''].filter(Boolean);
}

/** The same login in the other log: at the same second by process or port, else by both, with clocks that differ. */
function closest<T extends Login>(login: Login, index: Index<T>, fits: (other: T) => boolean): T | undefined {
  let best: T | undefined;
  for (const other of keysOf(login).flatMap((key) => index.get(key) ?? [])) {
    const apart = Math.abs(other.at - login.at);
    const both = login.pid > 0 && other.pid === login.pid && login.port > 0 && other.port === login.port;
    if (apart > (both ? SKEW : SAME) || !fits(other)) continue;
    if (best === undefined || apart < Math.abs(best.at - login.at)) best = other;
  }
  return best;
}

/** A store that cannot tell the host leaves it open. */
function ofHost({ host }: StoredLogin, name: string, siem: SiemFacts): boolean {
  return host === undefined || keyOf(host, siem) === name;
}

function keyOf(host: string, { shortNames }: SiemFacts): string {
  const lower = host.toLowerCase().replace(/\.$/, '');
  const isAddress = /^[\d.]+$|:/.test(lower);
  return shortNames === true && !isAddress ? (lower.split('.', 1)[0] ?? lower) : lower;
}
