/**
 * Whether a run folder is as it was sealed: its files against the manifest, its parts against each other, the run
 * before it, and who signed. Nothing here trusts the folder, and nothing writes into it.
 */
import { createHash } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { messageOf, UserError } from '../errors.js';
import type { HostEvidence } from '../model.js';
import { LIMITS, namesIn, readBounded, sha256 } from './files.js';
import { evidenceHash } from './hash.js';
import { compareFolder, EARLIER_MANIFEST, MANIFEST, parseManifest, SIGNATURE } from './manifest.js';
import { readHostFile, readSources } from './read.js';
import { readRecord, type RunRecord } from './run-record.js';
import { checkSignature, type SignatureState } from './signature.js';
import { hostFile, INVENTORY, POLICY, RESULTS } from './store.js';

export type Integrity = 'untouched' | 'touched' | 'unproven';

export interface VerifiedRun {
  readonly folder: string;
  readonly integrity: Integrity;
  /** What was changed. One sentence each; may hold names from the folder. */
  readonly problems: readonly string[];
  /** What cannot be proven. */
  readonly doubts: readonly string[];
  readonly notes: readonly string[];
  /** Files that are as sealed, and hosts with evidence. */
  readonly files: number;
  readonly hosts: number;
  /** Absent: not signed. */
  readonly signature?: SignatureState;
  readonly manifestSha256?: string;
  /** Absent when run.json cannot be used. */
  readonly record?: RunRecord;
}

