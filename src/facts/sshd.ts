/**
 * The effective configuration of this host's sshd, for every account and every connection a Match line can tell apart.
 * Source: sshd(8) `-T -C`, sshd_config(5).
 */
import type { HostEvidence, Reading } from '../model.js';
import { readAccounts } from './accounts.js';
import { sameOptions } from './daemon-options.js';
import { waysStarted } from './daemons.js';
import { collectedFiles, firstLine, probeReading, records, toldGaps, wordText } from './reading.js';
import { casesOfServer, refusal, type ServerCases } from './sshd-cases.js';
import { sshdServers, type SshdServer } from './sshd-servers.js';
import { parseSshdT, parseSshdVersion } from './sshd-t.js';
import type { ConfigFile, MatchBlock, SshdFacts } from './types.js';

/**
 * @returns not ok when there is no sshd or it told nothing. Gaps: unanswered questions, unreadable files, servers that
 *   run with a configuration that was not evaluated, and any disagreement between sshd and the configuration text.
 */
export function readSshd(evidence: HostEvidence): Reading<SshdFacts> {
  const probe = probeReading(evidence, 'sshd');
  if (!probe.ok) return probe;
  const rows = records(probe.value);
  const servers = sshdServers(evidence);
  const [main, ...others] = servers;
  if (!main || main.binary === '')
    return {
      ok: false,
      reason: 'missing-tool',
      detail: 'no sshd was found on this host: none runs, and none is installed where only root can write',
    };
  const accounts = readAccounts(evidence);
  const collected = collectedFiles(rows);
  const files: ConfigFile[] = collected.map(({ path, stat, bytes }) => ({
    path,
    stat,
    text: Buffer.from(bytes).toString('utf8'),
  }));
  const version = parseSshdVersion(wordText(rows.find((row) => row[0] === 'version')?.[1]));
  const answers = new Map(
    rows
      .filter((row) => row[0] === 'answer')
      .map((row) => [Number(row[1]), parseSshdT(wordText(row[2]))] as const),
  );
  const shared = { answers, files, accounts: accounts.ok ? accounts.value : [], version };
  const own = casesOfServer(main, shared);
  const beside = others.map((server) => ({ server, found: casesOfServer(server, shared) }));
  // With nothing told by the main one, a fault of another is still a fault.
  const all = [own, ...beside.map(({ found }) => found)];
  const cases = all.flatMap((found) => found.cases);
  if (cases.length === 0)
    return {
      ok: false,
      reason: 'failed',
      detail: refusal(main, own.complaint || firstLine(probe.value.stderr)),
    };
  const gaps = [
    ...probe.gaps,
    ...toldGaps(rows),
    ...(own.cases.length === 0 ? [refusal(main, own.complaint)] : []),
    ...all.flatMap((found) => found.gaps),
    ...beside.flatMap(({ server, found }) => silentServer(server, found)),
    ...collected
      .filter(({ status }) => status !== 'ok')
      .map(({ path, status }) => `${path} could not be read whole (${status})`),
    ...(servers.every(({ match }) => match === '') ? [] : accountGaps(evidence)),
    ...unevaluated(evidence, servers),
  ];
  return {
    ok: true,
    value: { binary: main.binary, version, files, cases, matchBlocks: distinctBlocks(all) },
    gaps: [...new Set(gaps)],
  };
}

function silentServer(server: SshdServer, { cases, complaint }: ServerCases): string[] {
  return cases.length > 0
    ? []
    : [`${refusal(server, complaint)} (started by ${server.daemon?.startedBy ?? '?'})`];
}

/** Two servers may read the same file. */
function distinctBlocks(all: readonly ServerCases[]): MatchBlock[] {
  const blocks = all.flatMap((found) => found.matchBlocks);
  return [...new Map(blocks.map((block) => [`${block.at.path}:${block.at.line}`, block])).values()];
}

/** Match lines were evaluated for the accounts that are known: what the collector left out, was not. */
function accountGaps(evidence: HostEvidence): string[] {
  const probe = probeReading(evidence, 'accounts');
  if (!probe.ok) return [];
  return [...probe.gaps, ...toldGaps(records(probe.value))];
}

/** Servers and units whose configuration is none of those sshd was asked for. */
function unevaluated(evidence: HostEvidence, servers: readonly SshdServer[]): string[] {
  const probe = probeReading(evidence, 'daemons');
  if (!probe.ok) return [`whether other servers run is not known: ${probe.detail}`];
  const { processes, commands, files, sessions, activated } = waysStarted(evidence);
  const running = processes
    .filter(({ evaluated }) => !evaluated)
    .map(
      ({ pid, uid, commandLine }) =>
        `another sshd (pid ${pid}, uid ${uid}) runs as \`${commandLine.slice(0, 200)}\`: its configuration was not evaluated`,
    );
  const started = commands
    .filter(({ evaluated }) => !evaluated)
    .map(
      ({ source, command }) =>
        `${source} starts sshd as \`${command.slice(0, 200)}\`: that configuration was not evaluated`,
    );
  const inFiles = files
    .filter(
      ({ options }) =>
        processes.length === 0 &&
        commands.length === 0 &&
        !servers.some((server) => sameOptions(options, server.options)),
    )
    .map(
      ({ path, line, value }) =>
        `${path}:${line} gives sshd the options \`${value.slice(0, 200)}\`, which were not evaluated`,
    );
  const nobody =
    processes.length > 0 || sessions > 0 || activated
      ? []
      : ['no running sshd was found: whether what is on disk is what serves logins is not known'];
  return [...running, ...started, ...inFiles, ...nobody];
}
