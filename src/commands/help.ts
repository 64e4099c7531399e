/** Help, from the tables of commands and flags: examples first, at most 80 columns. */
import { OPTION_NAMES, optionSpec, type OptionName } from '../options.js';
import { valueText } from '../settings.js';
import type { Command } from './command.js';
import { columns, fill } from './text.js';

const GROUPS = [...new Set(OPTION_NAMES.map((name) => optionSpec(name).group))];
const EXIT_CODES: readonly (readonly [string, string])[] = [
  ['0', 'every selected check passes on every selected host'],
  ['1', 'at least one check fails'],
  ['2', 'the run could not be made: usage, files, or a bug'],
  ['3', 'nothing fails, but something is unknown or was not reached'],
  ['130, 143', 'interrupted; finished hosts are reported'],
];

export function helpWidth(terminal: number): number {
  return Math.max(40, Math.min(terminal, 80));
}

/** What `ssh-scorecard` alone and `--help` print. */
export function overview(commands: readonly Command[], width: number): string {
  return [
    'Examples',
    ...example('ssh-scorecard demo', 'see it work: no inventory, no network', width),
    ...example('ssh-scorecard init inventory.yaml', 'start an inventory', width),
    ...example('ssh-scorecard run inventory.yaml --dry-run', 'what would be done', width),
    ...example('ssh-scorecard run inventory.yaml -o junit=junit.xml', 'audit the fleet', width),
    '',
    'Usage: ssh-scorecard COMMAND [FLAGS]',
    '',
    'Commands',
    ...columns(
      commands.map((command) => [usage(command), command.describe] as const),
      width,
      30,
    ),
    '',
    ...fill('ssh-scorecard COMMAND --help shows the flags of a command; -V, --version the version.', width),
    '',
    'Exit codes',
    ...columns(EXIT_CODES, width),
    '',
  ].join('\n');
}

export function commandHelp(command: Command, width: number): string {
  const groups = GROUPS.flatMap((group) => {
    const rows = command.options
      .filter((name) => optionSpec(name).group === group)
      .map((name) => [term(name), meaning(name)] as const);
    return rows.length === 0 ? [] : ['', group, ...columns(rows, width)];
  });
  return [
    'Examples',
    ...command.examples.flatMap(([line, what]) => example(line, what, width)),
    '',
    `Usage: ssh-scorecard ${usage(command)}${command.options.length > 0 ? ' [FLAGS]' : ''}`,
    '',
    ...fill(sentence(command.describe), width),
    ...groups,
    ...(command.options.length > 0
      ? [
          '',
          ...fill(
            'Flags marked * are for the command line only; each other one can be set as SSH_SCORECARD_<FLAG> or in ssh-scorecard.yaml. A flag wins over the environment, the environment over the file.',
            width,
          ),
        ]
      : []),
    '',
  ].join('\n');
}

/** `run INVENTORY`, `init [FILE]`. */
function usage({ name, positionals }: Command): string {
  return [
    name,
    ...positionals.map(({ name: positional, required, many }) => {
      const word = `${positional.toUpperCase()}${many ? '…' : ''}`;
      return required ? word : `[${word}]`;
    }),
  ].join(' ');
}

function example(line: string, what: string, width: number): string[] {
  const start = `  ${line}`;
  if (what === '') return [start];
  const beside = `${start.padEnd(Math.min(48, width - 24))}  # ${what}`;
  return beside.length <= width ? [beside] : [start, `      # ${what}`];
}

function term(name: OptionName): string {
  const spec = optionSpec(name);
  const value = spec.kind === 'choice' ? spec.choices.join('|') : (spec.value ?? '');
  return `${spec.alias ? `-${spec.alias}, ` : '    '}--${name}${value === '' ? '' : ` ${value}`}`;
}

function meaning(name: OptionName): string {
  const spec = optionSpec(name);
  const builtIn =
    spec.otherwise ??
    (spec.kind === 'switch' ? '' : valueText(spec, 'fallback' in spec ? spec.fallback : undefined));
  return `${spec.describe}${builtIn === '' ? '' : ` (default ${builtIn})`}${spec.flagOnly ? ' *' : ''}`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
