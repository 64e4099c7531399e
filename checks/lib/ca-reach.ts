/** Who may change the CA, or sign for more than one actor type: what ACL policies of the CA system allow. */
import type { CaAct, CaCustody, PolicyReach } from '../../src/facts/types.js';
import type { Finding } from '../../src/model.js';
import { actorsIn } from './ca-role-remarks.js';
import { excerpt } from './law.js';

const ACTS: Readonly<Record<CaAct, string>> = {
  sign: 'have certificates signed',
  issue: 'have certificates and keys issued',
  'configure-ca': 'replace or delete the CA key',
  'change-role': 'change what a signing role grants',
  'change-mount': 'reconfigure, move or delete the CA',
  'change-audit': 'switch the audit log off',
  'change-policy': 'give itself any right by changing policies',
  'change-login': 'open a login of its own',
  'any-token': 'make a token with any policy',
  'raw-storage': 'read or change the storage below the CA',
};

/** Every policy, beyond the administrators', that can do more to a CA than use a role of one actor type. */
export function reachFindings({ reach, adminPolicies, mounts }: CaCustody): Finding[] {
  const others = reach.filter(({ policy }) => !adminPolicies.includes(policy));
  const changes = firstOfEach(others.filter(({ act }) => act !== 'sign' && act !== 'issue'));
  return [
    ...changes.map((one) =>
      finding(
        one,
        `can ${ACTS[one.act]}`,
        `Take ${one.rule} out of the policy, or name the policy in sources.vault.admin_policies if it is that of the CA’s administrators.`,
      ),
    ),
    ...broadSigning(others, mounts),
  ];
}

/** One pattern that signs with roles of several actor types: an agent's token that gets an administrator's certificate. */
function broadSigning(reach: readonly PolicyReach[], mounts: CaCustody['mounts']): Finding[] {
  const roles = mounts.flatMap((mount) => mount.roles);
  const signing = reach.filter(
    ({ act, broad, approvals }) => (act === 'sign' || act === 'issue') && broad && approvals === 0,
  );
  const byRule = new Map<string, PolicyReach[]>();
  for (const one of signing) {
    const key = `${one.namespace}\0${one.policy}\0${one.act}\0${one.rule}`;
    const group = byRule.get(key);
    if (group === undefined) byRule.set(key, [one]);
    else group.push(one);
  }
  return [...byRule.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const names = new Set(group.map(({ path }) => path));
    const used = roles.filter((role) =>
      ['sign', 'issue'].some(
        (act) => role.namespace === first.namespace && names.has(`${role.mount}${act}/${role.name}`),
      ),
    );
    const actors = [...new Set(used.flatMap(actorsIn))];
    if (actors.length < 2) return [];
    return [
      finding(
        first,
        `can ${ACTS[first.act]} with every role that ${first.rule} covers (${used
          .map(({ name }) => name)
          .join(', ')
          .slice(0, 200)}), for ${actors.join(' and ')} alike`,
        `Name the one role its holders need in place of ${first.rule}.`,
      ),
    ];
  });
}

function finding(one: PolicyReach, what: string, remediation: string): Finding {
  const name = one.namespace === '' ? one.policy : `${one.namespace}/${one.policy}`;
  return {
    subject: `ACL policy ${name} ${one.act} ${one.rule}`,
    message: `Whoever holds the ACL policy ${name} ${what}: it allows ${one.capabilities.join(', ')} on ${one.rule}.`,
    evidence: [
      {
        probe: 'vault',
        path: `sys/policies/acl/${name}`,
        excerpt: excerpt(`path "${one.rule}" { capabilities = [${one.capabilities.join(', ')}] }`),
      },
    ],
    remediation,
  };
}

/** One finding for a policy, act and rule, however many paths show it. */
function firstOfEach(reach: readonly PolicyReach[]): PolicyReach[] {
  const seen = new Map<string, PolicyReach>();
  for (const one of reach) {
    const key = `${one.namespace}\0${one.policy}\0${one.act}\0${one.rule}`;
    if (!seen.has(key)) seen.set(key, one);
  }
  return [...seen.values()];
}
