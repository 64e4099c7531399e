/** The commands: one file each. yargs parses; values are validated by settings.ts, never by yargs. */
import yargs, { type Argv } from 'yargs';
import { UserError } from '../errors.js';
import { didYouMean } from '../inventory/suggest.js';
import type { Io } from '../io.js';
import { OPTION_NAMES, optionSpec, type OptionName, type OptionSpec } from '../options.js';
import { VERSION } from '../version.js';

export interface Command {
  readonly name: string;
  /** yargs positionals, e.g. `<inventory>`. */
  readonly positionals: string;
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
const SELECT: readonly OptionName[] = ['host', 'tag', 'environment', 'check', 'skip-check', 'plugin'];
const SHOW: readonly OptionName[] = ['format', 'output', 'quiet', 'verbose', 'color', 'no-color', 'ascii', 'no-progress'];

export const COMMANDS: readonly Command[] = [
  {
    name: 'run', positionals: '<inventory>', describe: 'audit every host and say whether the directive is met',
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
    name: 'audit', positionals: '<folder>', describe: 'judge the evidence of an earlier run again, offline',
    examples: [['ssh-scorecard audit runs/2026-11-21T02-00-00Z-1a2b3c -f json', 'the same evidence, judged again']],
    options: ['check', 'skip-check', 'plugin', 'now', 'require-closure', 'config', ...SHOW],
    run: async (input) => (await import('./audit.js')).audit(input),
  },
  {
    name: 'validate', positionals: '<inventory>', describe: 'check an inventory and say what is wrong, line by line',
    examples: [['ssh-scorecard validate inventory.yaml', '']],
    options: ['quiet'],
    run: async (input) => (await import('./validate.js')).validate(input),
  },
  {
    name: 'checks', positionals: '<action> [id]', describe: 'list the checks, or explain one: checks list, checks explain ID',
    examples: [['ssh-scorecard checks list', ''], ['ssh-scorecard checks explain ca-trust', '']],
    options: ['plugin', 'format', 'color', 'no-color'],
    run: async (input) => (await import('./checks.js')).checks(input),
  },
  {
    name: 'init', positionals: '[file]', describe: 'write a commented inventory to start from',
    examples: [['ssh-scorecard init inventory.yaml', '']],
    options: [],
    run: async (input) => (await import('./init.js')).init(input),
  },
  {
    name: 'schema', positionals: '[kind]', describe: 'print a JSON Schema for editors and programs: inventory or results',
    examples: [['ssh-scorecard schema inventory > inventory.schema.json', '']],
    options: [],
    run: async (input) => (await import('./schema.js')).schema(input),
  },
  {
    name: 'doctor', positionals: '[inventory]', describe: 'what is missing on this machine, and where each setting came from',
    examples: [['ssh-scorecard doctor inventory.yaml', '']],
    options: [...REACH, 'concurrency', 'config', 'color', 'no-color'],
    run: async (input) => (await import('./doctor.js')).doctor(input),
  },
  {
    name: 'demo', positionals: '[folder]', describe: 'audit an embedded fleet on this machine: no inventory, no network',
    examples: [['ssh-scorecard demo', 'writes demo-out/']],
    options: [...SELECT.filter((name) => name.includes('check')), ...SHOW, 'concurrency'],
    run: async (input) => (await import('./demo.js')).demo(input),
  },
];

export async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  const first = argv[0];
  if (first !== undefined && !first.startsWith('-') && first !== 'completion' && !COMMANDS.some(({ name }) => name === first)) {
    throw new UserError('unknown-command', `unknown command "${first}"`, { hint: didYouMean(first, [...COMMANDS.map(({ name }) => name), 'completion']) || 'see ssh-scorecard --help' });
  }
  let exitCode = 0;
  let shown = '';
  const parser = build(argv, io, (code) => { exitCode = code; });
  if (argv.length === 0) {
    io.err(`${await parser.getHelp()}\n`);
    return 2;
  }
  if (first === 'completion' || argv.includes('--get-yargs-completions')) {
    await parser.parseAsync([...argv]);
    return 0;
  }
  await parser.parseAsync([...argv], {}, (_error: unknown, _argv: unknown, output: string) => { shown = output; });
  if (shown !== '') await io.out(`${shown}\n`);
  return exitCode;
}

function build(argv: readonly string[], io: Io, finish: (code: number) => void): Argv {
  const parser = yargs([...argv])
    .scriptName('ssh-scorecard')
    .parserConfiguration({ 'greedy-arrays': false, 'parse-numbers': false, 'parse-positional-numbers': false, 'camel-case-expansion': false, 'boolean-negation': false, 'dot-notation': false })
    .exitProcess(false)
    .locale('en')
    .wrap(80)
    .strict()
    .recommendCommands()
    .help('help').alias('help', 'h')
    .version(`ssh-scorecard ${VERSION} (Node ${process.version})`).alias('version', 'V')
    .usage(usage())
    .completion('completion', 'print a completion script for bash, zsh or fish')
    .epilogue('Exit codes: 0 all pass, 1 a check fails, 2 could not run, 3 unproven, 130/143 interrupted.')
    .fail((message, error) => {
      if (error) throw error;
      throw new UserError('usage', message.split('\n', 1)[0] ?? 'bad usage', { hint: 'see ssh-scorecard --help' });
    });
  for (const command of COMMANDS) {
    parser.command(
      `${command.name} ${command.positionals}`.trim(),
      command.describe,
      (sub) => describeCommand(sub, command),
      async (parsed) => {
        finish(await command.run({ args: positionalsOf(command, parsed), flags: parsed, io }));
      },
    );
  }
  return parser;
}

function usage(): string {
  const examples = ['npx ssh-scorecard init inventory.yaml', 'npx ssh-scorecard run inventory.yaml --dry-run', 'npx ssh-scorecard run inventory.yaml -o junit=junit.xml'];
  return `Examples:\n${examples.map((line) => `  ${line}`).join('\n')}\n\nUsage: $0 <command>`;
}

function describeCommand(sub: Argv, command: Command): Argv {
  const examples = command.examples.map(([line, what]) => (what ? `  ${line}\n      ${what}` : `  ${line}`)).join('\n');
  sub.usage(`Examples:\n${examples}\n\nUsage: $0 ${command.name} ${command.positionals}\n\n${command.describe}`);
  for (const name of command.options) sub.option(name, yargsOption(optionSpec(name)));
  return sub;
}

function yargsOption(spec: OptionSpec) {
  const extra = spec.kind === 'choice' ? ` [${spec.choices.join('|')}]` : spec.value ? ` (${spec.value})` : '';
  return {
    describe: `${spec.describe}${extra}`,
    group: `${spec.group}:`,
    ...(spec.alias && { alias: spec.alias }),
    ...(spec.kind === 'switch' ? { type: 'boolean' as const } : spec.kind === 'list' ? { type: 'string' as const, array: true as const } : { type: 'string' as const, requiresArg: true }),
  };
}

function positionalsOf(command: Command, parsed: Readonly<Record<string, unknown>>): CommandInput['args'] {
  const names = [...command.positionals.matchAll(/[<[](\w+)[\]>]/g)].map((match) => match[1] ?? '');
  return Object.fromEntries(names.map((name) => [name, parsed[name] === undefined ? undefined : String(parsed[name])]));
}
