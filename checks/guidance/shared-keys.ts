/**
 * Guidance, "Private keys must not be shared or re-used": no private key in two places, no static key that opens two
 * accounts, no host key on two hosts. A person's own key in the account of the same name on many hosts is not sharing.
 */
import type { Check, FleetLook } from '../../src/model.js';
import { judge, missingFrom, type Missing } from '../lib/law.js';
import { keyIndex, type KeyIndex } from './lib/key-index.js';
import { hostFindings, privateFindings, staticFindings } from './lib/shared.js';
import { listed } from './lib/words.js';

type Needs = 'privateKeys' | 'authorizedKeys' | 'sshd' | 'accounts';

export const sharedKeys: Check<Needs, never> = {
  meta: {
    pack: 'guidance',
    id: 'shared-keys',
    title: 'No key is shared between people, accounts or hosts',
    category: 'Guidance',
    directive: '1 (no key sprawl)',
    why: 'With a shared key no log can say who it was, and whoever takes it in the weakest place is in all the others. A host key on two hosts lets the one pose as the other.',
    fix: 'Make a key for each person and purpose, or better a certificate; delete copies. Make new host keys on cloned hosts: rm /etc/ssh/ssh_host_*, then ssh-keygen -A.',
    looksAt: [
      'the public halves of private keys that lie on all hosts of the run, and whose they are',
      'keys in authorized_keys files that open accounts, the emergency keys of the policy left out',
      'the host keys that hosts proved themselves with, and those that lie on them',
    ],
    limits: [
      'Two people who use one account with one key leave one key in one account: that cannot be seen.',
      'A static key in the account of the same name on several hosts counts as one person’s own.',
      'Private keys whose file does not tell the public half, and copies that lie on laptops.',
      'Hosts that this run did not ask.',
    ],
    severity: 'high',
    needs: { host: ['privateKeys', 'authorizedKeys', 'sshd', 'accounts'], fleet: [] },
    controls: {
      'NIST 800-53 r5': ['IA-2(5)', 'IA-5', 'AC-2(9)', 'IA-3'],
      'ISO 27001:2022': ['A.5.16', 'A.5.17', 'A.8.24'],
      'CIS Controls v8': ['5.1', '5.2'],
      'SOC 2': ['CC6.1'],
    },
  },
  /** Alone, a host shows only whether its keys could be read; what is shared shows when it is compared. */
  evaluate({ host }) {
    const { privateKeys, authorizedKeys, sshd, accounts } = host;
    return judge({
      findings: [],
      missing: missingFrom(privateKeys, authorizedKeys, sshd, accounts),
      because: 'its keys were read whole.',
      evidence: [{ probe: 'credentials' }, { probe: 'authorized-keys' }],
    });
  },
  compare(look) {
    const index = keyIndex(look.fleet, look.policy, look.now);
    const findings = [
      ...privateFindings(look, index),
      ...staticFindings(look, index),
      ...hostFindings(look, index),
    ];
    const { host, outcome } = look;
    const alone: readonly Missing[] = outcome.status === 'unknown' ? [outcome] : [];
    const keys = new Set([...host.privateKeys, ...host.staticKeys].map(({ fingerprint }) => fingerprint))
      .size;
    return judge({
      findings,
      missing: [...alone, ...unseen(look, index)],
      because: `none of its ${keys} keys and ${host.hostKeys.length} host keys is in use anywhere else: all ${look.fleet.inventoryHosts} hosts of the inventory were compared.`,
      evidence: outcome.status === 'fail' ? [] : (outcome.evidence ?? []),
    });
  },
};

/** What keeps this host's keys from being known as nobody else's. */
function unseen({ host, fleet }: FleetLook, { unread }: KeyIndex): Missing[] {
  const others = unread.filter((name) => name !== host.name);
  const left = fleet.inventoryHosts - fleet.hosts.length;
  return [
    ...(host.hostKeys.length === 0
      ? [{ reason: 'no-evidence' as const, detail: 'its host key was not seen: run with transport ssh' }]
      : []),
    ...(others.length > 0
      ? [
          {
            reason: 'no-evidence' as const,
            detail: `the keys of other hosts could not be read whole, and may be the same: ${listed(others)}`,
          },
        ]
      : []),
    ...(left > 0
      ? [
          {
            reason: 'no-evidence' as const,
            detail: `${left} hosts of the inventory were not asked: run without a selection`,
          },
        ]
      : []),
  ];
}
