/** Every place where the bootstrap identity of directive 3.3 can still be in use. */
import type {
  Account,
  AuthorizedKeysFile,
  CaCustody,
  FoundCertificate,
  Issuance,
  LoginLog,
  PrincipalsFile,
} from '../../src/facts/types.js';
import type { EvidenceRef, Expectations, Finding } from '../../src/model.js';
import { endOf, type JoinedLogin } from './joins.js';
import { excerpt, type Missing } from './law.js';
import { certificateName } from './lifetime.js';
import { nameOf } from './role-limits.js';

export const BOOTSTRAP = 'adm-bootstrap';

function finding(subject: string, message: string, evidence: EvidenceRef, remediation: string): Finding {
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

/** Certificates that can still be used, or will be. @param seconds now, since 1970. */
export function asCertificate(
  found: readonly FoundCertificate[],
  issued: readonly Issuance[],
  seconds: bigint,
): Finding[] {
  const now = Number(seconds) * 1000;
  const live = (one: Pick<Issuance, 'kind' | 'keyId' | 'principals'>, ends: number | null): boolean =>
    one.kind !== 'host' && isBootstrap(one) && ends !== null && ends > now;
  const places = [
    ...found
      .map(({ certificate, path, line }) => ({
        ...certificate,
        ends: Number(certificate.validBefore) * 1000,
        at: { probe: 'credentials', path, line },
      }))
      .filter((one) => live(one, one.ends)),
    // A log may hold many: most are passed over without a copy.
    ...issued
      .filter((one) => live(one, endOf(one)))
      .map((one) => ({ ...one, ends: endOf(one), at: { probe: 'certificateLog', path: one.from } })),
  ];
  return places.map(({ ends, at, ...one }) =>
    finding(
      certificateName(one),
      `${at.path} holds the ${certificateName(one)} for ${BOOTSTRAP}, which has not expired. Whoever has it and its key still passes for the first administrator.`,
      {
        ...at,
        excerpt: excerpt(
          `principals ${one.principals?.join(', ') ?? '?'}, valid until ${one.validBefore ?? Math.floor((ends ?? 0) / 1000)}`,
        ),
      },
      `Put serial ${one.serial ?? '(unknown)'} into the KRL, and delete the certificate and its key.`,
    ),
  );
}

function isBootstrap({ keyId, principals }: Pick<Issuance, 'keyId' | 'principals'>): boolean {
  return keyId === BOOTSTRAP || principals?.includes(BOOTSTRAP) === true;
}

/** Entries of the log that are, or may be, for it, and whose end nobody knows. */
export function unknownEnds(issued: readonly Issuance[]): Missing[] {
  return issued
    .filter((one) => one.kind !== 'host' && isBootstrap(one) && endOf(one) === null)
    .slice(0, 20)
    .map((one) => ({
      reason: 'no-evidence',
      detail: `${one.from} tells of the ${certificateName(one)} for ${BOOTSTRAP}, but not until when it is valid`,
    }));
}

/** Logins behind a key ID of another name: the log of the CA holds the principals. @param since milliseconds since 1970. */
export function behindLogin(joined: readonly JoinedLogin[], since: number): Finding[] {
  const used = joined.filter(
    ({ login, issuance }) =>
      login.at >= since &&
      login.certificate.keyId !== BOOTSTRAP &&
      issuance?.principals?.includes(BOOTSTRAP) === true,
  );
  return used.map(({ login: { certificate, account, at, from }, issuance }) =>
    finding(
      `login "${certificate.keyId}" (serial ${certificate.serial}) with ${BOOTSTRAP}`,
      `“${certificate.keyId}” logged in as ${account} with a certificate that carries the principal ${BOOTSTRAP}, though its key ID does not say so: the bootstrap identity is in use.`,
      {
        probe: 'logins',
        excerpt: excerpt(
          `${new Date(at).toISOString()} ${account} from ${from}, serial ${certificate.serial}; issued: ${issuance?.from ?? '?'}, principals ${issuance?.principals?.join(', ') ?? '?'}`,
        ),
      },
      `Put serial ${certificate.serial} into the KRL, and issue its holder a certificate without ${BOOTSTRAP}.`,
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

/** Roles of the CA system that would sign it: by name, as the default, by `*`, or by a template that can come out as it. */
export function inRoles({ mounts }: CaCustody): Finding[] {
  return mounts
    .flatMap(({ roles }) => roles)
    .filter(({ keyType, allowUserCertificates }) => keyType === 'ca' && allowUserCertificates)
    .flatMap((role) => {
      const names = [...role.allowedUsers, role.defaultUser].filter(couldBe);
      const name = nameOf(role);
      const how = names.includes(BOOTSTRAP) ? 'names' : 'allows';
      return names.length === 0
        ? []
        : [
            finding(
              `role ${name}`,
              `The role ${name} ${how} ${BOOTSTRAP}${how === 'names' ? '' : ` (${excerpt(names.join(', '))})`}: the CA still issues it to whoever may ask that role.`,
              {
                probe: 'vault',
                excerpt: excerpt(
                  `allowed_users ${role.allowedUsers.join(',')}, default_user ${role.defaultUser}`,
                ),
              },
              `Remove ${BOOTSTRAP} from the role ${name}, and name the principals it may sign one by one.`,
            ),
          ];
    });
}

/** `{{…}}` in a template stands for anything; between two such parts the rest must come in order. */
function couldBe(name: string): boolean {
  if (name === '*' || name === BOOTSTRAP) return true;
  const parts = name.split(/\{\{[^}]*\}\}/);
  if (parts.length < 2) return false;
  const [first = '', last = ''] = [parts[0], parts.at(-1)];
  if (!BOOTSTRAP.startsWith(first) || !BOOTSTRAP.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const next = BOOTSTRAP.indexOf(part, at);
    if (next === -1) return false;
    at = next + part.length;
  }
  return at + last.length <= BOOTSTRAP.length;
}
