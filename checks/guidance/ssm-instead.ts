/**
 * Guidance, "Tools such as Systems Manager are preferred over manual intervention (such as human interaction over SSH)":
 * a host AWS Systems Manager manages is not administered over SSH.
 */
import type { DaemonFacts, Login } from '../../src/facts/types.js';
import type { Check, Finding } from '../../src/model.js';
import { plural } from '../../src/plural.js';
import { actorOf } from '../../src/policy.js';
import { excerpt, judge, missingFrom, valueOr, type Missing } from '../lib/law.js';
import { peopleOf } from './lib/entries.js';
import { loginRef, listed } from './lib/words.js';

const DAY = 86_400_000;
/** A log may begin this much later than the window and still cover it: probes run one after the other. */
const SLACK = 10 * 60_000;
const MOST_SHOWN = 10;
const AGENT = 'amazon-ssm-agent';

type Needs = 'sudoers' | 'daemons' | 'logins' | 'accounts' | 'principalsFiles';

export const ssmInstead: Check<Needs, never> = {
  meta: {
    pack: 'guidance',
    id: 'ssm-instead',
    title: 'Hosts that Systems Manager manages are not administered over SSH',
    category: 'Guidance',
    directive: '4.3 (cloud-provider console access)',
    why: 'A second way in is a second thing to guard. What Run Command and Session Manager do is allowed, written down and reviewed in one place, and needs no open port.',
    fix: 'Move the work into SSM documents or Session Manager, then close port 22, or let sshd listen on the address of the bastion’s network alone (ListenAddress).',
    looksAt: [
      'whether amazon-ssm-agent runs, or the inventory names the managed node (instance, transport ssm)',
      'the addresses sshd listens on',
      'logins of people in the login window: neither accounts nor key IDs of agents and automations',
    ],
    limits: [
      'Whether the agent is registered and online: only AWS knows.',
      'Firewalls and security groups before the host.',
      'A login that only forwards a port counts as one of people.',
      'Session managers of other clouds.',
    ],
    severity: 'low',
    needs: { host: ['sudoers', 'daemons', 'logins', 'accounts', 'principalsFiles'], fleet: [] },
    controls: {
      'NIST 800-53 r5': ['AC-17(3)', 'CM-7', 'SC-7'],
      'ISO 27001:2022': ['A.8.20', 'A.8.18'],
      'CIS Controls v8': ['4.8', '12.3'],
      'SOC 2': ['CC6.6'],
    },
  },
  evaluate({ host, expected, policy, now }) {
    const agent = host.sudoers.ok ? host.sudoers.value.agents.find(({ name }) => name === AGENT) : undefined;
    const running = agent?.running === true;
    if (!running && expected.managedNode === undefined)
      return judge({
        findings: [],
        // In a tree of files nothing runs, and there the servers were not looked for either.
        missing: [...missingFrom(host.sudoers), ...(host.daemons.ok ? [] : missingFrom(host.daemons))],
        because: `it does not apply: ${agent ? `${AGENT} is installed and does not run` : `no ${AGENT} runs here`}, and the inventory names no managed node.`,
        evidence: [{ probe: 'sudoers', excerpt: agent ? `agent ${AGENT} installed` : 'no agent' }],
      });
    const manager = running ? `${AGENT} runs here` : 'the inventory names a managed node';
    const from = now.getTime() - policy.loginWindowDays * DAY;
    const { machines } = peopleOf(expected, valueOr(host.accounts, []), valueOr(host.principalsFiles, []));
    const logins = host.logins.ok
      ? host.logins.value.logins.filter(
          (one) => one.trusted && one.at >= from && !machines.has(one.account) && !ofMachine(one),
        )
      : [];
    const open = host.daemons.ok ? everywhere(host.daemons.value) : [];
    const days = `in the last ${policy.loginWindowDays} days`;
    const findings: readonly Finding[] = [
      ...(logins.length > 0
        ? [
            {
              subject: 'logins over SSH',
              message: `People logged in over SSH ${plural(logins.length, 'time')} ${days} (${whose(logins)}), though ${manager}.`,
              evidence: logins.slice(0, MOST_SHOWN).map(loginRef),
            },
          ]
        : []),
      ...(open.length > 0
        ? [
            {
              subject: 'sshd on every address',
              message: `SSH is taken on every address of the host (${listed(open)}), though ${manager}: whatever a firewall lets through reaches it.`,
              evidence: [{ probe: 'daemons', excerpt: excerpt(open.join(' ')) }],
            },
          ]
        : []),
    ];
    return judge({
      findings,
      missing: [
        ...missingFrom(host.daemons, host.logins, host.accounts, host.principalsFiles),
        ...(host.daemons.ok ? untold(host.daemons.value) : []),
        ...(host.logins.ok ? uncovered(host.logins.value.coversFrom, from) : []),
      ],
      because: `${manager}, nobody logged in over SSH ${days}, and SSH is not taken on every address.`,
      evidence: [{ probe: 'daemons' }, { probe: 'logins' }],
    });
  },
};

function ofMachine({ certificate }: Login): boolean {
  const actor = actorOf(certificate?.keyId ?? '');
  return actor === 'agt' || actor === 'atm';
}

/** `0.0.0.0:22`, `[::]:22`, `*:22`, `:::22`. */
function everywhere({ listeners }: DaemonFacts): string[] {
  return [...new Set(listeners.flatMap(({ sockets }) => sockets))]
    .filter((socket) => /^(?:0\.0\.0\.0|\[::\]|::|\*)(?:%[\w.-]+)?:\d+$/.test(socket))
    .sort();
}

/** A server whose addresses are not known may listen anywhere. */
function untold({ listeners }: DaemonFacts): Missing[] {
  return listeners
    .filter(({ sockets }) => sockets.length === 0)
    .map(({ program, pid, onDemand }) => ({
      reason: 'no-evidence' as const,
      detail: `on which addresses ${program} (${onDemand ?? `pid ${pid}`}) listens is not known`,
    }));
}

function uncovered(coversFrom: number | null, from: number): Missing[] {
  if (coversFrom !== null && coversFrom <= from + SLACK) return [];
  return [
    {
      reason: 'no-evidence',
      detail: 'the log of logins begins after the login window: keep the journal longer',
    },
  ];
}

function whose(logins: readonly Login[]): string {
  const counts = new Map<string, number>();
  for (const { certificate, account } of logins) {
    const who = certificate?.keyId ?? account;
    counts.set(who, (counts.get(who) ?? 0) + 1);
  }
  return listed([...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([who, count]) => `${who} ${count}`));
}
