/** What the verdict is made of. */
import type { FleetFacts, HostSummary } from '../facts/types.js';
import type { HostReport, Policy } from '../model.js';

export interface ClosureInput {
  readonly hosts: readonly HostReport[];
  readonly summaries: readonly HostSummary[];
  /** How many hosts the inventory names; fewer judged than that proves nothing about the rest. */
  readonly inventoryHosts: number;
  /** How many of the ten checks were selected. */
  readonly checks: number;
  /** Agent and automation principals the inventory lists, without doubles. */
  readonly listedIdentities: readonly string[];
  readonly fleet: Pick<FleetFacts, 'git' | 'pipeline' | 'attestations'>;
  readonly policy: Policy;
  readonly now: Date;
}
