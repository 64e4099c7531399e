/** The commands: one file each. yargs parses; values are validated by settings.ts, never by yargs. */
import yargs, { type Argv } from 'yargs';
import { UserError } from '../errors.js';
import { didYouMean } from '../inventory/suggest.js';
import type { Io } from '../io.js';
import { OPTION_NAMES, optionSpec, type OptionName, type OptionSpec } from '../options.js';

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

/** @throws UserError for an unknown command or flag. @returns the exit code. */
export async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  const { commandHelp, helpWidth, overview } = await import('./help.js');
  const width = helpWidth(io.columns);
  const first = argv.find((word) => !word.startsWith('-'));
  const command = COMMANDS.find(({ name }) => name === first);
  const helps = argv.includes('--help') || argv.includes('-h') || first === 'help';
  if (argv.length === 0) {
    io.err(overview(COMMANDS, width));
    return 2;
  }
  if (helps) {
    const named = command ?? COMMANDS.find(({ name }) => name === argv[1]);
    await io.out(named ? commandHelp(named, width) : overview(COMMANDS, width));
    return 0;
  }
  if (!command && first !== 'completion' && !argv.includes('--get-yargs-completions')) {
    const hint =
      didYouMean(first ?? '', [...COMMANDS.map(({ name }) => name), 'completion']) ||
      'see ssh-scorecard --help';
    throw new UserError(
      'unknown-command',
      first === undefined ? `expected a command before ${argv[0] ?? ''}` : `unknown command "${first}"`,
      { hint },
    );
  }
  let exitCode = 0;
  await build(argv, io, (code) => {
    exitCode = code;
  }).parseAsync([...argv]);
  return exitCode;
}

function build(argv: readonly string[], io: Io, finish: (code: number) => void): Argv {
  const parser = yargs([...argv])
    .scriptName('ssh-scorecard')
    .parserConfiguration({
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'camel-case-expansion': false,
      'boolean-negation': false,
      'dot-notation': false,
    })
    .exitProcess(false)
    .locale('en')
    // The completion command is yargs' own, and strict would not know it.
    .strict(argv[0] !== 'completion' && !argv.includes('--get-yargs-completions'))
    .help(false)
    .version(false)
    .completion('completion', 'print a completion script for bash, zsh or fish')
    .fail((message, error) => {
      if (error) throw error;
      throw new UserError('usage', plain(message), { hint: flagHint(message, argv) });
    });
  for (const command of COMMANDS) {
    const positionals = command.positionals.map(({ name, required }) =>
      required ? `<${name}>` : `[${name}]`,
    );
    parser.command(
      [command.name, ...positionals].join(' '),
      command.describe,
      (sub) => {
        for (const name of command.options) sub.option(name, yargsOption(optionSpec(name)));
        return sub;
      },
      async (parsed) => {
        const args = command.positionals.map(({ name }) => [name, wordOf(parsed[name])] as const);
        finish(await command.run({ args: Object.fromEntries(args), flags: parsed, io }));
      },
    );
  }
  return parser;
}

function plain(message: string): string {
  const line = message.split('\n', 1)[0] ?? 'bad usage';
  return line.startsWith('Not enough non-option arguments') ? 'an argument is missing' : line;
}

/** yargs names what it did not know; the nearest flag of ours is the likely meaning. */
function flagHint(message: string, argv: readonly string[]): string {
  const unknown = /^Unknown arguments?: ([^\s,]+)/.exec(message)?.[1];
  const command = COMMANDS.find(({ name }) => argv.includes(name));
  const near = unknown === undefined || !command ? '' : didYouMean(unknown, command.options);
  return near || `see ssh-scorecard ${command ? `${command.name} ` : ''}--help`;
}

function yargsOption(spec: OptionSpec) {
  return {
    describe: spec.describe,
    ...(spec.alias && { alias: spec.alias }),
    ...(spec.kind === 'switch'
      ? { type: 'boolean' as const }
      : spec.kind === 'list'
        ? { type: 'string' as const, array: true as const }
        : { type: 'string' as const, requiresArg: true }),
  };
}

/** A positional as typed: numbers are parsed by nobody, but yargs may hand one over. */
function wordOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
