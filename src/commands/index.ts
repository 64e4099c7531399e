/** The commands: one file each. yargs parses; values are validated by settings.ts, never by yargs. */
import yargs, { type Argv } from 'yargs';
import { UserError } from '../errors.js';
import { didYouMean } from '../inventory/suggest.js';
import type { Io } from '../io.js';
import { optionSpec, type OptionSpec } from '../options.js';
import { tuneWhenLoaded } from '../tuning.js';
import { COMMANDS } from './table.js';

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
  const completes = argv[0] === 'completion' || argv.includes('--get-yargs-completions');
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
    .strict(!completes)
    .help(false)
    .version(false)
    .completion('completion', 'print a completion script for bash, zsh or fish')
    .fail((message, error) => {
      if (error) throw error;
      throw new UserError('usage', plain(message), { hint: flagHint(message, argv) });
    });
  for (const command of COMMANDS) {
    const positionals = command.positionals.map(({ name, required, many }) =>
      required ? `<${name}${many ? '..' : ''}>` : `[${name}${many ? '..' : ''}]`,
    );
    const many = command.positionals.find((positional) => positional.many)?.name ?? '';
    parser.command(
      [command.name, ...positionals].join(' '),
      command.describe,
      (sub) => {
        for (const name of command.options) sub.option(name, yargsOption(optionSpec(name), !completes));
        return sub;
      },
      async (parsed) => {
        const args = command.positionals.map(({ name }) => [name, wordOf(parsed[name])] as const);
        const run = await command.load();
        tuneWhenLoaded();
        finish(
          await run({
            args: Object.fromEntries(args),
            words: wordsOf(parsed[many]),
            flags: parsed,
            io,
          }),
        );
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

/** @param hidden from yargs' own help: nobody sees that one, and to lay it out takes 36 ms of every command. */
function yargsOption(spec: OptionSpec, hidden: boolean) {
  return {
    describe: spec.describe,
    hidden,
    ...(spec.alias && { alias: spec.alias }),
    ...(spec.kind === 'switch'
      ? { type: 'boolean' as const }
      : spec.kind === 'list'
        ? { type: 'string' as const, array: true as const }
        : { type: 'string' as const, requiresArg: !('bare' in spec) }),
  };
}

/** A positional as typed: numbers are parsed by nobody, but yargs may hand one over, and `true` for a lone `-`. */
function wordOf(value: unknown): string | undefined {
  if (value === true) return '-';
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function wordsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
