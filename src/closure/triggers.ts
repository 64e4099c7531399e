/** Section 6.2: when native OpenSSH is no longer enough. Any one trigger is a reason to switch. */
import type { ClosureInput } from './input.js';
import type { GitFacts } from '../facts/types.js';
import type { Reading, SwitchTrigger } from '../model.js';

/** "Rapid daily growth" in numbers: so many hosts a day, on average, over this many days at least. */
const RAPID_HOSTS_PER_DAY = 5;
const GROWTH_DAYS = 7;
const DAY = 86_400_000;

export function switchTriggers({
  inventoryHosts,
  summaries,
  listedIdentities,
  policy,
  fleet,
}: Pick<
  ClosureInput,
  'inventoryHosts' | 'summaries' | 'listedIdentities' | 'policy' | 'fleet'
>): SwitchTrigger[] {
  const used = summaries.flatMap(({ certificateLogins }) =>
    certificateLogins.filter(({ actor }) => actor === 'agt' || actor === 'atm').map(({ keyId }) => keyId),
  );
  const identities = new Set([...listedIdentities, ...used]).size;
  const declared = (id: string, title: string, fired: boolean): SwitchTrigger => ({
    id,
    title,
    fired,
    because: fired ? 'declared in policy.requirements' : 'not declared in policy.requirements',
  });
  const { requirements } = policy;
  return [
    {
      id: 'hosts',
      title: 'More than 200 hosts',
      fired: inventoryHosts > 200,
      because: `${inventoryHosts} hosts in the inventory`,
    },
    growth(fleet.git),
    {
      id: 'identities',
      title: 'More than 50 agent or automation identities',
      fired: identities > 50,
      because: `${identities} distinct agent and automation identities`,
    },
    declared('sso', 'Human single sign-on is needed', requirements.sso),
    declared(
      'sessions',
      'Session recording, audited web sessions or just-in-time approval are required',
      requirements.sessionRecording || requirements.justInTimeApproval,
    ),
    declared(
      'workload-identity',
      'Agents need built-in machine or workload identity',
      requirements.workloadIdentity,
    ),
    declared('policy-engine', 'Compliance demands a central policy engine', requirements.centralPolicyEngine),
  ];
}

/** Growth of the inventory in Git: from its oldest to its newest known size. */
function growth(git: Reading<GitFacts>): SwitchTrigger {
  const base = { id: 'growth', title: `Rapid daily growth (more than ${RAPID_HOSTS_PER_DAY} hosts a day)` };
  if (!git.ok) return { ...base, fired: null, because: `the inventory's Git history: ${git.detail}` };
  const [first, last] = [git.value.hostCounts.at(0), git.value.hostCounts.at(-1)];
  const days = first && last ? (Date.parse(last.date) - Date.parse(first.date)) / DAY : 0;
  if (!first || !last || !(days >= GROWTH_DAYS))
    return {
      ...base,
      fired: null,
      because: `the inventory's Git history is shorter than ${GROWTH_DAYS} days`,
    };
  const perDay = (last.hosts - first.hosts) / days;
  return {
    ...base,
    fired: perDay > RAPID_HOSTS_PER_DAY,
    because: `from ${first.hosts} hosts on ${first.date.slice(0, 10)} to ${last.hosts} on ${last.date.slice(0, 10)}: ${perDay.toFixed(1)} a day`,
  };
}
