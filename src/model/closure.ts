/** The verdict of section 6, and the counts it is told with. */
import type { EvidenceRef } from './check.js';

export type ConditionState = 'met' | 'not-met' | 'unproven';

/** One condition of section 6.1, or the sign-off. */
export interface Condition {
  readonly id: string;
  readonly title: string;
  readonly state: ConditionState;
  readonly because: string;
  /** What it was read from; at most 20. Source or probe, then host, URL or record. */
  readonly evidence?: readonly EvidenceRef[];
  /** What to provide so that it can be proven. */
  readonly provide?: string;
}

/** One trigger of section 6.2. `fired` null: nothing here can tell. */
export interface SwitchTrigger {
  readonly id: string;
  readonly title: string;
  readonly fired: boolean | null;
  readonly because: string;
}

export interface Closure {
  readonly verdict: 'closed' | 'open' | 'unproven';
  readonly because: string;
  readonly conditions: readonly Condition[];
  /** What people do when the six are met, and after: the declaration (6.1), the quarterly review (7). Not in the verdict. */
  readonly beyond: readonly Condition[];
  readonly triggers: readonly SwitchTrigger[];
  /** Set when a trigger fired: what section 6.2 recommends, in its order. */
  readonly recommended: readonly string[];
}

export interface Totals {
  readonly hosts: number;
  readonly reached: number;
  /** Hosts with ten passes of ten. */
  readonly complete: number;
  readonly pass: number;
  readonly fail: number;
  readonly unknown: number;
  readonly waived: number;
}
