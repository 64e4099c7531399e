/**
 * What Git is asked about the inventory. Nothing is fetched or written: the central repository is asked with
 * `git ls-remote`. Source: git-rev-parse(1), git-ls-remote(1), git-log(1), gitformat of `%G?` in git-log(1).
 */
import { realpathSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import type { SourceAnswer, SourceFailure } from '../../model.js';
import { answerOf } from '../recorder.js';
import type { CommandResult } from '../command.js';
import type { GitSettings } from '../settings/git.js';
import type { Asked, SourceContext } from '../source.js';
import { gitIn } from './commands.js';

/** Sizes of the inventory that are read from its history, newest and oldest included. */
const SIZES = 12;
const GROWTH_WINDOW = '90 days ago';
/** Fields and records of `git log`, in bytes no author can type into a name. */
const UNIT = '\u001f';
const RECORD = '\u001e';

export async function askGit(settings: GitSettings, context: SourceContext): Promise<Asked> {
  const answers: Record<string, SourceAnswer> = {};
  const failures: SourceFailure[] = [];
  const file = realPath(resolve(context.cwd, context.inventoryPath));
  const directory = settings.repository ? resolve(dirname(file), settings.repository) : dirname(file);
  const signers = settings.allowed_signers
    ? ['-c', `gpg.ssh.allowedSignersFile=${resolve(dirname(file), settings.allowed_signers)}`]
    : [];
  const git = gitIn(directory, context, signers);
  const ask = async (name: string, args: readonly string[], maxBytes?: number): Promise<CommandResult> => {
    const result = await git(args, maxBytes);
    answers[name] = answerOf({
      asked: `git ${args.join(' ')}`,
      at: new Date(),
      status: result.status,
      bytes: withoutCredentials(result),
      cut: result.cut,
    });
    return result;
  };
  const top = await ask('top', ['rev-parse', '--show-toplevel']);
  if (top.status !== 0) {
    failures.push(
      top.status === 127
        ? { code: 'not-found', detail: 'git is not installed here', hint: 'apt-get install git' }
        : { code: 'not-found', detail: `${directory} is not in a Git repository: ${firstLine(top.stderr)}` },
    );
    return { answers, failures };
  }
  const path = relative(realPath(text(top)), file);
  const head = await ask('head', ['rev-parse', 'HEAD']);
  await ask('tracked', ['ls-files', '--error-unmatch', '--', file]);
  await ask('blob-committed', ['rev-parse', `HEAD:${path}`]);
  await ask('blob-here', ['hash-object', '--no-filters', '--', file]);
  if (head.status === 0) await askCentral(settings, text(head), ask, failures);
  await ask('sign-off', [
    'log',
    '--max-count=20',
    '--extended-regexp',
    '--grep=^Operational-Closure: ',
    `--format=%H${UNIT}%cI${UNIT}%aN${UNIT}%aE${UNIT}%G?${UNIT}%(trailers:key=Operational-Closure,valueonly,separator=%x2C)${RECORD}`,
  ]);
  await askSizes(path, ask);
  return { answers, failures };
}

type Ask = (name: string, args: readonly string[], maxBytes?: number) => Promise<CommandResult>;

/** Whether the central repository has the commit. */
async function askCentral(
  settings: GitSettings,
  head: string,
  ask: Ask,
  failures: SourceFailure[],
): Promise<void> {
  const upstream = await ask('upstream', [
    'rev-parse',
    '--abbrev-ref',
    '--symbolic-full-name',
    '@{upstream}',
  ]);
  const tracking = upstream.status === 0 ? text(upstream) : '';
  const slash = tracking.indexOf('/');
  const remote = settings.remote ?? (slash > 0 ? tracking.slice(0, slash) : 'origin');
  const current = await ask('branch', ['rev-parse', '--abbrev-ref', 'HEAD']);
  const branch = settings.branch ?? (slash > 0 ? tracking.slice(slash + 1) : text(current));
  const url = await ask('remote-url', ['remote', 'get-url', remote]);
  if (url.status !== 0) {
    failures.push({
      code: 'not-found',
      detail: `the repository has no remote ${remote}: it is not a copy of a central one`,
    });
    return;
  }
  const heads = await ask('central', [
    'ls-remote',
    // The repository's own configuration may name another program.
    '--upload-pack=git-upload-pack',
    '--heads',
    '--',
    remote,
    `refs/heads/${branch}`,
  ]);
  if (heads.status !== 0) {
    failures.push({
      code: heads.status === 124 ? 'timeout' : 'unreachable',
      detail: `${remote} could not be asked for ${branch}: ${firstLine(heads.stderr)}`,
      hint: 'git ls-remote must work from here without a prompt',
    });
    return;
  }
  const central = /^([0-9a-f]{40,64})\t/.exec(text(heads))?.[1];
  if (central === undefined) {
    failures.push({ code: 'not-found', detail: `${remote} has no branch ${branch}` });
    return;
  }
  if (central !== head) await ask('contains', ['merge-base', '--is-ancestor', head, central]);
}

/** The inventory at a dozen moments of the last months, for growth. */
async function askSizes(path: string, ask: Ask): Promise<void> {
  const log = await ask('history', [
    'log',
    `--since=${GROWTH_WINDOW}`,
    '--max-count=2000',
    `--format=%H${UNIT}%cI`,
    '--',
    `:(top,literal)${path}`,
  ]);
  if (log.status !== 0) return;
  const commits = text(log).split('\n').filter(Boolean);
  const step = Math.max(1, (commits.length - 1) / (SIZES - 1));
  const chosen = new Set(Array.from({ length: SIZES }, (_, index) => Math.round(index * step)));
  for (const index of chosen) {
    const commit = commits[index]?.split(UNIT)[0];
    if (commit !== undefined && /^[0-9a-f]{40,64}$/.test(commit))
      await ask(`size/${commit}`, ['cat-file', 'blob', `${commit}:${path}`]);
  }
}

function text({ stdout }: CommandResult): string {
  return stdout.toString('utf8').trim();
}

function firstLine(stderr: string): string {
  return stderr.split('\n', 1)[0]?.replaceAll(/\/\/[^@/\s]*@/g, '//') || 'no reason given';
}

/** `https://user:token@host/` is a secret in a URL. */
function withoutCredentials({ stdout }: CommandResult): Buffer {
  const shown = stdout.toString('utf8');
  return /\/\/[^@/\s]*@/.test(shown) ? Buffer.from(shown.replaceAll(/\/\/[^@/\s]*@/g, '//')) : stdout;
}

/** As Git names it: without symbolic links. A path that is not there stays as it is, and Git says so. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
