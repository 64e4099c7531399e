/**
 * Every flag once. Parsing, help, completion, environment names and the settings file derive from this table.
 * Secrets are never flags.
 */

interface Common {
  readonly describe: string;
  readonly group: 'What to audit' | 'How to reach hosts' | 'Limits' | 'Output' | 'Judgement' | 'General';
  readonly alias?: string;
  /** Shown in help in place of the value. */
  readonly value?: string;
  /** What holds when nothing is given, in words, where there is no built-in value to print. */
  readonly otherwise?: string;
  /** Only on the command line: neither the environment nor a configuration file may set it. */
  readonly flagOnly?: true;
}

export type OptionSpec =
  | (Common & { readonly kind: 'text'; readonly fallback?: string })
  | (Common & { readonly kind: 'switch'; readonly fallback: false })
  | (Common & {
      readonly kind: 'integer';
      readonly fallback: number;
      readonly min: number;
      readonly max: number;
    })
  /** Milliseconds inside; `30s`, `2m`, `1h30m` outside. */
  | (Common & {
      readonly kind: 'duration';
      readonly fallback: number;
      readonly min: number;
      readonly max: number;
    })
  /** Bytes inside; `512K`, `16M` outside. */
  | (Common & {
      readonly kind: 'bytes';
      readonly fallback: number;
      readonly min: number;
      readonly max: number;
    })
  | (Common & { readonly kind: 'choice'; readonly choices: readonly string[]; readonly fallback: string })
  /** Repeatable. */
  | (Common & { readonly kind: 'list'; readonly fallback: readonly string[] });

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const MiB = 1024 * 1024;

