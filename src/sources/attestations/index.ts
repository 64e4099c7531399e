/**
 * `sources.attestations`: statements kept as files, each with what vouches for it: a signature beside it
 * (ssh-keygen(1), `-Y verify`) and the signature of the last Git commit that touched it.
 */
import { lstat, readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { messageOf } from '../../errors.js';
import type { SourceAnswer, SourceFailure } from '../../model.js';
import { answerOf } from '../recorder.js';
import { runCommand } from '../command.js';
import { gitIn } from '../git/commands.js';
import { attestationSettings, type AttestationSettings } from '../settings/attestations.js';
import type { Asked, SourceContext, SourceDiagnosis, SourceType } from '../source.js';

const NAMESPACE = 'ssh-scorecard-attestation';
const MOST_FILES = 500;
const MOST_BYTES = 256 * 1024;
const DEEPEST = 6;

async function ask(settings: AttestationSettings, context: SourceContext): Promise<Asked> {
  const base = dirname(resolve(context.cwd, context.inventoryPath));
  const answers: Record<string, SourceAnswer> = {};
  const failures: SourceFailure[] = [];
  const paths = typeof settings.path === 'string' ? [settings.path] : settings.path;
  const files: string[] = [];
  for (const path of paths) {
    try {
      files.push(...(await filesBelow(resolve(base, path), DEEPEST)));
    } catch (error) {
      failures.push({ code: 'not-found', detail: `cannot read ${path}: ${messageOf(error)}` });
    }
  }
  const chosen = [...new Set(files)].sort();
  if (chosen.length > MOST_FILES)
    failures.push({ code: 'too-much', detail: `${chosen.length} statements; only ${MOST_FILES} were read` });
  const signers =
    settings.allowed_signers === undefined ? undefined : resolve(base, settings.allowed_signers);
  for (const file of chosen.slice(0, MOST_FILES)) {
    const name = relative(base, file);
    try {
      const bytes = await readFile(file);
      answers[`file/${name}`] = keep(`read ${name}`, 0, bytes);
      const signature = signers && (await verified(file, bytes, signers, context));
      if (signature) answers[`signature/${name}`] = signature;
      const commit = await committed(file, signers, context);
      if (commit) answers[`commit/${name}`] = commit;
    } catch (error) {
      failures.push({ code: 'not-found', detail: `cannot read ${name}: ${messageOf(error)}` });
    }
  }
  return { answers, failures };
}

function keep(asked: string, status: number, bytes: Buffer): SourceAnswer {
  return answerOf({ asked, at: new Date(), status, bytes });
}

/** Regular files only: a link could lead anywhere, a FIFO never ends. */
async function filesBelow(path: string, depth: number): Promise<string[]> {
  const stat = await lstat(path);
  if (stat.isFile()) {
    if (!/\.(ya?ml|json)$/i.test(path)) return [];
    if (stat.size > MOST_BYTES)
      throw new Error(`${path} has ${stat.size} bytes; a statement has at most ${MOST_BYTES}`);
    return [path];
  }
  if (!stat.isDirectory() || depth === 0) return [];
  const names = (await readdir(path)).filter((name) => !name.startsWith('.')).sort();
  const below = [];
  for (const name of names.slice(0, MOST_FILES * 4))
    below.push(...(await filesBelow(join(path, name), depth - 1)));
  return below;
}

/** Undefined when there is no signature beside the file. Status 0: good, and the body names the principal. */
async function verified(
  file: string,
  bytes: Buffer,
  signers: string,
  context: SourceContext,
): Promise<SourceAnswer | undefined> {
  const signature = `${file}.sig`;
  const present = await lstat(signature).then(
    (stat) => stat.isFile(),
    () => false,
  );
  if (!present) return undefined;
  const limits = {
    cwd: dirname(file),
    env: context.env,
    signal: context.signal,
    timeoutMs: 10_000,
    maxBytes: 65_536,
  };
  const found = await runCommand(
    'ssh-keygen',
    ['-Y', 'find-principals', '-s', signature, '-f', signers],
    limits,
  );
  const principal = found.stdout.toString('utf8').split('\n', 1)[0]?.split(',')[0] ?? '';
  if (found.status !== 0 || principal === '')
    return keep('ssh-keygen -Y find-principals', found.status || 1, Buffer.from(found.stderr));
  const checked = await runCommand(
    'ssh-keygen',
    ['-Y', 'verify', '-f', signers, '-I', principal, '-n', NAMESPACE, '-s', signature],
    { ...limits, input: bytes },
  );
  const text = checked.status === 0 ? `${principal}\n` : checked.stdout.toString('utf8') + checked.stderr;
  return keep(`ssh-keygen -Y verify -n ${NAMESPACE}`, checked.status, Buffer.from(text));
}

/** The last commit of the file and the state of its signature; undefined when the file is not in Git, or has changes. */
async function committed(
  file: string,
  signers: string | undefined,
  context: SourceContext,
): Promise<SourceAnswer | undefined> {
  const git = gitIn(dirname(file), context, signers ? ['-c', `gpg.ssh.allowedSignersFile=${signers}`] : []);
  const here = await git(['hash-object', '--no-filters', '--', file]);
  // Of the commit, not of the index: what is only staged nobody has signed.
  const there = await git(['rev-parse', '--verify', '--quiet', `HEAD:./${basename(file)}`]);
  const [now, then] = [here, there].map(({ stdout }) => stdout.toString('utf8').trim());
  if (here.status !== 0 || there.status !== 0 || now === '' || now !== then) return undefined;
  const args = ['log', '-1', '--format=%H\u001f%G?\u001f%aN\u001f%GS', 'HEAD', '--', file];
  const log = await git(args);
  if (log.status !== 0 || log.stdout.length === 0) return undefined;
  return keep(`git ${args.join(' ')}`, 0, log.stdout);
}

async function diagnose(settings: AttestationSettings, context: SourceContext): Promise<SourceDiagnosis[]> {
  const { answers, failures } = await ask(settings, context);
  const names = Object.keys(answers);
  const count = (prefix: string): number =>
    names.filter((name) => name.startsWith(prefix) && answers[name]?.status === 0).length;
  return [
    ...failures.map(({ detail }): SourceDiagnosis => ({ level: 'problem', text: detail })),
    {
      level: count('file/') > 0 ? 'ok' : 'warning',
      text: `${count('file/')} statements, ${count('signature/')} with a good signature beside them`,
    },
  ];
}

export const sourceTypes = [
  {
    source: 'attestations',
    type: 'files',
    schema: attestationSettings,
    ask,
    diagnose,
  } satisfies SourceType<AttestationSettings>,
];
