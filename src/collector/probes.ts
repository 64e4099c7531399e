/**
 * The probes, in the order they run, and which facts each one feeds. An explicit list: adding a probe is one line
 * here and one file in probes/. See CONTRIBUTING.md, "Add a collected fact".
 */
import type { HostFacts } from '../facts/types.js';

export interface ProbeSpec {
  readonly name: string;
  /** Bytes of stdout kept. */
  readonly maxBytes: number;
  /** Scripts under probes/ that must have run first in the same shell; they define functions and variables only. */
  readonly setup: readonly string[];
  /** The facts that read this probe. */
  readonly facts: readonly (keyof HostFacts)[];
}

const KiB = 1024;

/** Every probe NAME is the function `probe_NAME` (dashes become underscores) in probes/NAME.sh. */
export const PROBES: readonly ProbeSpec[] = [
  { name: 'system', maxBytes: 16 * KiB, setup: [], facts: ['system'] },
];

/** Probes that the given facts need, in running order. */
export function probesFor(facts: ReadonlySet<keyof HostFacts>): readonly ProbeSpec[] {
  return PROBES.filter((probe) => probe.facts.some((fact) => facts.has(fact)));
}
