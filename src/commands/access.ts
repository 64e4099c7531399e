/** `access`: who may log in, who did, why, and what changed, from a saved run. Nothing is connected to. */
import { resolve } from 'node:path';
import { accessCsv } from '../../reports/access/csv.js';
import { accessHtml } from '../../reports/access/html.js';
import { accessJson } from '../../reports/access/json.js';
import { accessMarkdown } from '../../reports/access/markdown.js';
import { accessTable } from '../../reports/access/table.js';
import { terminal } from '../../reports/escape.js';
import { digestOf } from '../access/digest.js';
import { holdersOf, hostPart } from '../access/host.js';
import { windowOf, type Window } from '../access/logins.js';
import { pseudonymised } from '../access/pseudonyms.js';
import { accessReport, type AccessQuestion } from '../access/report.js';
import type { HostPart } from '../access/types.js';
import { messageOf, UserError } from '../errors.js';
import { readBounded } from '../evidence/files.js';
import { openRunFolder, readEvidence, readSources, type RunFolder } from '../evidence/read.js';
import { readAccessFacts } from '../facts/access-facts.js';
import { readFacts } from '../facts/index.js';
import { approvalFacts } from '../facts/sources/approvals.js';
import { fleetFacts } from '../facts/sources/index.js';
import { expectationsOf } from '../inventory/expectations.js';
import type { Inventory } from '../inventory/load.js';
import { didYouMean } from '../inventory/suggest.js';
import type { Io } from '../io.js';
import type { Host, HostEvidence } from '../model.js';
import { PSEUDONYM_VARIABLES } from '../options/access.js';
import type { Settings } from '../options.js';
import { resolveSettings } from '../settings.js';
import { createSharing } from '../sharing.js';
import { ownFormat } from './compare-input.js';
import { renderOptions } from './drawing.js';
import { folderInventory } from './fleet.js';
import { parseNow } from './setup.js';
import type { CommandInput } from './command.js';

const DAY = 86_400_000;
const SHORTEST_KEY = 16;
const MOST_KEY = 4096;

/** @returns 0. @throws UserError for a folder, host, format or key that cannot be used. */
export async function access({ args, flags, io }: CommandInput): Promise<number> {
  const resolved = resolveSettings(flags, io.env, io.cwd);
  const { settings } = resolved;
  const format = ownFormat(resolved, ['table', 'json', 'csv', 'markdown', 'html']);
  const key = settings.pseudonymise ? await pseudonymKey(io) : undefined;
  const run = await openRunFolder(resolve(io.cwd, args['folder'] ?? ''));
  const policyFile = settings.policy === undefined ? undefined : resolve(io.cwd, settings.policy);
  const inventory = folderInventory(run, false, policyFile);
  const question = questionOf(settings, inventory);
  const length = settings.window || inventory.policy.loginWindowDays * DAY;
  const { parts, approvals, warnings } = await readParts(run, inventory, length, parseNow(settings.now));
  const plain = accessReport({
    run: run.record.run.id,
    window: reportWindow(run, length),
    question,
    parts,
    approvals,
    warnings: [...warnings, ...windowWarning(settings, inventory)],
  });
  const report = key ? pseudonymised(plain, key) : plain;
  const drawing = renderOptions({ ...settings, status: [] }, io);
  const texts = {
    table: () => accessTable(report, drawing),
    json: () => accessJson(report),
    csv: () => accessCsv(report),
    markdown: () => accessMarkdown(report),
    html: () => accessHtml(digestOf(report), report),
  };
  await io.out(texts[format]());
  if (!settings.quiet)
    for (const warning of [...resolved.warnings, ...report.warnings])
      io.err(`warning: ${terminal(warning)}\n`);
  return 0;
}

