/** Flags that commands have in common. */
import { OPTION_NAMES, optionSpec, type OptionName } from '../../options.js';

export const REACH = OPTION_NAMES.filter((name) => optionSpec(name).group === 'How to reach hosts');

/** Ways of running that `doctor` has nothing to say about. */
export const ONLY_RUN: ReadonlySet<OptionName> = new Set(['local', 'root', 'forced-command']);

/** What a command takes that tells something of saved runs in one format. */
export const TELL: readonly OptionName[] = ['config', 'quiet', 'verbose', 'color', 'no-color', 'ascii'];

/** What a command takes that writes whole reports. */
export const SHOW: readonly OptionName[] = [
  'format',
  'output',
  'status',
  'quiet',
  'verbose',
  'color',
  'no-color',
  'ascii',
  'no-progress',
];

/** Flags of `audit`, `verify`, `diff`, `history` and `doctor`, which mean nothing while hosts are asked. */
const OFFLINE: ReadonlySet<OptionName> = new Set([
  'save',
  'allowed-signers',
  'fail-on',
  'last',
  'sources',
  'declare',
  'from-ansible',
  'inventory',
  'queue-lock',
  'as',
  'to',
  'without',
  'window',
  'pseudonymise',
  'region',
  'role-arn',
  'environment-tag',
]);
export const RUN = OPTION_NAMES.filter((name) => !OFFLINE.has(name));

/** What gathering takes: no reports, no judgement. */
export const GATHER = RUN.filter(
  (name) =>
    (optionSpec(name).group !== 'Output' && optionSpec(name).group !== 'Judgement') ||
    ['evidence', 'sign', 'quiet', 'verbose', 'no-progress', 'now', 'policy'].includes(name),
);

/** What a worker takes: how it reaches hosts, and its own limits. */
export const WORKER: readonly OptionName[] = [
  'environment',
  ...REACH.filter((name) => !['local', 'root', 'forced-command'].includes(name)),
  ...OPTION_NAMES.filter(
    (name) => optionSpec(name).group === 'Limits' && name !== 'deadline' && name !== 'per-environment',
  ),
  'queue',
  'queue-folder',
  'queue-lock',
  'quiet',
  'config',
];