const OPTIONS = {
  host: {
    kind: 'list',
    group: 'What to audit',
    value: 'GLOB',
    fallback: [],
    describe: 'only hosts whose name matches (repeatable; * ? and [01-40]; !GLOB leaves out)',
  },
  tag: {
    kind: 'list',
    group: 'What to audit',
    value: 'TAG',
    fallback: [],
    describe: 'only hosts with this tag (repeatable)',
  },
  environment: {
    kind: 'list',
    group: 'What to audit',
    value: 'ENV',
    fallback: [],
    describe: 'only hosts of this environment (repeatable)',
  },
  check: {
    kind: 'list',
    group: 'What to audit',
    value: 'ID',
    fallback: [],
    describe: 'only this check, by ID or number (repeatable)',
  },
  'skip-check': {
    kind: 'list',
    group: 'What to audit',
    value: 'ID',
    fallback: [],
    describe: 'all checks but this one (repeatable)',
  },
  plugin: {
    kind: 'list',
    group: 'What to audit',
    value: 'FILE',
    fallback: [],
    describe: 'load checks or reports from a module (repeatable)',
  },

  user: {
    kind: 'text',
    group: 'How to reach hosts',
    alias: 'l',
    value: 'NAME',
    otherwise: "the inventory's, then ssh_config's, then yours",
    describe: 'login name; wins over inventory and ssh_config',
  },
  port: {
    kind: 'integer',
    group: 'How to reach hosts',
    alias: 'p',
    value: 'N',
    fallback: 0,
    min: 0,
    max: 65_535,
    otherwise: '0: theirs, else 22',
    describe: 'port; wins over inventory and ssh_config',
  },
  identity: {
    kind: 'text',
    group: 'How to reach hosts',
    alias: 'i',
    value: 'FILE',
    otherwise: "the agent's, ssh_config's, ~/.ssh/id_*",
    describe: 'private key file; FILE-cert.pub beside it is its certificate',
  },
  certificate: {
    kind: 'text',
    group: 'How to reach hosts',
    value: 'FILE',
    otherwise: 'FILE-cert.pub beside the identity',
    describe: 'certificate file for the identity',
  },
  jump: {
    kind: 'text',
    group: 'How to reach hosts',
    alias: 'J',
    value: 'HOST,…',
    otherwise: "the inventory's, then ssh_config's",
    describe: 'bastions, nearest first; wins over inventory and ssh_config',
  },
  'ssh-config': {
    kind: 'text',
    group: 'How to reach hosts',
    alias: 'F',
    value: 'FILE',
    otherwise: '~/.ssh/config and /etc/ssh/ssh_config',
    describe: 'ssh_config to honour; none: do not read any',
  },
  'known-hosts': {
    kind: 'list',
    group: 'How to reach hosts',
    value: 'FILE',
    fallback: [],
    otherwise: "ssh_config's, else ~/.ssh and /etc/ssh",
    describe: 'known_hosts files instead of the usual ones (repeatable)',
  },
  'no-agent': {
    kind: 'switch',
    group: 'How to reach hosts',
    fallback: false,
    describe: 'do not ask ssh-agent',
  },

  concurrency: {
    kind: 'integer',
    group: 'Limits',
    alias: 'c',
    value: 'N',
    fallback: 50,
    min: 1,
    max: 2000,
    describe: 'hosts at a time',
  },
  'connect-timeout': {
    kind: 'duration',
    group: 'Limits',
    value: 'TIME',
    fallback: 10 * SECOND,
    min: 100,
    max: HOUR,
    describe: 'TCP connect',
  },
  'handshake-timeout': {
    kind: 'duration',
    group: 'Limits',
    value: 'TIME',
    fallback: 15 * SECOND,
    min: 100,
    max: HOUR,
    describe: 'banner and key exchange',
  },
  'login-timeout': {
    kind: 'duration',
    group: 'Limits',
    value: 'TIME',
    fallback: 15 * SECOND,
    min: 100,
    max: HOUR,
    describe: 'authentication',
  },
  'first-byte-timeout': {
    kind: 'duration',
    group: 'Limits',
    value: 'TIME',
    fallback: 20 * SECOND,
    min: 100,
    max: HOUR,
    describe: 'from exec to the first byte',
  },
  'idle-timeout': {
    kind: 'duration',
    group: 'Limits',
    value: 'TIME',
    fallback: MINUTE,
    min: 100,
    max: HOUR,
    describe: 'longest silence',
  },
  timeout: {
    kind: 'duration',
    group: 'Limits',
    value: 'TIME',
    fallback: 2 * MINUTE,
    min: 100,
    max: 24 * HOUR,
    describe: 'everything together, per host',
  },
  'max-output': {
    kind: 'bytes',
    group: 'Limits',
    value: 'SIZE',
    fallback: 16 * MiB,
    min: 4096,
    max: 1024 * MiB,
    describe: 'bytes taken from one host',
  },
  retries: {
    kind: 'integer',
    group: 'Limits',
    value: 'N',
    fallback: 3,
    min: 0,
    max: 20,
    describe: 'further attempts after a dropped connection (never after a refused login or host key)',
  },

  format: {
    kind: 'text',
    group: 'Output',
    alias: 'f',
    value: 'KIND',
    fallback: 'table',
    describe:
      "what standard output gets: table, json, junit, csv, github, markdown, ocsf, oscal, prometheus, sarif or a plug-in's",
  },
  output: {
    kind: 'list',
    group: 'Output',
    alias: 'o',
    value: 'KIND=PATH',
    fallback: [],
    describe:
      'also write a file, of the same kinds, e.g. junit=junit.xml; - as PATH: standard output, instead of --format (repeatable)',
  },
  evidence: {
    kind: 'text',
    group: 'Output',
    value: 'DIR',
    otherwise: 'not kept',
    describe: 'keep the raw evidence in a new run folder under DIR',
  },
  quiet: {
    kind: 'switch',
    group: 'Output',
    alias: 'q',
    fallback: false,
    describe: 'no progress, no warnings',
  },
  verbose: {
    kind: 'switch',
    group: 'Output',
    alias: 'v',
    fallback: false,
    describe: 'show passes and evidence too; stack of internal errors',
  },
  color: {
    kind: 'choice',
    group: 'Output',
    choices: ['auto', 'always', 'never'],
    fallback: 'auto',
    value: 'WHEN',
    describe: 'colour (NO_COLOR and FORCE_COLOR are honoured)',
  },
  'no-color': { kind: 'switch', group: 'Output', fallback: false, describe: 'same as --color never' },
  ascii: { kind: 'switch', group: 'Output', fallback: false, describe: 'draw with ASCII only' },
  'no-progress': { kind: 'switch', group: 'Output', fallback: false, describe: 'no progress line' },

  now: {
    kind: 'text',
    group: 'Judgement',
    value: 'ISO',
    otherwise: "the clock; for audit, the run's own",
    describe: 'judge at this instant (ISO 8601 with zone)',
  },
  'require-closure': {
    kind: 'switch',
    group: 'Judgement',
    fallback: false,
    describe: 'exit 0 only when the verdict is closed',
  },
  'dry-run': {
    kind: 'switch',
    group: 'General',
    fallback: false,
    flagOnly: true,
    describe: 'show hosts, users, routes and the exact script; connect to nothing',
  },
  config: {
    kind: 'text',
    group: 'General',
    value: 'FILE',
    flagOnly: true,
    otherwise: './ssh-scorecard.yaml if it is there',
    describe: 'settings file; none: do not read any',
  },
} as const satisfies Readonly<Record<string, OptionSpec>>;

export type OptionName = keyof typeof OPTIONS;

type ValueOf<S> = S extends { kind: 'text'; fallback: string }
  ? string
  : S extends { kind: 'text' }
    ? string | undefined
    : S extends { kind: 'switch' }
      ? boolean
      : S extends { kind: 'integer' | 'duration' | 'bytes' }
        ? number
        : S extends { kind: 'choice'; choices: readonly (infer C)[] }
          ? C
          : readonly string[];

/** One value per flag, validated, defaults applied. */
export type Settings = { readonly [K in OptionName]: ValueOf<(typeof OPTIONS)[K]> };

export const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[];

export function optionSpec(name: OptionName): OptionSpec {
  return OPTIONS[name];
}

/** `first-byte-timeout` -> `SSH_SCORECARD_FIRST_BYTE_TIMEOUT`. */
export function environmentName(name: OptionName): string {
  return `SSH_SCORECARD_${name.toUpperCase().replaceAll('-', '_')}`;
}
