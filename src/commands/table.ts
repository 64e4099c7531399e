/** Every command: its words, its flags, and the file that runs it. Help, completion and parsing derive from this. */
import type { Io } from '../io.js';
import { OPTION_NAMES, optionSpec, type OptionName } from '../options.js';

export interface Command {
  readonly name: string;
  readonly positionals: readonly { readonly name: string; readonly required: boolean }[];
  readonly describe: string;
  readonly examples: readonly (readonly [command: string, what: string])[];
  /** Flags it takes. */
  readonly options: readonly OptionName[];
  /** Loaded only when the command runs: start-up stays quick. */
  readonly run: (input: CommandInput) => Promise<number>;
}

export interface CommandInput {
  readonly args: Readonly<Record<string, string | undefined>>;
  readonly flags: Readonly<Record<string, unknown>>;
  readonly io: Io;
}

const REACH = OPTION_NAMES.filter((name) => optionSpec(name).group === 'How to reach hosts');

const SHOW: readonly OptionName[] = [
  'format',
  'output',
  'quiet',
  'verbose',
  'color',
  'no-color',
  'ascii',
  'no-progress',
];

export const COMMANDS: readonly Command[] = [
  {
    name: 'run',
    positionals: [{ name: 'inventory', required: true }],
    describe: 'audit every host and say whether the directive is met',
    examples: [
      ['ssh-scorecard run inventory.yaml', 'audit the fleet'],
      ['ssh-scorecard run inventory.yaml -o junit=junit.xml -o json=results.json', 'in CI'],
      ["ssh-scorecard run inventory.yaml --host 'web*' --check password-auth", 'a part'],
      ['ssh-scorecard run inventory.yaml --dry-run', 'connect to nothing'],
    ],
    options: OPTION_NAMES,
    run: async (input) => (await import('./run.js')).run(input),
  },
  {
    name: 'audit',
    positionals: [{ name: 'folder', required: true }],
    describe: 'judge the evidence of an earlier run again, offline',
    examples: [
      ['ssh-scorecard audit runs/2026-11-21T02-00-00Z-1a2b3c -f json', 'the same evidence, judged again'],
    ],
    options: ['check', 'skip-check', 'plugin', 'now', 'require-closure', 'config', ...SHOW],
    run: async (input) => (await import('./audit.js')).audit(input),
  },
  {
    name: 'validate',
    positionals: [{ name: 'inventory', required: true }],
    describe: 'check an inventory and say what is wrong, line by line',
    examples: [['ssh-scorecard validate inventory.yaml', '']],
    options: ['quiet'],
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
    name: 'schema',
    positionals: [{ name: 'kind', required: false }],
    describe: 'print a JSON Schema for editors and programs: inventory or results',
    examples: [['ssh-scorecard schema inventory > inventory.schema.json', '']],
    options: [],
    run: async (input) => (await import('./schema.js')).schema(input),
  },
  {
    name: 'doctor',
    positionals: [{ name: 'inventory', required: false }],
    describe: 'what is missing on this machine, and where each setting came from',
    examples: [['ssh-scorecard doctor inventory.yaml', '']],
    options: [...REACH, 'concurrency', 'config', 'color', 'no-color'],
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
