/** Every command: its words, its flags, and the file that runs it. Help, completion and parsing derive from this. */
import type { Io } from '../io.js';
import { OPTION_NAMES, optionSpec, type OptionName } from '../options.js';

export interface Command {
  readonly name: string;
  /** `many`, the last one only: one or more words, which arrive in `words`. */
  readonly positionals: readonly {
    readonly name: string;
    readonly required: boolean;
    readonly many?: true;
  }[];
  readonly describe: string;
  readonly examples: readonly (readonly [command: string, what: string])[];
  /** Flags it takes. */
  readonly options: readonly OptionName[];
  /** Loaded only when the command runs: start-up stays quick. */
  readonly run: (input: CommandInput) => Promise<number>;
}

export interface CommandInput {
  readonly args: Readonly<Record<string, string | undefined>>;
  /** The words of the positional that takes many. */
  readonly words: readonly string[];
  readonly flags: Readonly<Record<string, unknown>>;
  readonly io: Io;
}

const REACH = OPTION_NAMES.filter((name) => optionSpec(name).group === 'How to reach hosts');

/** Ways of running that `doctor` has nothing to say about. */
const ONLY_RUN: ReadonlySet<OptionName> = new Set(['local', 'root', 'forced-command']);

const SHOW: readonly OptionName[] = [
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
const RUN = OPTION_NAMES.filter((name) => !OFFLINE.has(name));

/** What gathering takes: no reports, no judgement. */
const GATHER = RUN.filter(
  (name) =>
    (optionSpec(name).group !== 'Output' && optionSpec(name).group !== 'Judgement') ||
    ['evidence', 'sign', 'quiet', 'verbose', 'no-progress', 'now', 'policy'].includes(name),
);

/** What a worker takes: how it reaches hosts, and its own limits. */
const WORKER: readonly OptionName[] = [
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

export const COMMANDS: readonly Command[] = [
  {
    name: 'run',
    positionals: [{ name: 'inventory', required: false }],
    describe: 'audit every host and say whether the directive is met',
    examples: [
      ['ssh-scorecard run inventory.yaml', 'audit the fleet'],
      ['ssh-scorecard run inventory.yaml -o junit=junit.xml -o json=results.json', 'in CI'],
      ["ssh-scorecard run inventory.yaml --host 'web*' --check password-auth", 'a part'],
      ['ssh-scorecard run inventory.yaml --dry-run', 'connect to nothing'],
      ['ssh-scorecard run --local', 'this machine, without an inventory'],
      ['ssh-scorecard run --resume runs/2026-11-21T02-00-00Z-1a2b3c', 'finish an interrupted run'],
    ],
    options: RUN,
    run: async (input) => (await import('./run.js')).run(input),
  },
  {
    name: 'gather',
    positionals: [{ name: 'inventory', required: false }],
    describe: 'only collect evidence, to be judged later or elsewhere; prints the run folder',
    examples: [
      ['ssh-scorecard gather inventory.yaml --evidence runs', 'collect; judge with audit'],
      ['ssh-scorecard gather inventory.yaml --shard 2/4', 'a quarter of the fleet'],
    ],
    options: GATHER,
    run: async (input) => (await import('./gather.js')).gatherOnly(input),
  },
  {
    name: 'worker',
    positionals: [],
    describe: 'ask the hosts of an environment for runs with --queue, from a machine that reaches them',
    examples: [
      ['ssh-scorecard worker --queue rediss://HOST --environment production', ''],
      ['ssh-scorecard run inventory.yaml --queue rediss://HOST', 'where it is judged'],
    ],
    options: WORKER,
    run: async (input) => (await import('./worker.js')).worker(input),
  },
  {
    name: 'merge',
    positionals: [{ name: 'run', required: true, many: true }],
    describe: 'join shards and interrupted runs into one run folder; prints it',
    examples: [
      ['ssh-scorecard merge shards/* --evidence runs', 'one run of all parts'],
      ['ssh-scorecard audit "$(ssh-scorecard merge shards/*)"', 'join, then judge'],
    ],
    options: ['evidence', 'sign', 'quiet', 'config'],
    run: async (input) => (await import('./merge.js')).merge(input),
  },
  {
    name: 'audit',
    positionals: [{ name: 'folder', required: false }],
    describe: 'judge the evidence of an earlier run again, offline',
    examples: [
      ['ssh-scorecard audit runs/2026-11-21T02-00-00Z-1a2b3c -f json', 'the same evidence, judged again'],
      ['ssh-scorecard audit --from-ansible DIR --inventory inventory.yaml', 'what ansible --tree DIR saved'],
    ],
    options: [
      'from-ansible',
      'inventory',
      'evidence',
      'host',
      'tag',
      'environment',
      'check',
      'skip-check',
      'plugin',
      'policy',
      'now',
      'baseline',
      'require-closure',
      'save',
      'sign',
      'config',
      ...SHOW,
    ],
    run: async (input) => (await import('./audit.js')).audit(input),
  },
  {
    name: 'verify',
    positionals: [{ name: 'run', required: true, many: true }],
    describe: 'prove that run folders, or a folder of them, were not changed since they were sealed',
    examples: [
      ['ssh-scorecard verify runs', 'every run, and the chain between them'],
      ['ssh-scorecard verify runs/* --allowed-signers signers', 'and who signed them'],
    ],
    options: ['allowed-signers', 'format', 'quiet', 'config'],
    run: async (input) => (await import('./verify.js')).verify(input),
  },
  {
    name: 'diff',
    positionals: [
      { name: 'old', required: true },
      { name: 'new', required: true },
    ],
    describe: 'what changed between two runs: run folders, or their results.json',
    examples: [
      ['ssh-scorecard diff runs/OLD runs/NEW', ''],
      ['ssh-scorecard diff yesterday.json today.json -f markdown --fail-on any', 'in CI'],
    ],
    options: ['format', 'fail-on', 'config', 'quiet', 'verbose', 'color', 'no-color', 'ascii'],
    run: async (input) => (await import('./diff.js')).diff(input),
  },
  {
    name: 'history',
    positionals: [{ name: 'folder', required: true }],
    describe: 'the runs of a folder over time: verdict, score, failures, coverage',
    examples: [['ssh-scorecard history runs --last 90 -v', 'failures by check, too']],
    options: ['format', 'last', 'config', 'quiet', 'verbose', 'color', 'no-color', 'ascii'],
    run: async (input) => (await import('./history.js')).history(input),
  },
  {
    name: 'access',
    positionals: [{ name: 'folder', required: true }],
    describe: 'who may log in, who did, why, and what changed, from the evidence of a run',
    examples: [
      ['ssh-scorecard access runs/2026-11-21T02-00-00Z-1a2b3c', 'the whole fleet'],
      ['ssh-scorecard access RUN --as adm-bernd', 'what one identity reaches'],
      ['ssh-scorecard access RUN --to prod-db-01 -f json', 'the ways into one host'],
      ['ssh-scorecard access RUN --without adm-full', 'what would be lost'],
    ],
    options: [
      'as',
      'to',
      'without',
      'window',
      'pseudonymise',
      'policy',
      'now',
      'format',
      'config',
      'quiet',
      'verbose',
      'color',
      'no-color',
      'ascii',
    ],
    run: async (input) => (await import('./access.js')).access(input),
  },
  {
    name: 'remediate',
    positionals: [{ name: 'folder', required: true }],
    describe: 'print what mends the failures of a run: an Ansible playbook, or commands (-f commands)',
    examples: [
      [
        'ssh-scorecard remediate runs/2026-11-21T02-00-00Z-1a2b3c > remediate.yml',
        'look with --check --diff first',
      ],
      ['ssh-scorecard remediate RUN -f ansible-inventory > inventory.yaml', 'the hosts, grouped by cause'],
      ['ssh-scorecard remediate RUN --check password-auth -f commands', 'one check, as a shell script'],
    ],
    options: [
      'host',
      'tag',
      'environment',
      'check',
      'skip-check',
      'plugin',
      'policy',
      'now',
      'format',
      'quiet',
      'config',
    ],
    run: async (input) => (await import('./remediate.js')).remediate(input),
  },
  {
    name: 'closure',
    positionals: [{ name: 'folder', required: true }],
    describe: 'the operational-closure verdict of a run, alone; exit 0 only when it is closed',
    examples: [
      ['ssh-scorecard closure runs/2026-11-21T02-00-00Z-1a2b3c', 'the six conditions'],
      ['ssh-scorecard closure RUN --declare | git commit -S --allow-empty -F -', 'sign it off'],
    ],
    options: [
      'declare',
      'format',
      'policy',
      'now',
      'plugin',
      'config',
      'color',
      'no-color',
      'ascii',
      'verbose',
      'quiet',
    ],
    run: async (input) => (await import('./closure.js')).closure(input),
  },
  {
    name: 'validate',
    positionals: [{ name: 'inventory', required: true }],
    describe: 'check an inventory and say what is wrong, line by line',
    examples: [['ssh-scorecard validate inventory.yaml', '']],
    options: ['policy', 'plugin', 'quiet', 'config'],
    run: async (input) => (await import('./validate.js')).validate(input),
  },
  {
    name: 'checks',
    positionals: [
      { name: 'action', required: true },
      { name: 'id', required: false },
    ],
    describe: 'list the checks, or explain one: checks list, checks explain ID',
    examples: [
      ['ssh-scorecard checks list', ''],
      ['ssh-scorecard checks explain ca-trust', ''],
    ],
    options: ['plugin', 'format', 'color', 'no-color'],
    run: async (input) => (await import('./checks.js')).checks(input),
  },
  {
    name: 'init',
    positionals: [{ name: 'file', required: false }],
    describe: 'write a commented inventory to start from',
    examples: [['ssh-scorecard init inventory.yaml', '']],
    options: [],
    run: async (input) => (await import('./init.js')).init(input),
  },
  {
    name: 'inventory',
    positionals: [
      { name: 'action', required: true },
      { name: 'kind', required: true },
      { name: 'path', required: false },
    ],
    describe: "print another tool's list of hosts as an inventory: inventory import KIND",
    examples: [
      ['ssh-scorecard inventory import ansible hosts.ini > inventory.yaml', 'INI, YAML, or a folder of them'],
      [
        'ansible-inventory --list | ssh-scorecard inventory import ansible -',
        'what Ansible itself understands',
      ],
      ['ssh-scorecard inventory import aws --region eu-central-1 --tag Team=web', 'managed nodes of AWS'],
    ],
    options: ['host', 'tag', 'environment', 'region', 'role-arn', 'environment-tag', 'quiet', 'config'],
    run: async (input) => (await import('./inventory.js')).inventory(input),
  },
  {
    name: 'collector',
    positionals: [{ name: 'inventory', required: false }],
    describe: 'print the collector as a script: for Ansible, or as a forced command on the hosts',
    examples: [
      ['ssh-scorecard collector inventory.yaml > ssh-access-scorecard.sh', "with the policy's wrappers"],
      [
        'ansible all -m script -a ssh-access-scorecard.sh --become --tree evidence',
        'run it; then audit --from-ansible evidence',
      ],
      ['ssh-scorecard collector --forced-command', 'see docs/auditor-access.md'],
    ],
    options: ['forced-command', 'policy', 'config'],
    run: async (input) => (await import('./collector.js')).collector(input),
  },
  {
    name: 'schema',
    positionals: [{ name: 'kind', required: false }],
    describe: 'print a JSON Schema for editors and programs: inventory, policy or results',
    examples: [['ssh-scorecard schema inventory > inventory.schema.json', '']],
    options: [],
    run: async (input) => (await import('./schema.js')).schema(input),
  },
  {
    name: 'doctor',
    positionals: [{ name: 'inventory', required: false }],
    describe: 'what is missing on this machine, and where each setting came from',
    examples: [
      ['ssh-scorecard doctor inventory.yaml', ''],
      ['ssh-scorecard doctor inventory.yaml --sources', 'log in to Vault, SIEM … and see with which rights'],
    ],
    options: [
      'sources',
      ...REACH.filter((name) => !ONLY_RUN.has(name)),
      'concurrency',
      'config',
      'color',
      'no-color',
    ],
    run: async (input) => (await import('./doctor.js')).doctor(input),
  },
  {
    name: 'demo',
    positionals: [{ name: 'folder', required: false }],
    describe: 'audit an embedded fleet on this machine: no inventory, no network',
    examples: [['ssh-scorecard demo', 'writes demo-out/']],
    options: ['check', 'skip-check', 'plugin', ...SHOW, 'concurrency'],
    run: async (input) => (await import('./demo.js')).demo(input),
  },
];
