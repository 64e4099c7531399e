/**
 * Guidance, "no single bastion or jump server can access both production and non-production accounts": the ways this
 * run took, host by host, and whether one of them leads into production and elsewhere.
 */
import type { FleetWay } from '../../src/facts/types.js';
import type { Check, Finding } from '../../src/model.js';
import { judge, type Missing } from '../lib/law.js';
import { keyOf, mayDiffer, waysOf, type Side } from './lib/ways.js';
import { listed } from './lib/words.js';

const HARM: Readonly<Record<FleetWay['kind'], readonly [harm: string, remedy: string]>> = {
  bastion: [
    'whoever takes it over in the weaker place stands in front of the other',
    'Give production a bastion of its own, reachable from nowhere else.',
  ],
  'jump user': [
    'a certificate for its name opens the bastions of both',
    'Give the bastions of each environment a jump user and a principal of their own.',
  ],
  identity: [
    'whoever takes it reads the hosts of both as root',
    'Give the auditor an identity and a role for each environment.',
  ],
};

export const separateBastions: Check<never, never> = {
  meta: {
    pack: 'guidance',
    id: 'separate-bastions',
    title: 'No bastion, jump user or auditor identity reaches production and anything else',
    category: 'Guidance',
    directive: '1 (separation of concerns)',
    why: 'What reaches both is as weak as the weaker place: whoever takes over a test bastion, or its key, is in production.',
    fix: 'Give production a bastion, a jump user and an auditor identity of its own, and say in the inventory which environment each host is of.',
    looksAt: [
      'the hops this run passed on its way to each host, as they were used, whatever the inventory or ssh_config say',
      'the names it logged in to bastions with',
      'the identity each host accepted: a certificate by its key ID, a plain key by its fingerprint, in AWS the role',
      'the environment the inventory gives each host: prod, production, prd and live are production',
    ],
    limits: [
      'Ways of people: only the auditor’s own way is seen.',
      'One bastion under two addresses looks like two.',
      'Bastions that reach hosts the inventory does not name.',
    ],
    severity: 'medium',
    needs: { host: [], fleet: [] },
    controls: {
      'NIST 800-53 r5': ['AC-4', 'SC-7', 'AC-17(3)'],
      'ISO 27001:2022': ['A.8.22', 'A.8.31'],
      'CIS Controls v8': ['12.2', '12.8'],
      'SOC 2': ['CC6.6'],
    },
  },
  /** One host alone crosses nothing. */
  evaluate() {
    return { status: 'pass', because: 'it was reached.', evidence: [{ probe: 'connection' }] };
  },
  compare({ host, outcome, fleet }) {
    const { byKey, untold } = waysOf(fleet);
    const own = host.ways ?? [];
    const sides = own.map((way) => ({ way, side: byKey.get(keyOf(way)) }));
    const findings = sides.flatMap(({ way, side }) => (side ? crossing(way, side) : []));
    const unplaced = [...new Set(sides.flatMap(({ side }) => (side ? doubtful(side) : [])))].sort();
    const others = untold.filter((one) => one !== host && mayDiffer(one, host)).map(({ name }) => name);
    const left = fleet.inventoryHosts - fleet.hosts.length;
    const missing: readonly Missing[] = [
      ...(outcome.status === 'unknown' ? [outcome] : []),
      ...(host.ways === undefined && outcome.status !== 'unknown'
        ? [
            {
              reason: 'no-evidence' as const,
              detail: 'how it was reached is not known: run with transport ssh',
            },
          ]
        : []),
      ...(host.environment === undefined
        ? [
            {
              reason: 'no-evidence' as const,
              detail: 'the inventory does not say which environment it is of',
            },
          ]
        : []),
      ...(own.length > 0 && unplaced.length > 0 && host.environment !== undefined
        ? [
            {
              reason: 'no-evidence' as const,
              detail: `the same ways lead to hosts of which the inventory gives no environment: ${listed(unplaced)}`,
            },
          ]
        : []),
      ...(own.length > 0 && others.length > 0
        ? [
            {
              reason: 'no-evidence' as const,
              detail: `how other hosts are reached is not known: ${listed(others)}`,
            },
          ]
        : []),
      ...(own.length > 0 && left > 0
        ? [
            {
              reason: 'no-evidence' as const,
              detail: `${left} hosts of the inventory were not asked: run without a selection`,
            },
          ]
        : []),
    ];
    return judge({
      findings,
      missing,
      because:
        own.length === 0
          ? 'it was reached without a bastion and without an identity that could serve elsewhere.'
          : `${own.map(({ kind, name }) => `the ${kind} ${name}`).join(', ')} ${own.length === 1 ? 'leads' : 'lead'} to one side of production only: all ${fleet.inventoryHosts} hosts of the inventory were compared.`,
      evidence: own
        .slice(0, 10)
        .map(({ kind, name }) => ({ probe: 'connection', excerpt: `${kind} ${name}` })),
    });
  },
};

function crossing(way: FleetWay, { production, other }: Side): Finding[] {
  if (production.length === 0 || other.length === 0) return [];
  const [harm, remediation] = HARM[way.kind];
  return [
    {
      subject: `${way.kind} ${way.name}`,
      message: `The ${way.kind} ${way.name} reaches production (${listed(production)}) and other hosts (${listed(other)}): ${harm}.`,
      evidence: [{ probe: 'connection', excerpt: `${way.kind} ${way.name}` }],
      remediation,
    },
  ];
}

/** Hosts that may be on the other side: they matter only while no crossing is proven. */
function doubtful({ production, other, unplaced }: Side): readonly string[] {
  return production.length > 0 && other.length > 0 ? [] : unplaced;
}
