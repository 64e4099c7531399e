/** Routes somebody who left still has on the host, and what they used since. */
import type {
  Account,
  AuthorizedKeysFile,
  CaCustody,
  Login,
  PrincipalsFile,
  RevokedKeysFile,
} from '../../../src/facts/types.js';
import type { EvidenceRef, Expectations, Finding } from '../../../src/model.js';
import { plural } from '../../../src/plural.js';
import { dayText } from '../../../src/when.js';
import { excerpt } from '../../lib/law.js';
import { each, found, left, namedIn, type Departed, type Leaver } from './departed.js';
import { hasShell } from './entries.js';
import { caRoutes, issuedRoutes } from './leaver-issued.js';
import { listed } from './words.js';

/** Where they are looked for. */
export interface Routes {
  readonly accounts: readonly Account[];
  readonly authorizedKeys: readonly AuthorizedKeysFile[];
  readonly principalsFiles: readonly PrincipalsFile[];
  readonly revokedKeys: readonly RevokedKeysFile[];
  readonly logins: readonly Login[];
  readonly vault: CaCustody | null;
  readonly expected: Expectations;
  readonly now: Date;
}

/** Everything that still lets one of them in, or did after the last day. Sorted by subject. */
export function routesOf(gone: Departed, routes: Routes): Finding[] {
  if (gone.leavers.length === 0) return [];
  return [
    ...accountRoutes(gone, routes),
    ...keyRoutes(gone, routes),
    ...principalRoutes(gone, routes),
    ...inventoryRoutes(gone, routes),
    ...caRoutes(gone, routes),
    ...gone.leavers.flatMap((leaver) => issuedRoutes(leaver, routes)),
    ...usedRoutes(gone, routes),
  ].sort(({ subject: a }, { subject: b }) => (a < b ? -1 : a > b ? 1 : 0));
}

function accountRoutes({ byName, byAccount }: Departed, { accounts }: Routes): Finding[] {
  return accounts.filter(hasShell).flatMap(({ name, shell }) =>
    each(found(byName, name), found(byAccount, name)).map((leaver) => ({
      subject: `${leaver.who}: account ${name}`,
      message: `${left(leaver)}, and the account ${name} is still here with the shell ${shell || '/bin/sh'}.`,
      evidence: [{ probe: 'accounts', path: '/etc/passwd', excerpt: excerpt(`${name} ${shell}`) }],
      remediation: `Keep what is needed of the home, then run userdel -r ${name}; until then usermod -s /usr/sbin/nologin -e 1 ${name}.`,
    })),
  );
}

function keyRoutes(gone: Departed, { authorizedKeys, logins }: Routes): Finding[] {
  const own = keysOfLogins(gone, logins);
  return authorizedKeys
    .filter(({ account, effective }) => account !== null && effective)
    .flatMap(({ account, file, lines }) =>
      lines.flatMap(({ valid, key, line, text }): Finding[] => {
        if (!valid || !key) return [];
        const { fingerprint, comment } = key;
        const theirs = each(found(gone.byKey, fingerprint), own.get(fingerprint) ?? []);
        return each(theirs, namedIn(gone, comment)).map((leaver) => ({
          subject: `${leaver.who}: key ${fingerprint} in ${account ?? ''}`,
          message: `${left(leaver)}, and ${theirs.includes(leaver) ? 'a key of theirs' : `the key with the comment “${excerpt(comment)}”`} opens the account ${account ?? ''}.`,
          evidence: [{ probe: 'authorized-keys', path: file.path, line, excerpt: excerpt(text) }],
          at: { path: file.path, line },
          remediation: `Remove line ${line} of ${file.path}.`,
        }));
      }),
    );
}

/** Keys whose certificates for one of them logged in here. */
function keysOfLogins(
  { byName }: Departed,
  logins: readonly Login[],
): ReadonlyMap<string, readonly Leaver[]> {
  const keys = new Map<string, readonly Leaver[]>();
  for (const { certificate, trusted } of logins)
    if (trusted && certificate?.keyFingerprint !== undefined) {
      const { keyFingerprint, keyId } = certificate;
      keys.set(keyFingerprint, each(keys.get(keyFingerprint) ?? [], found(byName, keyId)));
    }
  return keys;
}

function principalRoutes({ byName }: Departed, { principalsFiles }: Routes): Finding[] {
  return principalsFiles.flatMap(({ account, file, lines }) =>
    lines
      .filter(({ valid }) => valid && account !== null)
      .flatMap(({ principal, line, text }) =>
        found(byName, principal).map((leaver) => ({
          subject: `${leaver.who}: principal ${principal} of ${account ?? ''}`,
          message: `${left(leaver)}, and a certificate for ${principal} still opens the account ${account ?? ''}.`,
          evidence: [{ probe: 'principals', path: file.path, line, excerpt: excerpt(text) }],
          at: { path: file.path, line },
          remediation: `Take ${principal} out of the inventory, and roll ${file.path} out again.`,
        })),
      ),
  );
}

/** What the inventory allows comes back with the next roll-out. */
function inventoryRoutes({ byName }: Departed, { expected }: Routes): Finding[] {
  const allowed = [
    ...Object.values(expected.allowedPrincipals).flat(),
    ...Object.values(expected.principals ?? {}).flat(),
  ];
  return [...new Set(allowed)].flatMap((principal) =>
    found(byName, principal).map((leaver) => ({
      subject: `${leaver.who}: inventory`,
      message: `${left(leaver)}, and the inventory still allows ${principal} on this host.`,
      evidence: [{ probe: 'people', excerpt: leaver.from }],
      remediation: `Remove ${principal} from the inventory.`,
    })),
  );
}

function usedRoutes({ byName, byAccount, byKey }: Departed, { logins }: Routes): Finding[] {
  const uses = new Map<Leaver, Login[]>();
  for (const login of logins) {
    const { at, trusted, account, certificate, keyFingerprint } = login;
    if (!trusted) continue;
    const key = certificate?.keyFingerprint ?? keyFingerprint ?? '';
    for (const leaver of each(
      found(byName, certificate?.keyId ?? ''),
      found(byAccount, account),
      found(byKey, key),
    ))
      if (leaver.left !== null && at > leaver.left) {
        const own = uses.get(leaver);
        if (own) own.push(login);
        else uses.set(leaver, [login]);
      }
  }
  return [...uses].map(([leaver, since]) => ({
    subject: `${leaver.who}: logins since`,
    message: `${left(leaver)}, and logged in ${plural(since.length, 'time')} since: to ${listed([...new Set(since.map(({ account }) => account))].sort())}.`,
    evidence: since.slice(0, 10).map(({ at, account, from, method }): EvidenceRef => ({
      probe: 'logins',
      excerpt: excerpt(`${dayText(at)} ${account} from ${from} by ${method}`),
    })),
    remediation: 'Treat it as an incident: find out who logged in, and what was done.',
  }));
}
