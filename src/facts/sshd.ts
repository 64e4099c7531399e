/**
 * The effective configuration of this host's sshd, for every account and every connection a Match line can tell apart.
 * Source: sshd(8) `-T -C`, sshd_config(5).
 */
import type { HostEvidence, Reading } from '../model.js';
import { readAccounts } from './accounts.js';
import { daemonOptions, sameOptions, waysStarted } from './daemons.js';
import {
  compareWithSshd,
  enumerateCases,
  evaluate,
  matchBlocks,
  parseConfig,
  type ParsedConfig,
} from './match-engine/index.js';
import { collectedFiles, firstLine, probeReading, records, wordText } from './reading.js';
import { parseSshdT, parseSshdVersion } from './sshd-t.js';
import type { Connection, ConfigFile, SshdCase, SshdFacts, SshdVersion } from './types.js';

/** Complaints about the host, not about the configuration. */
const CANNOT_RUN =
  /Missing privilege separation|must be owned by root and not group|no hostkeys available|not in connection test specification/;

/** One question put to sshd and the number of its answer; 0: it gave none. */
interface Question {
  readonly answer: number;
  readonly connection: Connection;
}

/**
 * @returns not ok when there is no sshd or it told nothing. Gaps: unanswered questions, unreadable files, servers that
 *   run with a configuration other than the one evaluated, and any disagreement between sshd and the configuration text.
 */
export function readSshd(evidence: HostEvidence): Reading<SshdFacts> {
  const probe = probeReading(evidence, 'sshd');
  if (!probe.ok) return probe;
  const rows = records(probe.value);
  const word = (kind: string) => wordText(rows.find((row) => row[0] === kind)?.[1]);
  const binary = word('binary');
  if (binary === '')
    return {
      ok: false,
      reason: 'missing-tool',
      detail: 'no sshd was found on this host: none runs, and none is installed where only root can write',
    };
  const version = parseSshdVersion(word('version'));
  const collected = collectedFiles(rows);
  const files: ConfigFile[] = collected.map(({ path, stat, bytes }) => ({
    path,
    stat,
    text: Buffer.from(bytes).toString('utf8'),
  }));
  const questions = word('cases').split('\n').flatMap(question);
  const answers = new Map(
    rows
      .filter((row) => row[0] === 'answer')
      .map((row) => [Number(row[1]), parseSshdT(wordText(row[2]))] as const),
  );
  const config = configOf(evidence, files, word('flags'), version);
  const told = casesOf(questions, answers, word('classes'), config);
  const derived = files.length > 0 ? enumerateCases(config, config.accounts) : { cases: [], gaps: [] };
  const cases = [...told, ...derived.cases.filter((one) => !told.some((known) => covers(known, one)))];
  const errors = word('error');
  const refusal = `${binary} -T told no configuration: ${decisive(errors) || firstLine(probe.value.stderr) || 'it printed nothing'}`;
  // What the text means is worth nothing where sshd refuses the text itself.
  if (cases.length === 0 || (told.length === 0 && !CANNOT_RUN.test(errors)))
    return { ok: false, reason: 'failed', detail: refusal };
  const silent = questions.filter(({ answer }) => answer === 0);
  const gaps = [
    ...probe.gaps,
    ...rows.filter((row) => row[0] === 'gap').map((row) => wordText(row[1])),
    ...(told.length === 0 ? [refusal] : []),
    ...(silent.length > 0
      ? [
          `${binary} -T gave no answer to ${silent.length} of ${questions.length} questions, first for account ${silent[0]?.connection.user ?? '?'}: ${decisive(errors)}`,
        ]
      : []),
    ...collected
      .filter(({ status }) => status !== 'ok')
      .map(({ path, status }) => `${path} could not be read whole (${status})`),
    ...(files.length === 0
      ? ['no configuration file was collected']
      : [...derived.gaps, ...disagreements(questions, answers, config)]),
    ...(word('match') === '' ? [] : accountGaps(evidence)),
    ...unevaluated(evidence, word('flags')),
  ];
  return {
    ok: true,
    value: { binary, version, files, cases, matchBlocks: matchBlocks(config) },
    gaps: [...new Set(gaps)],
  };
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
  evidence: HostEvidence,
  files: readonly ConfigFile[],
  flags: string,
  version: SshdVersion | null,
): ParsedConfig {
  const accounts = readAccounts(evidence);
  return parseConfig({
    mainPath: files[0]?.path ?? '/etc/ssh/sshd_config',
    files: new Map(files.map(({ path, text }) => [path, text])),
    commandLine: daemonOptions(`sshd\n${flags}`).overrides,
    version,
    accounts: accounts.ok ? accounts.value : [],
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
function covers(told: SshdCase, derived: SshdCase): boolean {
  if (derived.assumes !== undefined) return false;
  const accounts = new Set(told.accounts);
  return (
    derived.accounts.every((name) => accounts.has(name)) &&
    Object.entries(derived.settings).every(([keyword, values]) => sameValues(told.settings[keyword], values))
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
): string[] {
  const found = questions.flatMap(({ answer, connection }) => {
    const settings = answers.get(answer);
    if (settings === undefined) return [];
    return compareWithSshd(config, connection, settings).map(
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

/** Match lines were evaluated for the accounts that are known: what the collector left out, was not. */
function accountGaps(evidence: HostEvidence): string[] {
  const probe = probeReading(evidence, 'accounts');
  if (!probe.ok) return [];
  return [
    ...probe.gaps,
    ...records(probe.value)
      .filter((row) => row[0] === 'gap')
      .map((row) => wordText(row[1])),
  ];
}

/** Servers and units whose options or configuration file are not those sshd was asked with. */
function unevaluated(evidence: HostEvidence, flags: string): string[] {
  const probe = probeReading(evidence, 'daemons');
  if (!probe.ok) return [`whether other servers run is not known: ${probe.detail}`];
  const asked = daemonOptions(`sshd\n${flags}`);
  const { processes, units, files, sessions } = waysStarted(evidence);
  const seen = processes.length > 0 || sessions > 0;
  const running = processes
    .filter(({ uid, options }) => uid !== 0 || !sameOptions(options, asked))
    .map(
      ({ pid, uid, commandLine }) =>
        `another sshd (pid ${pid}, uid ${uid}) runs as \`${commandLine.slice(0, 200)}\`: its configuration was not evaluated`,
    );
  const started = units
    .filter(({ active, options }) => (active || !seen) && !sameOptions(options, asked))
    .map(
      ({ name, execStart }) =>
        `${name} starts sshd as \`${execStart.slice(0, 200)}\`: that configuration was not evaluated`,
    );
  const inFiles = files
    .filter(({ options }) => processes.length === 0 && !sameOptions(options, asked))
    .map(
      ({ path, line, value }) =>
        `${path}:${line} gives sshd the options \`${value.slice(0, 200)}\`, which were not evaluated`,
    );
  const nobody =
    seen || units.some(({ active }) => active)
      ? []
      : ['no running sshd was found: whether what is on disk is what serves logins is not known'];
  return [...running, ...started, ...inFiles, ...nobody];
}
