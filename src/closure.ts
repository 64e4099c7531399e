/**
 * The law of section 6: six conditions, one verdict, the switch triggers. Pure.
 * Any fail on any host or any condition disproved: open. Else anything unproven: unproven. Else closed.
 */
import type { HostSummary } from './facts/types.js';
import type { Closure, Condition, HostReport, Policy, SwitchTrigger } from './model.js';

export interface ClosureInput {
  readonly hosts: readonly HostReport[];
  readonly summaries: readonly HostSummary[];
  /** How many hosts the inventory names; fewer judged than that proves nothing about the rest. */
  readonly inventoryHosts: number;
  /** How many of the ten checks were selected. */
  readonly checks: number;
  /** Agent and automation principals the inventory lists, without doubles. */
  readonly listedIdentities: readonly string[];
  readonly policy: Policy;
}

export function closureOf(input: ClosureInput): Closure {
  const conditions = [
    scorecard(input),
    unproven(
      'inventory-in-git',
      'The authoritative principals inventory is in the central Git repository',
      'no Git source was asked',
      'configure sources.git',
    ),
    threeAdmins(input),
    actorsUsed(input),
    unproven(
      'pipeline-hourly',
      'The pipeline for host configuration is green and runs hourly',
      'no pipeline source was asked',
      'configure sources.pipeline',
    ),
    unproven(
      'break-glass-tested',
      'The emergency break-glass procedure has been tested once',
      'no attestation was given',
      'configure sources.attestations',
    ),
  ];
  const triggers = switchTriggers(input);
  const fired = triggers.some((trigger) => trigger.fired === true);
  return { ...verdictOf(conditions), conditions, triggers, recommended: fired ? RECOMMENDED : [] };
}

/** Section 6.2, in its order. */
const RECOMMENDED = ['Teleport', 'HashiCorp Vault SSH + Boundary', 'step-ca + smallstep'];

function verdictOf(conditions: readonly Condition[]): Pick<Closure, 'verdict' | 'because'> {
  const of = (state: Condition['state']) => conditions.filter((condition) => condition.state === state);
  const [disproved] = of('not-met');
  if (disproved)
    return {
      verdict: 'open',
      because: `${of('not-met').length} of 6 conditions not met: ${disproved.because}`,
    };
  const [open] = of('unproven');
  if (open)
    return {
      verdict: 'unproven',
      because: `${of('unproven').length} of 6 conditions unproven: ${open.because}`,
    };
  return { verdict: 'closed', because: 'all six conditions of section 6.1 are met' };
}

function scorecard({ hosts, inventoryHosts, checks }: ClosureInput): Condition {
  const base = { id: 'scorecard-complete', title: 'The scorecard passes 10/10 on every host' };
  const failing = hosts.filter((host) => host.results.some(({ outcome }) => outcome.status === 'fail'));
  if (failing.length > 0)
    return {
      ...base,
      state: 'not-met',
      because: `${plural(failing.length, 'host')} of ${inventoryHosts} ${failing.length === 1 ? 'fails' : 'fail'} a check`,
    };
  if (inventoryHosts === 0)
    return {
      ...base,
      state: 'unproven',
      because: 'the inventory names no host',
      provide: 'add hosts to the inventory',
    };
  const complete = hosts.filter((host) => host.score === 10).length;
  if (complete === inventoryHosts)
    return { ...base, state: 'met', because: `all ${inventoryHosts} hosts score 10/10` };
  const left = [
    checks < 10 ? `only ${checks} of the ten checks were run` : '',
    hosts.length < inventoryHosts
      ? `${inventoryHosts - hosts.length} hosts of the inventory were not selected`
      : '',
    `${complete} of ${inventoryHosts} hosts score 10/10`,
  ].filter(Boolean);
  return {
    ...base,
    state: 'unproven',
    because: left.join('; '),
    provide: 'the evidence each unknown outcome names',
  };
}

function threeAdmins({ summaries }: ClosureInput): Condition {
  const base = {
    id: 'admins-seven-days',
    title: 'Three administrators used certificates on seven consecutive days',
  };
  const days = new Map<string, Set<string>>();
  for (const row of summaries.flatMap(({ certificateLogins }) => certificateLogins)) {
    if (row.actor === 'adm') days.set(row.keyId, (days.get(row.keyId) ?? new Set()).add(row.day));
  }
  const proven = [...days]
    .filter(([, on]) => longestRun(on) >= 7)
    .map(([id]) => id)
    .sort();
  if (proven.length >= 3)
    return {
      ...base,
      state: 'met',
      because: `seven consecutive UTC days each: ${proven.slice(0, 3).join(', ')}`,
    };
  const seen = `${proven.length} of 3 administrators have seven consecutive UTC days of certificate logins (${plural(days.size, 'administrator')} seen)`;
  const covered =
    summaries.length > 0 && summaries.every(({ daysCovered }) => longestRun(new Set(daysCovered)) >= 7);
  if (covered)
    return {
      ...base,
      state: 'not-met',
      because: `${seen}; every host's log covers at least seven whole days`,
    };
  return {
    ...base,
    state: 'unproven',
    because: `${seen}; not every host's log covers seven whole days`,
    provide: 'host logs that reach back seven whole days, or a SIEM source',
  };
}

function actorsUsed({ summaries }: ClosureInput): Condition {
  const base = {
    id: 'actors-used',
    title: 'An agent and an automation have each logged in with a CA-signed certificate',
  };
  const ids = (actor: 'agt' | 'atm') =>
    [
      ...new Set(
        summaries.flatMap(({ certificateLogins }) =>
          certificateLogins.filter((row) => row.actor === actor).map(({ keyId }) => keyId),
        ),
      ),
    ].sort();
  const [agents, automations] = [ids('agt'), ids('atm')];
  if (agents[0] !== undefined && automations[0] !== undefined)
    return {
      ...base,
      state: 'met',
      because: `${agents[0]} and ${automations[0]} logged in with certificates of the expected CA`,
    };
  const missing = [
    agents.length === 0 ? 'agent (agt-)' : '',
    automations.length === 0 ? 'automation (atm-)' : '',
  ].filter(Boolean);
  return {
    ...base,
    state: 'unproven',
    because: `no certificate login of an ${missing.join(' or ')} identity in the logs that were read`,
    provide: 'a longer login window, ca.fingerprints in the inventory, or a SIEM source',
  };
}

function switchTriggers({
  inventoryHosts,
  summaries,
  listedIdentities,
  policy,
}: ClosureInput): SwitchTrigger[] {
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
    {
      id: 'growth',
      title: 'Rapid daily growth',
      fired: null,
      because: "the inventory's Git history was not asked",
    },
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

function unproven(id: string, title: string, because: string, provide: string): Condition {
  return { id, title, state: 'unproven', because, provide };
}

/** Longest run of consecutive `YYYY-MM-DD` days. */
function longestRun(days: ReadonlySet<string>): number {
  const numbers = [...days].map((day) => Date.parse(`${day}T00:00:00Z`) / 86_400_000).sort((a, b) => a - b);
  return numbers.reduce(
    ({ run, best, last }, day) => {
      const next = day === last + 1 ? run + 1 : 1;
      return { run: next, best: Math.max(best, next), last: day };
    },
    { run: 0, best: 0, last: Number.NaN },
  ).best;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