function questionOf({ as, to, without }: Settings, { hosts }: Inventory): AccessQuestion {
  if (to !== undefined && !hosts.some(({ name }) => name === to))
    throw new UserError('unknown-host', `--to: the inventory of the run names no host "${to}"`, {
      hint:
        didYouMean(
          to,
          hosts.map(({ name }) => name),
        ) || 'see the inventory.yaml of the run folder',
    });
  return {
    ...(as !== undefined && { as }),
    ...(to !== undefined && { to }),
    ...(without !== undefined && { without }),
  };
}

/** From the first host's window to the last one's. */
function reportWindow({ record }: RunFolder, length: number): Window {
  const { startedAt, finishedAt } = record.run;
  return { from: Date.parse(startedAt) - length, to: Date.parse(finishedAt) };
}

function windowWarning({ window }: Settings, { policy }: Inventory): string[] {
  return window > policy.loginWindowDays * DAY
    ? [
        `the run collected ${policy.loginWindowDays} days (policy.login_window_days): a longer --window shows no more`,
      ]
    : [];
}

async function readParts(run: RunFolder, inventory: Inventory, length: number, given: Date | undefined) {
  const { policy, sources: configured } = inventory;
  const sources = await readSources(run.folder);
  const fleet = fleetFacts(configured, sources, policy);
  const approvals = approvalFacts(configured, sources);
  const holders = holdersOf(fleet);
  const now = given ?? new Date(run.record.run.now);
  const asked = new Map(inventory.hosts.map((host) => [host.name, host]));
  const warnings: string[] = [];
  const parts: HostPart[] = [];
  const share = createSharing();
  const add = (host: Host, evidence: HostEvidence): void => {
    const facts = readFacts(evidence, policy);
    const part = hostPart({
      evidence,
      facts,
      access: readAccessFacts(evidence, facts),
      fleet,
      approvals,
      expected: expectationsOf(host, inventory),
      policy,
      window: windowOf(evidence.finishedAt, length),
      holders,
      now,
    });
    // Copies: a slice of evidence would keep all of it alive. What many hosts say is kept once.
    parts.push(share(part));
  };
  for await (const evidence of readEvidence(run.folder)) {
    const host = asked.get(evidence.host);
    if (host) add(host, evidence);
    else warnings.push(`evidence of ${evidence.host}, which the inventory does not name, was left out`);
    asked.delete(evidence.host);
  }
  const { finishedAt } = run.record.run;
  for (const host of asked.values())
    add(host, { schema: 1, host: host.name, startedAt: finishedAt, finishedAt, probes: {} });
  if (!fleet.certificateLog.ok)
    warnings.push(`logins cannot be joined to certificates: ${fleet.certificateLog.detail}`);
  if (!fleet.vault.ok && fleet.vault.reason !== 'not-configured')
    warnings.push(`roles of the CA are not known: ${fleet.vault.detail}`);
  return { parts, approvals, warnings };
}

/** @throws UserError when there is no key, or one short enough to be guessed. */
async function pseudonymKey({ env, cwd }: Io): Promise<Uint8Array> {
  const { key: name, keyFile } = PSEUDONYM_VARIABLES;
  const hint = `for example: head -c 32 /dev/urandom | base64 > pseudonym.key && export ${keyFile}=pseudonym.key; the same key gives the same pseudonyms`;
  const file = env[keyFile];
  let value = env[name] ?? '';
  if (value === '' && file)
    try {
      value = (await readBounded(resolve(cwd, file), MOST_KEY)).toString('utf8').trim();
    } catch (error) {
      throw new UserError('bad-key', `cannot read ${keyFile}: ${terminal(messageOf(error))}`, {
        hint,
        cause: error,
      });
    }
  if (value === '')
    throw new UserError('no-key', `--pseudonymise needs a key in ${name} or ${keyFile}`, { hint });
  if (Buffer.byteLength(value) < SHORTEST_KEY)
    throw new UserError('bad-key', `the key of pseudonyms has less than ${SHORTEST_KEY} bytes`, { hint });
  return Buffer.from(value);
}
