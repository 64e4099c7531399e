/**
 * What one sshd answered, and what its configuration text says besides, for every account and connection.
 * Source: sshd(8) `-T -C`, sshd_config(5).
 */
import {
  compareWithSshd,
  enumerateCases,
  evaluate,
  matchBlocks,
  parseConfig,
  type ParsedConfig,
} from './match-engine/index.js';
import { rememberedByText } from '../memo.js';
import type { SshdServer } from './sshd-servers.js';
import type { Account, ConfigFile, Connection, MatchBlock, SshdCase, SshdVersion } from './types.js';

/** Complaints about the host, not about the configuration. */
const CANNOT_RUN =
  /Missing privilege separation|must be owned by root and not group|no hostkeys available|not in connection test specification/;

/** What all servers of a host share. */
export interface Shared {
  readonly answers: ReadonlyMap<number, SshdCase['settings']>;
  readonly files: readonly Pick<ConfigFile, 'path' | 'text'>[];
  readonly accounts: readonly Account[];
  readonly version: SshdVersion | null;
}

export interface ServerCases {
  /** Empty: sshd told nothing, and its configuration text is worth nothing either. */
  readonly cases: readonly SshdCase[];
  readonly matchBlocks: readonly MatchBlock[];
  readonly gaps: readonly string[];
  /** The complaint that stopped sshd, if any. */
  readonly complaint: string;
}

/** One question put to sshd and the number of its answer; 0: it gave none. */
interface Question {
  readonly answer: number;
  readonly connection: Connection;
}

/**
 * Servers with the same configuration, accounts and answers, as the hosts of one role have, have the same cases. The
 * key is everything that is read; of files that is path and text, not when they were written.
 */
export const casesOfServer = rememberedByText(readCases, (server, { answers, files, accounts, version }) =>
  JSON.stringify([server, [...answers], files.map(({ path, text }) => [path, text]), accounts, version]),
);

function readCases(server: SshdServer, shared: Shared): ServerCases {
  const files = server.files
    ? server.files.flatMap((path) => shared.files.find((file) => file.path === path) ?? [])
    : shared.files;
  const questions = server.cases.split('\n').flatMap(question);
  const config = configOf(server, files, shared);
  const told = casesOf(questions, shared.answers, server.classes, config);
  const derived = files.length > 0 ? enumerateCases(config, config.accounts) : { cases: [], gaps: [] };
  const complaint = decisive(server.errors);
  // What the text means is worth nothing where sshd refuses the text itself.
  if (told.length === 0 && !CANNOT_RUN.test(server.errors))
    return { cases: [], matchBlocks: [], gaps: [], complaint };
  const beyondFiles = server.portGiven ? ['port', 'listenaddress'] : [];
  const silent = questions.filter(({ answer }) => answer === 0);
  const all = [
    ...told,
    ...derived.cases.filter((one) => !told.some((known) => covers(known, one, beyondFiles))),
  ];
  return {
    cases: all.map((one) => ({ ...one, ...(server.daemon && { daemon: server.daemon }) })),
    matchBlocks: matchBlocks(config),
    complaint,
    gaps: [
      ...(told.length === 0 ? [refusal(server, complaint)] : []),
      ...(silent.length > 0
        ? [
            `${server.daemon?.command ?? server.binary} -T gave no answer to ${silent.length} of ${questions.length} questions, first for account ${silent[0]?.connection.user ?? '?'}: ${complaint}`,
          ]
        : []),
      ...(files.length === 0
        ? ['no configuration file was collected']
        : [...derived.gaps, ...disagreements(questions, shared.answers, config, beyondFiles)]),
    ],
  };
}

/** That sshd told nothing, in its own words. */
export function refusal(server: SshdServer, complaint: string): string {
  return `${server.daemon?.command ?? server.binary} -T told no configuration: ${complaint || 'it printed nothing'}`;
}

/** `answer rc user host address local-address local-port`, tab-separated. */
function question(line: string): Question[] {
  const [answer = '', , user = '', host = '', address = '', localAddress = '', port] = line.split('\t');
  if (!/^\d{1,6}$/.test(answer) || port === undefined) return [];
  return [
    { answer: Number(answer), connection: { user, host, address, localAddress, localPort: Number(port) } },
  ];
}

