/** What the CA would sign tomorrow: the longest lifetime each role of Vault or OpenBao allows. */
import type { CaCustody, SshRole } from '../../src/facts/types.js';
import type { Finding, Policy } from '../../src/model.js';
import { actorOf } from '../../src/policy.js';
import type { Missing } from './law.js';
import { duration } from './lifetime.js';

export interface RoleLimits {
  readonly findings: readonly Finding[];
  readonly missing: readonly Missing[];
}

/** Roles that sign user certificates, each against the strictest actor whose names it signs. */
export function roleLimits({ mounts }: CaCustody, { lifetimes }: Pick<Policy, 'lifetimes'>): RoleLimits {
  const roles = mounts
    .flatMap((mount) => mount.roles)
    .filter(({ keyType, allowUserCertificates }) => keyType === 'ca' && allowUserCertificates);
  const most = Math.max(...Object.values(lifetimes.limits).map(({ fail }) => fail));
  const judged = roles.map((role) => {
    const actors = [
      ...new Set([...role.allowedUsers, role.defaultUser].map(actorOf).filter((actor) => actor !== null)),
    ];
    return { role, actors, limit: Math.min(most, ...actors.map((actor) => lifetimes.limits[actor].fail)) };
  });
  return {
    findings: judged
      .filter(({ role, limit }) => role.longest !== null && role.longest > limit + lifetimes.tolerance)
      .map(({ role, actors, limit }): Finding => {
        const name = nameOf(role);
        const whom = actors.length > 0 ? actors.join(' and ') : 'anyone';
        return {
          subject: `role ${name}`,
          message: `The role ${name} signs certificates that live up to ${duration(BigInt(Math.floor(role.longest ?? 0)))}, more than the ${duration(BigInt(limit))} allowed for ${whom}${role.maxTtl === 0 ? ': it sets no max_ttl, so the system’s own counts' : ''}. Whoever may ask it gets a key that outlives its purpose.`,
          evidence: [
            {
              probe: 'vault',
              path: name,
              excerpt: `ttl ${role.ttl ?? '?'}, max_ttl ${role.maxTtl ?? '?'}, in effect ${role.longest ?? '?'} s`,
            },
          ],
          remediation: `Set max_ttl=${limit} and a ttl of at most that on the role ${name}.`,
        };
      }),
    missing: judged
      .filter(({ role }) => role.longest === null)
      .slice(0, 20)
      .map(({ role }) => ({
        reason: 'no-evidence',
        detail: `the longest lifetime the role ${nameOf(role)} allows is not known: let the token read the role, and sys/mounts`,
      })),
  };
}

/** `team/ssh/roles/adm`. */
export function nameOf({ namespace, mount, name }: SshRole): string {
  return `${namespace === '' ? '' : `${namespace}/`}${mount}roles/${name}`;
}
