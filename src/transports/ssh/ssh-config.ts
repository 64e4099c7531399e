/**
 * The user's ssh_config, as OpenSSH itself resolves it: `ssh -G` prints what would apply to one host, with Include,
 * Match, canonicalisation and defaults done. Asked four at a time (about 5 ms each), and once for all hosts that the files
 * do not tell apart.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { messageOf } from '../../errors.js';
import type { GatherFailure } from '../../model.js';
import { readClasses, retold, type ClassOf } from './config-classes.js';
import { configLines, type ConfigKeyword } from './config-lines.js';
import { errnoOf, failure, socketFailure } from './failure.js';
import { homeOf, localUserOf, type SshSettings } from './settings.js';

const TIMEOUT_MS = 10_000;
const MAX_OUTPUT = 1024 * 1024;
const SYSTEM_CONFIG = '/etc/ssh/ssh_config';

export interface ResolvedConfig {
  readonly hostName: string;
  readonly user: string;
  readonly port: number;
  readonly identityFiles: readonly string[];
  readonly certificateFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** `none`, a path, or absent: SSH_AUTH_SOCK. */
  readonly identityAgent?: string;
  readonly proxyJump: readonly string[];
  readonly proxyCommand?: string;
  readonly knownHostsFiles: readonly string[];
  readonly hostKeyAlias?: string;
  /** There is no `ssh` to ask; ssh's defaults stand above. */
  readonly warning?: string;
  /** `ssh -G` failed: what ssh_config says is not known, so nothing may be connected. */
  readonly failure?: GatherFailure;
}

interface ConfigQuestion {
  readonly alias: string;
  readonly user?: string;
  readonly port?: number;
}

export type ConfigResolver = (question: ConfigQuestion) => Promise<ResolvedConfig>;

/** Never rejects. Without `ssh` on PATH, or with `configFile: none`, ssh's built-in defaults apply. */
export function createConfigResolver(settings: SshSettings): ConfigResolver {
  const cache = new Map<string, Promise<ResolvedConfig>>();
  const limit = pLimit(4);
  const withoutFiles =
    settings.configFile === 'none' ||
    (settings.configFile === undefined &&
      !existsSync(join(homeOf(settings), '.ssh', 'config')) &&
      !existsSync(SYSTEM_CONFIG));
  let unavailable: string | undefined;

  const read = (question: ConfigQuestion, answer: Answer): ResolvedConfig => {
    const fallback = defaultsFor(question, settings);
    if ('text' in answer) return parseSshG(answer.text, fallback, homeOf(settings), settings);
    if ('failure' in answer) return { ...fallback, failure: answer.failure };
    unavailable = answer.warning;
    return { ...fallback, warning: answer.warning };
  };
  const asked = (question: ConfigQuestion): Promise<Answer> =>
    limit(() =>
      unavailable === undefined ? runSsh(question, settings) : Promise.resolve({ warning: unavailable }),
    );

  let classes: ClassOf | undefined;
  /** The first host of each class, and what was said of it. */
  const leaders = new Map<string, { readonly alias: string; readonly answer: Promise<Answer> }>();
  const ask = async (question: ConfigQuestion): Promise<ResolvedConfig> => {
    const { alias, user, port } = question;
    classes ??= readClasses(settings.configFile);
    const kind = classes(alias);
    if (kind === null) return read(question, await asked(question));
    const id = JSON.stringify([kind, user, port]);
    const leader = leaders.get(id) ?? { alias, answer: asked(question) };
    leaders.set(id, leader);
    const answer = await leader.answer;
    if (!('text' in answer)) leaders.delete(id);
    if (leader.alias === alias) return read(question, answer);
    const text = 'text' in answer ? retold(answer.text, leader.alias, alias) : null;
    return read(question, text === null ? await asked(question) : { text });
  };

  return (question) => {
    if (withoutFiles) return Promise.resolve(defaultsFor(question, settings));
    const id = JSON.stringify([question.alias, question.user, question.port]);
    const known = cache.get(id) ?? ask(question);
    cache.set(id, known);
    // What failed for want of processes or files may do better for the next host.
    void known.then((answer) => answer.failure && cache.delete(id));
    return known;
  };
}

type Answer = { readonly text: string } | { readonly warning: string } | { readonly failure: GatherFailure };

