/**
 * Fleet-scope evidence: what systems beside the hosts say. A source that is not configured, or that cannot be asked,
 * makes the checks that need it unknown and says how to provide it; it never stops a run.
 */
import type { FleetFacts } from '../facts/types.js';
import type { Reading } from '../model.js';

const NEEDED_FOR: Readonly<Record<keyof FleetFacts, readonly [key: string, what: string]>> = {
  certificateLog: ['certificates', 'a log of issued certificates'],
  vault: ['vault', 'the CA system (Vault or OpenBao)'],
  siem: ['siem', 'the central SIEM'],
  attestations: ['attestations', 'signed-off attestations'],
  git: ['git', 'the Git repository of the inventory'],
  pipeline: ['pipeline', 'the pipeline for host configuration'],
};

/** @param configured the `sources:` mapping of the inventory. */
export function fleetFacts(configured: Readonly<Record<string, unknown>>): FleetFacts {
  const reading = (fact: keyof FleetFacts): Reading<never> => {
    const [key, what] = NEEDED_FOR[fact];
    return key in configured
      ? {
          ok: false,
          reason: 'not-collected',
          detail: `sources.${key} is configured, but this version cannot ask ${what}`,
        }
      : {
          ok: false,
          reason: 'not-configured',
          detail: `${what} is not configured (sources.${key} in the inventory)`,
        };
  };
  return {
    certificateLog: reading('certificateLog'),
    vault: reading('vault'),
    siem: reading('siem'),
    attestations: reading('attestations'),
    git: reading('git'),
    pipeline: reading('pipeline'),
  };
}
