/** Every place of a host, and of the inventory, where the bootstrap identity of directive 3.3 can still be in use. */
import type { Account, AuthorizedKeysFile, LoginLog, PrincipalsFile } from '../../src/facts/types.js';
import type { EvidenceRef, Expectations, Finding } from '../../src/model.js';
import { excerpt } from './law.js';

export const BOOTSTRAP = 'adm-bootstrap';

/** One place; where its evidence lies is where it is. */
export function finding(
  subject: string,
  message: string,
  evidence: EvidenceRef,
  remediation: string,
): Finding {
  const { path, line } = evidence;
  return {
    subject,
    message,
    evidence: [evidence],
    ...(path !== undefined && { at: { path, ...(line !== undefined && { line }) } }),
    remediation,
  };
}

/** Lines of principals files that hold it as a word of its own, honoured or not; comments do not count. */
export function inPrincipals(files: readonly PrincipalsFile[]): Finding[] {
  return files.flatMap(({ file: { path }, account, lines }) =>
    lines
      .filter(({ principal, text }) => principal === BOOTSTRAP || words(text).has(BOOTSTRAP))
      .map(({ line, text, valid }) =>
        finding(
          `${path}:${line}`,
          `${path}:${line} still names ${BOOTSTRAP}. ${
            valid
              ? `Any certificate with that principal logs in as ${account ?? 'the account of that name, once there is one'}.`
              : 'sshd does not honour the line as it stands; one edit makes it a way in for any certificate with that principal.'
          }`,
          { probe: 'principals', path, line, excerpt: excerpt(text) },
          `Remove ${BOOTSTRAP} from the inventory, and delete line ${line} of ${path}.`,
        ),
      ),
  );
}

/** Words before a comment, with blanks, commas, quotes and `=` between them. */
function words(line: string): ReadonlySet<string> {
  return new Set(line.split('#', 1)[0]?.split(/[\s,"=]+/) ?? []);
}

export function inAuthorizedKeys(files: readonly AuthorizedKeysFile[]): Finding[] {
  const found = files.flatMap(({ file: { path }, account, lines }) =>
    lines
      .filter(({ options }) =>
        options.some(({ name, value }) => name === 'principals' && value.split(',').includes(BOOTSTRAP)),
      )
      .map(({ line, text }) =>
        finding(
          `${path}:${line}`,
          `${path}:${line} accepts ${BOOTSTRAP} in a principals= option: any certificate of that line’s CA with that principal logs in as ${account ?? 'that account'}.`,
          { probe: 'authorized-keys', path, line, excerpt: excerpt(text) },
          `Delete line ${line} of ${path}.`,
        ),
      ),
  );
  return [...new Map(found.map((one) => [one.subject, one])).values()];
}

export function asAccount(accounts: readonly Account[]): Finding[] {
  return accounts
    .filter(({ name }) => name === BOOTSTRAP)
    .map(({ name, uid, home, shell }) =>
      finding(
        `account ${BOOTSTRAP}`,
        `The account ${BOOTSTRAP} (uid ${uid}) still exists. Where no principals file is set, a certificate with that name opens it.`,
        { probe: 'accounts', excerpt: `${name}:${uid}:${home}:${shell}` },
        `userdel ${BOOTSTRAP}, after moving what it owns.`,
      ),
    );
}

export function inInventory({ host, allowedPrincipals, principals }: Expectations): Finding[] {
  const allowed = Object.entries(allowedPrincipals).filter(([, list]) => list.includes(BOOTSTRAP));
  const mapped = Object.entries(principals ?? {}).filter(([, list]) => list.includes(BOOTSTRAP));
  return [
    ...allowed.map(([actor, list]) => ({ list, how: `allows ${BOOTSTRAP} (${actor})` })),
    ...mapped.map(([account, list]) => ({ list, how: `maps ${BOOTSTRAP} to the account ${account}` })),
  ].map(({ list, how }) =>
    finding(
      `inventory ${host}: ${how}`,
      `The inventory still ${how} on ${host}: the next run of configuration management opens the host to it again.`,
      { probe: 'inventory', excerpt: excerpt(list.join(', ')) },
      `Remove ${BOOTSTRAP} from the inventory.`,
    ),
  );
}

/** @param since milliseconds since 1970. Only lines sshd itself wrote are proof. */
export function asLogin({ logins }: LoginLog, days: number, since: number): Finding[] {
  const used = logins.filter(
    ({ trusted, certificate, at, account }) =>
      trusted && at >= since && (certificate?.keyId === BOOTSTRAP || account === BOOTSTRAP),
  );
  const last = used.toSorted((a, b) => b.at - a.at)[0];
  if (!last) return [];
  return [
    finding(
      `login ${BOOTSTRAP}`,
      `${BOOTSTRAP} logged in ${used.length === 1 ? 'once' : `${used.length} times`} in the last ${days} days, last to ${last.account}: somebody still works as it.`,
      {
        probe: 'logins',
        excerpt: excerpt(
          `${new Date(last.at).toISOString()} ${last.account} from ${last.from}, serial ${last.certificate?.serial ?? 'unknown'}`,
        ),
      },
      'Find out who it is, issue them a certificate of their own, and put this serial into the KRL.',
    ),
  ];
}
