/** What is worth a word of a signing role, without being a fault: whom it serves, and what its certificates tell. */
import type { SshRole } from '../../src/facts/types.js';
import { ACTORS, type Actor } from '../../src/model.js';
import { nameOf } from './role-limits.js';

/** Actor types whose principals the role grants, by prefix. */
export function actorsIn({ allowedUsers, defaultUser }: SshRole): Actor[] {
  return ACTORS.filter((actor) =>
    [...allowedUsers, defaultUser].some((name) => name.startsWith(`${actor}-`)),
  );
}

/** Sentences for the notes of an outcome. */
export function roleRemarks(role: SshRole): string[] {
  const subject = nameOf(role);
  const actors = actorsIn(role);
  const said: string[] = [];
  if (actors.length > 1)
    said.push(`The role ${subject} serves ${actors.join(' and ')} alike: one policy opens both.`);
  if (role.allowedUsersTemplate || role.defaultUserTemplate) {
    said.push(
      `The role ${subject} takes principals from a template: whoever may edit that metadata chooses them.`,
    );
  }
  if (role.keyIdFormat !== '' && !/token_display_name|identity\./.test(role.keyIdFormat)) {
    said.push(
      `key_id_format of the role ${subject} holds no identity: its logins cannot be told apart in a log.`,
    );
  }
  if (role.allowEmptyPrincipals === null && role.defaultUser === '' && role.allowUserCertificates) {
    said.push(
      `This version does not tell whether the role ${subject} grants certificates without principals (CVE-2024-7594, mended in Vault 1.17.6).`,
    );
  }
  return said;
}
