/** `remediate`: what mends the failures of a saved run, as an Ansible playbook or as commands. Nothing is connected to. */
import { UserError } from '../errors.js';
import { readEvidence, readSources } from '../evidence/read.js';
import { judgeHost } from '../evaluate.js';
import { readFacts } from '../facts/index.js';
import { didYouMean } from '../inventory/suggest.js';
import { hostsOf, selectHosts } from '../inventory/select.js';
import type { Inventory } from '../inventory/load.js';
import { judgeContext } from '../judgement.js';
import type { Host, HostEvidence } from '../model.js';
import { caKeysOf } from '../remedy/access-files.js';
import { ansiblePlaybook } from '../remedy/ansible.js';
import { ansibleInventory } from '../remedy/ansible-inventory.js';
import { shellCommands } from '../remedy/commands.js';
import { planFleet, planHost } from '../remedy/plan.js';
import type { HostPlan, Reach, RemedyPlan } from '../remedy/types.js';
import { resolveSettings } from '../settings.js';
import { unloaded } from './fleet.js';
import { openSaved } from './saved.js';
import type { CommandInput } from './command.js';

const FORMATS: Readonly<Record<string, (plan: RemedyPlan) => string>> = {
  ansible: ansiblePlaybook,
  'ansible-inventory': ansibleInventory,
  commands: shellCommands,
  shell: shellCommands,
};

/** @returns 0 when the plan was printed. @throws UserError for a format or selection that does not exist, or a bad folder. */
export async function remediate({ args, flags, io }: CommandInput): Promise<number> {
  const { settings, warnings } = resolveSettings(flags, io.env, io.cwd);
  // The settings file's format is for reports.
  const format = typeof flags['format'] === 'string' ? flags['format'] : 'ansible';
  const render = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  if (!render)
    throw new UserError('unknown-format', `remediate has no format "${format}"`, {
      hint: didYouMean(format, Object.keys(FORMATS)) || `formats: ${Object.keys(FORMATS).join(', ')}`,
    });
  const { run, inventory, parts, now } = await openSaved(args['folder'] ?? '', settings, io);
  const asked = hostsOf(inventory.hosts, run.record.run.selection);
  const { host: byName, tag, environment } = settings;
  const chosen = new Map(
    selectHosts(asked, { host: byName, tag, environment }).map((host) => [host.name, host]),
  );
  const judging = { inventory, checks: parts.checks, plugins: [], guidance: [], noAccess: true };
  const context = judgeContext(judging, await readSources(run.folder), now);
  const fleet = {
    run: run.record.run.id,
    now: now.toISOString(),
    policy: inventory.policy,
    ca: inventory.ca,
    caKeys: await knownCaKeys(run.folder, inventory),
  };
  const plans: HostPlan[] = [];
  for await (const evidence of readEvidence(run.folder)) {
    const host = chosen.get(evidence.host);
    if (!host) continue;
    chosen.delete(host.name);
    const { report } = judgeHost(host, evidence, context);
    const facts = readFacts(evidence, inventory.policy);
    const expected = context.expectations(host);
    const reach = reachOf(host, inventory);
    plans.push(
      structuredClone(planHost({ host, reach, evidence, facts, expected, results: report.results }, fleet)),
    );
  }
  for (const host of chosen.values())
    plans.push({
      host: host.name,
      reach: reachOf(host, inventory),
      automatic: null,
      manual: [],
      unknown: 'the run holds no evidence of this host',
    });
  const plan = planFleet(fleet, plans);
  await io.out(render(plan));
  if (!settings.quiet) {
    for (const warning of [...warnings, ...unloaded(inventory, settings)]) io.err(`warning: ${warning}\n`);
    io.err(`${summary(plan)}\n`);
  }
  return 0;
}

/** A CA key that one host lacks is known from another that has it: all files are read before any host is planned. */
async function knownCaKeys(folder: string, inventory: Inventory): Promise<ReadonlyMap<string, string>> {
  const keys = new Map<string, string>();
  for await (const evidence of readEvidence(folder)) {
    for (const [fingerprint, key] of keysIn(evidence, inventory))
      if (inventory.ca.fingerprints.includes(fingerprint)) keys.set(fingerprint, key);
    if (inventory.ca.fingerprints.every((one) => keys.has(one))) break;
  }
  return keys;
}

function keysIn(evidence: HostEvidence, inventory: Inventory): ReadonlyMap<string, string> {
  const { caFiles } = readFacts(evidence, inventory.policy);
  return caFiles.ok ? caKeysOf(caFiles.value) : new Map();
}

function reachOf(host: Host, inventory: Inventory): Reach {
  const known = new Map([...inventory.hosts, ...inventory.bastions].map((one) => [one.name, one]));
  return {
    address: host.address,
    become: host.become === 'sudo',
    jump: host.jump.map((name) => {
      const bastion = known.get(name);
      return bastion ? endpoint(bastion) : name;
    }),
    ...(host.port !== undefined && { port: host.port }),
    ...(host.user !== undefined && { user: host.user }),
    ...(host.identityFile !== undefined && { identityFile: host.identityFile }),
    ...(host.certificateFile !== undefined && { certificateFile: host.certificateFile }),
  };
}

function endpoint({ user, address, port }: Host): string {
  const name = address.includes(':') ? `[${address}]` : address;
  return `${user === undefined ? '' : `${user}@`}${name}${port === undefined ? '' : `:${port}`}`;
}

function summary({ hosts, groups }: RemedyPlan): string {
  const mended = groups.reduce((sum, group) => sum + group.hosts.length, 0);
  const manual = hosts.filter((host) => host.manual.length > 0).length;
  const unknown = hosts.filter((host) => host.unknown !== undefined).length;
  return `planned: ${mended} of ${hosts.length} hosts by program, ${manual} need a person${unknown > 0 ? `, ${unknown} were not gathered` : ''}`;
}