export interface VerifyOptions {
  /** An allowed_signers file: then a run must be signed by one of them. */
  readonly signers?: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Files that cannot be read before the rest is not looked at: a folder made to waste time. */
const MOST_BAD = 50;
/** How far the auditor's clock may be set back or forth within a run. Milliseconds. */
const CLOCK_SLACK = 5 * 60_000;

/** @throws UserError when there is no such folder. */
export async function verifyRun(folder: string, options: VerifyOptions): Promise<VerifiedRun> {
  if (!(await lstat(resolve(folder)).catch(() => null))?.isDirectory())
    throw new UserError('run-unreadable', `${folder} is not a folder`, {
      hint: 'give run folders, or a folder of them',
    });
  const { manifest, same, problems: changed } = await compareFolder(folder);
  const problems = [...changed];
  const doubts: string[] = [];
  const notes: string[] = [];
  let record: RunRecord | undefined;
  try {
    record = await readRecord(folder);
    problems.push(...(await recordProblems(folder, record)));
  } catch (error) {
    problems.push(messageOf(error));
  }
  const evidence = await evidenceProblems(folder, record);
  problems.push(...evidence.problems);
  if (manifest) problems.push(...(await earlierSeal(folder, manifest.bytes)));
  else doubts.push(`it is not sealed: the run was cut short, or its ${MANIFEST} was removed`);
  if (manifest && record?.state === 'running')
    problems.push('run.json says it is still running, but it is sealed');
  if (record?.run.partial) notes.push('the run was interrupted, or lacks hosts');
  const chain = record ? await previousProblem(folder, record) : {};
  if (chain.problem !== undefined) problems.push(chain.problem);
  if (chain.note !== undefined) notes.push(chain.note);
  const names = await readdir(folder);
  const signed = names.includes(SIGNATURE);
  if (signed && !manifest) problems.push(`${MANIFEST} is missing, but its signature is there`);
  const signature = signed && manifest ? await signatureOf(folder, manifest.bytes, options) : undefined;
  if (signature?.state === 'bad')
    problems.push(`the signature is not one of this manifest: ${signature.because}`);
  if (options.signers !== undefined && signature?.state !== 'trusted') {
    if (!signature) doubts.push('it is not signed');
    else if (signature.state !== 'bad') doubts.push(`its signature is not trusted: ${signature.because}`);
  }
  return {
    folder,
    integrity: problems.length > 0 ? 'touched' : doubts.length > 0 ? 'unproven' : 'untouched',
    problems: [...new Set(problems)],
    doubts,
    notes,
    files: same,
    hosts: evidence.hosts,
    ...(signature && { signature }),
    ...(manifest && { manifestSha256: manifest.sha256 }),
    ...(record && { record }),
  };
}

/** The record against the folder's name and the files it tells of. */
async function recordProblems(folder: string, record: RunRecord): Promise<string[]> {
  const { id, inventory, policySha256 } = record.run;
  const name = basename(resolve(folder));
  const hashOf = async (file: string) =>
    readBounded(join(folder, file), LIMITS.text).then(sha256, () => 'unreadable');
  return [
    ...(id === name ? [] : [`it is run ${id} under the name ${name}`]),
    ...((await hashOf(INVENTORY)) === inventory.sha256
      ? []
      : [`${INVENTORY} is not the one run.json tells of`]),
    ...(policySha256 === undefined || (await hashOf(POLICY)) === policySha256
      ? []
      : [`${POLICY} is not the one run.json tells of`]),
  ];
}

/** Every evidence file by itself, against its name, the record and the results. */
async function evidenceProblems(
  folder: string,
  record: RunRecord | undefined,
): Promise<{ readonly problems: string[]; readonly hosts: number }> {
  const problems: string[] = [];
  const hashes = new Map<string, string>();
  let complete = 0;
  let bad = 0;
  const files = await namesIn(folder, 'evidence').catch((error: unknown) => {
    problems.push(messageOf(error));
    return [];
  });
  for (const file of files) {
    if (bad >= MOST_BAD) {
      problems.push(`${MOST_BAD} evidence files cannot be used; the others were not looked at`);
      break;
    }
    try {
      const evidence = await readHostFile(folder, file);
      problems.push(...hostProblems(file, evidence, record));
      hashes.set(evidence.host, evidenceHash(evidence));
      if (!evidence.failure) complete += 1;
    } catch (error) {
      bad += 1;
      problems.push(messageOf(error));
    }
  }
  try {
    await readSources(folder);
  } catch (error) {
    problems.push(messageOf(error));
  }
  if (record) problems.push(...countProblems(record, new Set(hashes.keys()), complete));
  if (record?.judged) problems.push(...(await resultProblems(folder, hashes)));
  return { problems, hosts: hashes.size };
}

function hostProblems(file: string, evidence: HostEvidence, record: RunRecord | undefined): string[] {
  const altered = Object.entries(evidence.probes).filter(([, { stdout, stdoutEncoding, sha256: told }]) => {
    const bytes = Buffer.from(stdout, stdoutEncoding);
    return createHash('sha256').update(bytes).digest('hex') !== told;
  });
  return [
    ...(hostFile(evidence.host) === file
      ? []
      : [`evidence/${file} is evidence of ${evidence.host}, not of the host it is named after`]),
    ...(record && outside(evidence, record)
      ? [`evidence/${file} was gathered at ${evidence.startedAt}, which is not within this run`]
      : []),
    ...altered.map(([probe]) => `evidence/${file}: what probe ${probe} printed is not what was hashed`),
  ];
}

/** Evidence of another run: one that was over, or not begun. */
function outside(evidence: HostEvidence, { run, state }: RunRecord): boolean {
  return (
    Date.parse(evidence.startedAt) < Date.parse(run.startedAt) - CLOCK_SLACK ||
    (state === 'finished' && Date.parse(evidence.finishedAt) > Date.parse(run.finishedAt) + CLOCK_SLACK)
  );
}

/** What run.json counted against what is there. */
function countProblems(record: RunRecord, found: ReadonlySet<string>, complete: number): string[] {
  const asked = new Set(record.hosts);
  const strangers = [...found].filter((host) => !asked.has(host));
  const missing = record.hosts.filter((host) => !found.has(host)).length;
  const { counts } = record;
  const differs = (what: string, told: number, is: number) =>
    told === is ? [] : [`run.json counts ${told} ${what}, ${is} are there`];
  return [
    ...strangers.map((host) => `there is evidence of ${host}, which this run did not ask`),
    ...(counts === undefined
      ? []
      : [
          ...differs('hosts with evidence', counts.evidence, found.size),
          ...differs('hosts gathered to the end', counts.complete, complete),
          ...differs('hosts without evidence', counts.missing, missing),
        ]),
  ];
}

/** Results name the hash of the evidence they were made from. */
async function resultProblems(folder: string, hashes: ReadonlyMap<string, string>): Promise<string[]> {
  try {
    const bytes = await readBounded(join(folder, RESULTS), LIMITS.host);
    const results = JSON.parse(bytes.toString('utf8')) as {
      hosts?: readonly { name?: unknown; evidenceSha256?: unknown }[];
    };
    return (results.hosts ?? []).flatMap(({ name, evidenceSha256 }) => {
      const hash = hashes.get(String(name));
      return hash === undefined || hash === evidenceSha256
        ? []
        : [`${RESULTS} was not made from the evidence of ${String(name)} that is there`];
    });
  } catch (error) {
    return [`${RESULTS} cannot be used: ${messageOf(error)}`];
  }
}

/** A gathered run that was judged later: its evidence is what was sealed when it was gathered. */
async function earlierSeal(folder: string, manifest: Buffer): Promise<string[]> {
  if (!(await readdir(folder)).includes(EARLIER_MANIFEST)) return [];
  try {
    const earlier = parseManifest(
      (await readBounded(join(folder, EARLIER_MANIFEST), LIMITS.text)).toString('utf8'),
    ).entries;
    const now = parseManifest(manifest.toString('utf8')).entries;
    const gathered = (path: string) => /^(?:evidence|sources)\/|^inventory\.yaml$/.test(path);
    return [...new Set([...earlier.keys(), ...now.keys()])]
      .filter((path) => gathered(path) && earlier.get(path) !== now.get(path))
      .map((path) => `${path} is not what was sealed when the run was gathered`);
  } catch (error) {
    return [messageOf(error)];
  }
}

/** The run it names as the one before it, when that is still beside it. */
async function previousProblem(
  folder: string,
  record: RunRecord,
): Promise<{ readonly problem?: string; readonly note?: string }> {
  const { previous } = record.run;
  if (!previous) return {};
  const sibling = join(dirname(resolve(folder)), previous.id);
  const found = await lstat(sibling).catch(() => null);
  if (found === null) return { note: `the run before it, ${previous.id}, is not here to compare with` };
  const seals = await Promise.all(
    [MANIFEST, EARLIER_MANIFEST].map((name) =>
      readBounded(join(sibling, name), LIMITS.text).then(sha256, () => null),
    ),
  );
  return seals.includes(previous.manifestSha256)
    ? {}
    : {
        problem: `the run before it, ${previous.id}, is not as it was then: it was changed and sealed again`,
      };
}

async function signatureOf(
  folder: string,
  manifest: Buffer,
  options: VerifyOptions,
): Promise<SignatureState> {
  try {
    await readBounded(join(folder, SIGNATURE), LIMITS.signature);
  } catch (error) {
    return { state: 'bad', because: messageOf(error) };
  }
  return checkSignature(folder, manifest, options.signers, options.env);
}
