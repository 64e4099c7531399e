/** Who may log in, from what was read on the host. Pure. Source: sshd_config(5), sshd(8). */
import type { HostAccess } from '../model.js';
import type { AuthorizedKeysFile, DaemonFacts, HostFacts } from './types.js';
import type { Reading } from '../model.js';

/**
 * The keys and principals that open accounts as sshd is configured: CA keys of the files some configuration names, up
 * to where sshd stops reading; keys of authorized_keys files it opens, `cert-authority` lines among them; principals
 * of the files it opens, also on lines that say something else than their author meant.
 * @returns undefined when one of the three could not be read at all.
 */
export function accessOf(
  facts: Pick<HostFacts, 'caFiles' | 'authorizedKeys' | 'principalsFiles' | 'daemons'>,
): HostAccess | undefined {
  const { caFiles, authorizedKeys, principalsFiles, daemons } = facts;
  if (!caFiles.ok || !authorizedKeys.ok || !principalsFiles.ok) return undefined;
  const whole = [caFiles, authorizedKeys, principalsFiles].every(({ gaps }) => gaps.length === 0);
  const everyHome = runsDropbear(daemons);
  const keys = authorizedKeys.value.flatMap((file) =>
    file.account !== null && opens(file, everyHome)
      ? file.lines.flatMap(({ valid, key }) => (valid && key ? [[file.account ?? '', key.fingerprint]] : []))
      : [],
  );
  const principals = principalsFiles.value.flatMap(({ account, lines }) =>
    account === null ? [] : lines.flatMap((line) => (line.valid ? [[account, line.principal]] : [])),
  );
  return {
    caKeys: [
      ...new Set(caFiles.value.flatMap(({ trusted }) => trusted.map(({ fingerprint }) => fingerprint))),
    ].sort(),
    staticKeys: pairs(keys).map(([account, fingerprint]) => ({ account, fingerprint })),
    principals: pairs(principals).map(([account, principal]) => ({ account, principal })),
    ...(!whole && { partial: true as const }),
  };
}

function opens({ effective, file }: AuthorizedKeysFile, everyHome: boolean): boolean {
  return effective || (everyHome && file.path.endsWith('/.ssh/authorized_keys'));
}

/** Dropbear reads ~/.ssh/authorized_keys whatever sshd_config says. Source: dropbear(8). */
function runsDropbear(daemons: Reading<DaemonFacts>): boolean {
  return daemons.ok && daemons.value.listeners.some(({ program }) => program.startsWith('dropbear'));
}

/** Each pair once, sorted. */
function pairs(all: readonly (readonly string[])[]): (readonly [string, string])[] {
  const byKey = new Map(all.map(([one = '', other = '']) => [`${one}\0${other}`, [one, other] as const]));
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, pair]) => pair);
}
