/** What the control-plane sources said, as facts. Pure: a saved run is judged again from the same answers. */
import type { Policy, Reading, SourceEvidence, SourceName } from '../../model.js';
import type { FleetFacts } from '../types.js';
import { readAttestations } from './attestations.js';
import { readCertificates } from './certificates/index.js';
import { readCloud } from './cloud.js';
import { readGit } from './git.js';
import { readPeople } from './people.js';
import { readPipeline } from './pipeline/index.js';
import { readSiem } from './siem/index.js';
import { readVault } from './vault/index.js';

type FactOf<K extends keyof FleetFacts> = (evidence: SourceEvidence, policy: Policy) => FleetFacts[K];

interface Entry<K extends keyof FleetFacts> {
  readonly source: SourceName;
  /** What it is, in words. */
  readonly what: string;
  readonly read: FactOf<K>;
}

/** One line per fact. */
const FACTS: { readonly [K in keyof FleetFacts]: Entry<K> } = {
  certificateLog: { source: 'certificates', what: 'a log of issued certificates', read: readCertificates },
  vault: { source: 'vault', what: 'the CA system (Vault or OpenBao)', read: readVault },
  siem: { source: 'siem', what: 'the central SIEM', read: readSiem },
  attestations: { source: 'attestations', what: 'a source of attestations', read: readAttestations },
  git: { source: 'git', what: 'the Git repository of the inventory', read: readGit },
  pipeline: { source: 'pipeline', what: 'the pipeline for host configuration', read: readPipeline },
  people: { source: 'people', what: 'the list of people, with those who have left', read: readPeople },
  cloud: { source: 'cloud', what: 'a look at the auditor’s own AWS credentials', read: readCloud },
};

/**
 * @param configured the `sources:` mapping of the inventory.
 * @param evidence what was asked in this run; a configured source that is not in it was not asked.
 */
export function fleetFacts(
  configured: Readonly<Record<string, unknown>>,
  evidence: readonly SourceEvidence[],
  policy: Policy,
): FleetFacts {
  const fact = <K extends keyof FleetFacts>(key: K): FleetFacts[K] | Reading<never> => {
    const { source, what, read }: Entry<K> = FACTS[key];
    const found = evidence.find((one) => one.source === source);
    if (found !== undefined) return read(found, policy);
    if (!Object.hasOwn(configured, source)) {
      return {
        ok: false,
        reason: 'not-configured',
        detail: `${what} is not configured (sources.${source} in the inventory)`,
      };
    }
    return {
      ok: false,
      reason: 'not-collected',
      detail: `sources.${source} is configured, but it was not asked in this run`,
    };
  };
  return {
    certificateLog: fact('certificateLog'),
    vault: fact('vault'),
    siem: fact('siem'),
    attestations: withPolicy(fact('attestations'), policy),
    git: fact('git'),
    pipeline: fact('pipeline'),
    people: fact('people'),
    cloud: fact('cloud'),
  };
}

/** Attestations of the policy count beside those of the source; with no source they are all there is. */
function withPolicy(
  fromSource: FleetFacts['attestations'],
  { attestations }: Policy,
): FleetFacts['attestations'] {
  if (attestations.length === 0) return fromSource;
  if (fromSource.ok) return { ...fromSource, value: [...attestations, ...fromSource.value] };
  const gaps = fromSource.reason === 'not-configured' ? [] : [fromSource.detail];
  return { ok: true, value: attestations, gaps };
}