function runSsh(question: ConfigQuestion, settings: SshSettings): Promise<Answer> {
  const args = [
    '-G',
    '-T',
    ...(settings.configFile === undefined ? [] : ['-F', settings.configFile]),
    ...(question.user === undefined ? [] : ['-l', question.user]),
    ...(question.port === undefined ? [] : ['-p', String(question.port)]),
    '--',
    question.alias,
  ];
  const program = settings.sshProgram ?? 'ssh';
  return new Promise((resolve) => {
    const child = execFile(
      program,
      args,
      { timeout: TIMEOUT_MS, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT, encoding: 'utf8' },
      (error, stdout, stderr) => {
        if (!error) return resolve({ text: stdout });
        const errno = errnoOf(error);
        if (errno === 'ENOENT')
          return resolve({ warning: `${program} is not on PATH: ssh_config was not read` });
        if (errno !== undefined && errno !== 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
          return resolve({ failure: socketFailure(error, 'resolve', program) });
        const why =
          error.killed === true
            ? `no answer within ${String(TIMEOUT_MS)} ms`
            : stderr.trim().slice(0, 300) || messageOf(error);
        resolve({
          failure: failure(
            'dns',
            'resolve',
            `the address of ${question.alias} is not known, because ssh -G failed: ${why}`,
            'Mend the ssh_config; `ssh -G HOST` shows the same.',
          ),
        });
      },
    );
    child.stdin?.end();
  });
}

/** What ssh(1) uses when no file says otherwise (ssh_config(5)). */
function defaultsFor(question: ConfigQuestion, settings: SshSettings): ResolvedConfig {
  const directory = join(homeOf(settings), '.ssh');
  return {
    hostName: question.alias,
    user: question.user ?? localUserOf(settings),
    port: question.port ?? 22,
    identityFiles: ['id_rsa', 'id_ecdsa', 'id_ecdsa_sk', 'id_ed25519', 'id_ed25519_sk'].map((name) =>
      join(directory, name),
    ),
    certificateFiles: [],
    identitiesOnly: false,
    proxyJump: [],
    knownHostsFiles: [
      join(directory, 'known_hosts'),
      join(directory, 'known_hosts2'),
      '/etc/ssh/ssh_known_hosts',
      '/etc/ssh/ssh_known_hosts2',
    ],
  };
}

/** Reads `ssh -G`'s lines of `keyword value`; keywords it lacks keep the fallback. */
export function parseSshG(
  text: string,
  fallback: ResolvedConfig,
  home: string,
  settings: Pick<SshSettings, 'localUser'>,
): ResolvedConfig {
  const values = new Map<ConfigKeyword, string[]>();
  for (const [keyword, value] of configLines(text))
    values.set(keyword, [...(values.get(keyword) ?? []), value]);
  const one = (keyword: ConfigKeyword): string | undefined => {
    const value = values.get(keyword)?.[0];
    return value === undefined || value === '' || value === 'none' ? undefined : value;
  };
  const hostName = one('hostname') ?? fallback.hostName;
  const user = one('user') ?? fallback.user;
  const port = Number(one('port') ?? fallback.port);
  const path = (value: string): string =>
    expandPath(value, {
      home,
      hostName,
      user,
      port,
      alias: fallback.hostName,
      ...(settings.localUser === undefined ? {} : { localUser: settings.localUser }),
    });
  const paths = (keyword: ConfigKeyword): string[] | undefined =>
    values
      .get(keyword)
      ?.filter((value) => value !== '' && value !== 'none')
      .map(path);
  const known = [
    ...splitPaths(values.get('userknownhostsfile')),
    ...splitPaths(values.get('globalknownhostsfile')),
  ].map(path);
  const agent = values.get('identityagent')?.[0];
  const proxyCommand = one('proxycommand');
  const alias = one('hostkeyalias');
  return {
    hostName,
    user,
    port: Number.isInteger(port) ? port : fallback.port,
    identityFiles: paths('identityfile') ?? fallback.identityFiles,
    certificateFiles: paths('certificatefile') ?? [],
    identitiesOnly: one('identitiesonly') === 'yes',
    proxyJump:
      one('proxyjump')
        ?.split(',')
        .map((hop) => hop.trim()) ?? [],
    knownHostsFiles: values.has('userknownhostsfile') ? known : fallback.knownHostsFiles,
    ...(agent === undefined || agent === '' || /^\$?\{?SSH_AUTH_SOCK\}?$/.test(agent)
      ? {}
      : { identityAgent: agent === 'none' ? agent : path(agent) }),
    ...(proxyCommand === undefined ? {} : { proxyCommand }),
    ...(alias === undefined ? {} : { hostKeyAlias: alias }),
  };
}

/** `ssh -G` does not quote: a word that does not begin like a path belongs to the one before it. */
function splitPaths(lines: readonly string[] | undefined): string[] {
  const paths: string[] = [];
  for (const word of (lines ?? []).join(' ').split(' ')) {
    const last = paths.length - 1;
    if (last >= 0 && !/^[/~%$]|^none$/.test(word)) paths[last] = `${paths[last] ?? ''} ${word}`;
    else if (word !== '') paths.push(word);
  }
  return paths.filter((path) => path !== 'none');
}

interface PathTokens {
  readonly home: string;
  readonly hostName: string;
  readonly alias: string;
  readonly user: string;
  readonly port: number;
  readonly localUser?: string;
}

/** `~` and the tokens of ssh_config(5), TOKENS, that file names may hold; `$VAR` words are done by `ssh -G` itself. */
export function expandPath(path: string, tokens: PathTokens): string {
  const values: Readonly<Record<string, string>> = {
    '%': '%',
    d: tokens.home,
    h: tokens.hostName,
    n: tokens.alias,
    p: String(tokens.port),
    r: tokens.user,
    u: tokens.localUser ?? localUserOf({ now: () => 0 }),
    i: String(process.getuid?.() ?? ''),
    k: tokens.hostName,
  };
  const tilde = path === '~' || path.startsWith('~/') ? tokens.home + path.slice(1) : path;
  return tilde.replace(/%(.)/g, (whole, letter: string) => values[letter] ?? whole);
}