function configOf(
  server: SshdServer,
  files: readonly Pick<ConfigFile, 'path' | 'text'>[],
  { accounts, version }: Shared,
): ParsedConfig {
  return parseConfig({
    mainPath: files[0]?.path ?? '/etc/ssh/sshd_config',
    files: new Map(files.map(({ path, text }) => [path, text])),
    commandLine: server.options.overrides,
    version,
    accounts,
  });
}

/** One case per answer and connection, with the accounts of everyone who got it. */
function casesOf(
  questions: readonly Question[],
  answers: ReadonlyMap<number, SshdCase['settings']>,
  classText: string,
  config: ParsedConfig,
): SshdCase[] {
  const classes = new Map<string, string[]>();
  for (const line of classText.split('\n')) {
    const [asked = '', account = ''] = line.split('\t');
    if (account === '') continue;
    const known = classes.get(asked);
    if (known) known.push(account);
    else classes.set(asked, [account]);
  }
  const groups = new Map<string, Question[]>();
  for (const asked of questions) {
    const { user: _user, ...way } = asked.connection;
    const key = JSON.stringify([asked.answer, way]);
    groups.set(key, [...(groups.get(key) ?? []), asked]);
  }
  return [...groups.values()].flatMap((group): SshdCase[] => {
    const [first] = group;
    const settings = first && answers.get(first.answer);
    if (!first || !settings) return [];
    return [
      {
        witness: first.connection,
        accounts: [...new Set(group.flatMap(({ connection }) => classes.get(connection.user) ?? []))],
        settings,
        origins: evaluate(config, first.connection, account(config, first.connection.user)).origins,
        by: 'sshd',
      },
    ];
  });
}

function account(config: ParsedConfig, name: string): ParsedConfig['accounts'][number] | null {
  return config.accounts.find((one) => one.name === name) ?? null;
}

/** Whether sshd itself told all that the engine derived: the same settings for all of its accounts. */
function covers(told: SshdCase, derived: SshdCase, beyondFiles: readonly string[]): boolean {
  if (derived.assumes !== undefined) return false;
  const accounts = new Set(told.accounts);
  return (
    derived.accounts.every((name) => accounts.has(name)) &&
    Object.entries(derived.settings).every(
      ([keyword, values]) => beyondFiles.includes(keyword) || sameValues(told.settings[keyword], values),
    )
  );
}

function sameValues(one: readonly string[] | undefined, other: readonly string[]): boolean {
  return (
    one?.length === other.length &&
    one.every((value, index) => value.toLowerCase() === other[index]?.toLowerCase())
  );
}

/** What sshd answered against what its configuration text means: any difference, and neither is believed. */
function disagreements(
  questions: readonly Question[],
  answers: ReadonlyMap<number, SshdCase['settings']>,
  config: ParsedConfig,
  beyondFiles: readonly string[],
): string[] {
  const found = questions.flatMap(({ answer, connection }) => {
    const settings = answers.get(answer);
    if (settings === undefined) return [];
    return compareWithSshd(config, connection, settings)
      .filter(({ keyword }) => !beyondFiles.includes(keyword))
      .map(
        ({ keyword, engine, sshd }) =>
          `disagreement on ${keyword}: sshd -T prints \`${sshd.join(' | ')}\`, the configuration text says \`${engine.join(' | ')}\``,
      );
  });
  return [...new Set(found)].slice(0, 5);
}

/** Of the questions and complaints the probe kept, the complaint that stopped sshd. */
function decisive(errors: string): string {
  const lines = errors.split('\n').filter((line) => line !== '' && !line.startsWith('user='));
  return (
    lines.find((line) =>
      /bad configuration option|Missing privilege|no hostkeys|not in connection test|Permission denied|Bad |Invalid |must be owned|cannot be satisfied|not allowed/i.test(
        line,
      ),
    ) ??
    lines[0] ??
    ''
  ).slice(0, 300);
}
