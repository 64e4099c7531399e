/** What one host adds to the fleet's story, kept after its facts are dropped. Source: directive 6.1. */
import type { CaExpectation, Reading } from '../model.js';
import { actorOf } from '../policy.js';
import type { HostFacts, HostSummary, KeyPlace, Login, LoginLog } from './types.js';

const DAY = 86_400_000;

/** More keys than this on one host say no more when hosts are compared. */
const MOST_KEYS = 200;
/** Where ssh-keygen -A puts them: they may lie there though no configuration names them. */
const HOST_KEY = /^\/etc\/ssh\/ssh_host_\w+_key$/;

export function summarise(
  host: string,
  { logins, privateKeys, sshd }: Pick<HostFacts, 'logins' | 'privateKeys' | 'sshd'>,
  ca: CaExpectation,
): HostSummary {
  return { host, ...loginsOf(logins, ca), ...keysOf(privateKeys, sshd) };
}

/** A key whose public half is not told by its file cannot be compared; that does not make the list partial. */
function keysOf(
  keys: HostFacts['privateKeys'],
  sshd: HostFacts['sshd'],
): Pick<HostSummary, 'privateKeys' | 'hostKeys' | 'privateKeysPartial'> {
  if (!keys.ok) return { privateKeys: [], hostKeys: [], privateKeysPartial: true };
  const configured = new Set(
    sshd.ok ? sshd.value.cases.flatMap(({ settings }) => settings['hostkey'] ?? []) : [],
  );
  const places = new Map<string, KeyPlace>();
  const hostKeys = new Set<string>();
  for (const { fingerprint, owner, path } of keys.value) {
    if (fingerprint === undefined) continue;
    if (configured.has(path) || HOST_KEY.test(path)) hostKeys.add(fingerprint);
    else places.set(`${fingerprint} ${owner}`, { account: owner, fingerprint });
  }
  const all = [...places].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, place]) => place);
  return {
    privateKeys: all.slice(0, MOST_KEYS),
    hostKeys: [...hostKeys].sort().slice(0, MOST_KEYS),
    ...((keys.gaps.length > 0 || all.length > MOST_KEYS) && { privateKeysPartial: true as const }),
  };
}

function loginsOf(
  log: Reading<LoginLog>,
  ca: CaExpectation,
): Pick<HostSummary, 'certificateLogins' | 'daysCovered'> {
  if (!log.ok) return { certificateLogins: [], daysCovered: [] };
  const rows = new Map<string, HostSummary['certificateLogins'][number]>();
  for (const login of log.value.logins) {
    const { certificate } = login;
    if (!certificate || !counts(login, ca)) continue;
    const day = new Date(login.at).toISOString().slice(0, 10);
    const key = JSON.stringify([certificate.keyId, login.account, day]);
    rows.set(key, {
      keyId: certificate.keyId,
      actor: actorOf(certificate.keyId),
      account: login.account,
      day,
      count: (rows.get(key)?.count ?? 0) + 1,
    });
  }
  return {
    certificateLogins: [...rows.values()],
    daysCovered: wholeDays(log.value.coversFrom, log.value.coversTo),
  };
}

/** Only logins sshd itself logged, with a CA the inventory names; the bootstrap identity proves nothing. */
function counts(login: Login, ca: CaExpectation): boolean {
  return (
    login.trusted &&
    !login.identityLost &&
    login.certificate !== undefined &&
    login.certificate.keyId !== 'adm-bootstrap' &&
    ca.fingerprints.includes(login.certificate.caFingerprint)
  );
}

function wholeDays(from: number | null, to: number | null): string[] {
  if (from === null || to === null) return [];
  const first = Math.ceil(from / DAY);
  const last = Math.floor(to / DAY);
  const count = Math.min(Math.max(0, last - first), 400);
  return Array.from({ length: count }, (_, index) =>
    new Date((first + index) * DAY).toISOString().slice(0, 10),
  );
}
