/** The bootstrap identity of directive 3.3 in what the CA signed, and in what it would sign. */
import type { CaCustody, FoundCertificate, Issuance } from '../../src/facts/types.js';
import type { Finding } from '../../src/model.js';
import { BOOTSTRAP, finding } from './bootstrap.js';
import { endOf } from './issuance-conflict.js';
import type { JoinedLogin } from './joins.js';
import { excerpt, type Missing } from './law.js';
import { certificateName } from './lifetime.js';
import { nameOf } from './role-limits.js';

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
