/** Accounts of this host that agents and automations log in to, and the private keys that are theirs. */
import type { Account, FoundCertificate, FoundPrivateKey, PrincipalsFile } from '../../src/facts/types.js';
import type { Expectations } from '../../src/model.js';

const MACHINE = /^(?:agt|atm)-./;
/** Homes of CI services: what they run are automations, whatever the account is called. */
const SERVICE_HOMES =
  /^\/var\/lib\/(?:jenkins|gitlab-runner|buildkite-agent|actions-runner|teamcity-agent)\//;
/** Where jobs of root keep keys. */
const ROOT_PLACES = /^(?:\/root\/\.ssh|\/etc\/ssh\/keys|\/usr\/local\/etc)\//;

/** As the inventory names them, by the prefix of their own names, and by the principals their files accept. */
export function machineAccounts(
  { accounts, principals }: Expectations,
  known: readonly Account[],
  files: readonly PrincipalsFile[],
): ReadonlySet<string> {
  const mapped = Object.entries(principals ?? {})
    .filter(([, list]) => list.some((principal) => MACHINE.test(principal)))
    .map(([account]) => account);
  const accepting = files
    .filter(({ lines }) => lines.some(({ valid, principal }) => valid && MACHINE.test(principal)))
    .flatMap(({ account }) => account ?? []);
  const named = known.map(({ name }) => name).filter((name) => MACHINE.test(name));
  return new Set([
    ...(accounts?.agt ?? []),
    ...(accounts?.atm ?? []),
    ...mapped,
    ...named,
    ...accepting.filter((account) => known.some(({ name }) => name === account)),
  ]);
}

/** Whether a key is an agent's or automation's: by owner, by home, or by the place where jobs keep theirs. */
export function isMachineKey(
  key: FoundPrivateKey,
  machines: ReadonlySet<string>,
  known: readonly Account[],
): boolean {
  if (machines.has(key.owner) || SERVICE_HOMES.test(key.path) || ROOT_PLACES.test(key.path)) return true;
  return known.some(
    ({ name, home }) => machines.has(name) && home.length > 1 && key.path.startsWith(`${home}/`),
  );
}

/**
 * A key as a wrapper leaves it while it works: a certificate for it, valid now, lies on the host, and the key is no
 * older than a machine's certificate may be. `certificates`: those of our CA; `maxAge` in seconds.
 */
export function isEphemeral(
  key: FoundPrivateKey,
  certificates: readonly FoundCertificate[],
  now: Date,
  maxAge: number,
): boolean {
  const seconds = BigInt(Math.floor(now.getTime() / 1000));
  if (Number(seconds) - key.stat.mtime > maxAge) return false;
  return certificates.some(
    ({ path, certificate }) =>
      (key.fingerprint === undefined
        ? path === `${key.path}-cert.pub`
        : certificate.fingerprint === key.fingerprint) &&
      certificate.kind === 'user' &&
      certificate.validAfter <= seconds &&
      seconds < certificate.validBefore &&
      certificate.validBefore - certificate.validAfter <= BigInt(maxAge),
  );
}
