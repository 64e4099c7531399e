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
  /** For the access report (src/facts/access-facts.ts) and the guidance: `--no-access` leaves it out, whoever needs it. */
  readonly purpose?: 'access';
}

const KiB = 1024;

/** Everything sshd-setup.sh builds on, then itself. */
const SSHD_SETUP: readonly string[] = [
  'processes-setup',
  'accounts-setup',
  'units-setup',
  'daemon-setup',
  'match-setup',
  'sshd-setup',
];

/** Every probe NAME is the function `probe_NAME` (dashes become underscores) in probes/NAME.sh. */
export const PROBES: readonly ProbeSpec[] = [
  { name: 'system', maxBytes: 16 * KiB, setup: [], facts: ['system'] },
  { name: 'accounts', maxBytes: 1024 * KiB, setup: [...SSHD_SETUP], facts: ['accounts', 'sshd'] },
  { name: 'sshd', maxBytes: 2048 * KiB, setup: [...SSHD_SETUP], facts: ['sshd', 'daemons'] },
  { name: 'daemons', maxBytes: 256 * KiB, setup: [...SSHD_SETUP], facts: ['daemons', 'sshd'] },
  {
    name: 'ca-keys',
    maxBytes: 1024 * KiB,
    setup: [...SSHD_SETUP, 'keys-setup'],
    facts: ['caFiles', 'revokedKeys'],
  },
  {
    name: 'revoked-keys',
    maxBytes: 4096 * KiB,
    setup: [...SSHD_SETUP, 'keys-setup'],
    facts: ['revokedKeys'],
  },
  {
    name: 'authorized-keys',
    maxBytes: 6144 * KiB,
    setup: [...SSHD_SETUP, 'keys-setup'],
    facts: ['authorizedKeys'],
  },
  {
    name: 'principals',
    maxBytes: 3072 * KiB,
    setup: [...SSHD_SETUP, 'keys-setup'],
    facts: ['principalsFiles'],
  },
  { name: 'logins', maxBytes: 4096 * KiB, setup: ['days-setup'], facts: ['logins'] },
  { name: 'logging', maxBytes: 2048 * KiB, setup: ['processes-setup', 'redact-setup'], facts: ['logging'] },
  {
    name: 'credentials',
    maxBytes: 3072 * KiB,
    setup: [...SSHD_SETUP, 'keys-setup', 'places-setup'],
    facts: ['certificates', 'privateKeys'],
  },
  { name: 'schedules', maxBytes: 6144 * KiB, setup: [...SSHD_SETUP, 'keys-setup'], facts: ['schedules'] },
  { name: 'wrappers', maxBytes: 1024 * KiB, setup: [], facts: ['wrappers'] },
  {
    name: 'cloud-keys',
    maxBytes: 256 * KiB,
    setup: [...SSHD_SETUP, 'keys-setup', 'places-setup'],
    facts: ['cloudKeys'],
  },
  { name: 'sudoers', maxBytes: 1024 * KiB, setup: [], facts: ['sudoers'], purpose: 'access' },
  {
    name: 'sessions',
    maxBytes: 3072 * KiB,
    setup: ['hide-setup', 'days-setup'],
    facts: ['sessions'],
    purpose: 'access',
  },
  { name: 'changes', maxBytes: 5120 * KiB, setup: ['hide-setup'], facts: [], purpose: 'access' },
];

/** Probes that the given facts need, in running order; with `access` those of the access report too. */
export function probesFor(facts: ReadonlySet<keyof HostFacts>, access = false): readonly ProbeSpec[] {
  return PROBES.filter((probe) =>
    probe.purpose === 'access' ? access : probe.facts.some((fact) => facts.has(fact)),
  );
}
