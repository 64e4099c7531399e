/** The access report's part of a host that is being judged anyway: its facts are parsed once for both. */
import { readAccessFacts } from '../facts/access-facts.js';
import type { Approval, FleetFacts, HostFacts } from '../facts/types.js';
import type { Expectations, HostEvidence, Policy, Reading } from '../model.js';
import { holdersOf, hostPart } from './host.js';
import { windowOf } from './logins.js';
import type { HostPart } from './types.js';

const DAY = 86_400_000;
/** Probes that nothing but the access report reads: without any of them nobody asked for it. */
const PROBES = ['sudoers', 'sessions', 'changes'] as const;

/** What the access report of a run knows besides its hosts. */
export interface AccessContext {
  readonly approvals: Reading<readonly Approval[]>;
  /** Key IDs by principal, from the CA's log. */
  readonly holders: ReadonlyMap<string, ReadonlySet<string>>;
}

export function accessContext(fleet: FleetFacts, approvals: Reading<readonly Approval[]>): AccessContext {
  return { approvals, holders: holdersOf(fleet) };
}

export interface JudgedContext {
  readonly evidence: HostEvidence;
  readonly facts: HostFacts;
  readonly expected: Expectations;
  readonly fleet: FleetFacts;
  readonly policy: Policy;
  readonly now: Date;
  readonly access: AccessContext;
}

/** @returns undefined when the host was not asked for it, or when it cannot be told for a bug of ours: the report counts hosts. */
export function accessPart({ access, ...context }: JudgedContext): HostPart | undefined {
  const { evidence, policy } = context;
  if (!PROBES.some((name) => evidence.probes[name])) return undefined;
  try {
    return hostPart({
      ...context,
      ...access,
      access: readAccessFacts(evidence, context.facts),
      window: windowOf(evidence.finishedAt, policy.loginWindowDays * DAY),
    });
  } catch {
    return undefined;
  }
}
