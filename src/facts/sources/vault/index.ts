/** Answers of Vault or OpenBao to facts about the CA. */
import type { Reading, SourceEvidence } from '../../../model.js';
import type { AuditDevice, CaCustody, PolicyReach, Seal } from '../../types.js';
import { jsonOf, member, object, scalar, sentence, text, texts, unreadable, type Json } from '../answers.js';
import { mountsIn, type FoundMounts } from './mounts.js';
import { inNamespace, policyAnswer, ROOT_POLICY, SYSTEM } from './names.js';
import { reachOf, type Budget } from './reach.js';
import { parsePolicy } from './rules.js';

const MAX_GAPS = 40;
/** Some seconds of work at most. */
const MAX_COMPARISONS = 10_000_000;
/** Characters of policies that are parsed in all: HCL takes some milliseconds a KiB. */
const MAX_POLICY_TEXT = 4 * 1024 * 1024;
type Answers = SourceEvidence['answers'];

interface ParseBudget extends Budget {
  text: number;
}

/** Everything that was asked, with what could not be answered as gaps. Pure; never throws. */
export function readVault(evidence: SourceEvidence): Reading<CaCustody> {
  const { answers, configuration, failures } = evidence;
  const namespaces = namesIn(configuration['namespaces']) ?? [''];
  const found = namespaces.map((namespace) => mountsIn(namespace, answers));
  const mounts = found.flatMap((one) => one.mounts);
  if (mounts.length === 0) {
    return unreadable(
      evidence,
      'no secrets engine of type ssh was found: is this the system that holds the CA?',
    );
  }
  const budget: ParseBudget = { left: MAX_COMPARISONS, text: MAX_POLICY_TEXT };
  const reach = namespaces.map((namespace, at) => reachIn(namespace, answers, found[at], budget));
  const devices = namespaces.map((namespace) => devicesIn(namespace, answers));
  const logins = namespaces.map((namespace) => tableOf(answers, inNamespace(namespace, 'auth')));
  const gaps = [
    ...failures.map(sentence),
    ...found.flatMap((one) => one.gaps),
    ...reach.flatMap((one) => one.gaps),
    ...namespaces.flatMap((namespace) => hiddenNamespaces(namespace, answers, namespaces)),
    ...filteredDevices(namespaces.map((namespace) => tableOf(answers, inNamespace(namespace, 'audit')))),
  ];
  const known = devices.filter((one) => one !== null);
  return {
    ok: true,
    value: {
      system: {
        type: evidence.type,
        url: text(configuration['url'] as Json) ?? '',
        version: text(member(jsonOf(answers[SYSTEM.seal]), 'version')),
      },
      publicKeyFingerprints: [
        ...new Set(mounts.flatMap(({ keys }) => keys.map(({ fingerprint }) => fingerprint))),
      ].toSorted(),
      mounts,
      seal: sealOf(jsonOf(answers[SYSTEM.seal])),
      // Audit devices of the root namespace see every namespace; one that was read whole is enough to know of some.
      auditDevices: known.length === 0 ? null : known.flat(),
      authMethods: logins.every((table) => table === null)
        ? null
        : logins.flatMap((table) =>
            Object.entries(table ?? {}).map(([path, one]) => ({
              path,
              type: text(member(one, 'type')) ?? '',
            })),
          ),
      reach: reach.flatMap((one) => one.reach),
      adminPolicies: namesIn(configuration['admin_policies']) ?? [],
    },
    gaps: [...new Set(gaps)].slice(0, MAX_GAPS),
  };
}

function namesIn(value: unknown): readonly string[] | null {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : null;
}

/** The mapping of a `sys/…` table: under `data`, and in older versions beside it. Null: not readable. */
function tableOf(answers: Answers, name: string): Readonly<Record<string, Json>> | null {
  return object(member(jsonOf(answers[name]), 'data'));
}

function devicesIn(namespace: string, answers: Answers): AuditDevice[] | null {
  const table = tableOf(answers, inNamespace(namespace, 'audit'));
  if (table === null) return null;
  return Object.entries(table)
    .filter(([, device]) => object(device) !== null)
    .map(([path, device]) => {
      const option = (key: string): string => scalar(member(member(device, 'options'), key)).toLowerCase();
      return {
        path,
        type: text(member(device, 'type')) ?? '',
        local: member(device, 'local') === true,
        raw: ['true', '1', 't'].includes(option('log_raw')),
        hmacAccessor: !['false', '0', 'f'].includes(option('hmac_accessor')),
      };
    });
}

/**
 * Options `filter` and `fallback` of a device (Vault Enterprise, "Filter audit output"): what no filter lets through is
 * written by the fallback device, or nowhere.
 */
function filteredDevices(tables: readonly (Readonly<Record<string, Json>> | null)[]): string[] {
  const devices = tables
    .flatMap((table) => Object.entries(table ?? {}))
    .filter(([, device]) => object(device) !== null);
  const option = ([, device]: (typeof devices)[number], key: string): string =>
    scalar(member(member(device, 'options'), key));
  const takesAll = devices.some((one) => option(one, 'filter') === '' || option(one, 'fallback') === 'true');
  if (devices.length === 0 || takesAll) return [];
  const paths = devices.map(([path]) => path).join(', ');
  return [`every audit device has a filter, and none takes what they leave out (${paths})`];
}

function sealOf(status: Json | undefined): Seal | null {
  const type = text(member(status, 'type'));
  if (type === null) return null;
  const count = (key: string): number => {
    const value = member(status, key);
    return typeof value === 'number' ? value : 0;
  };
  return {
    type,
    threshold: count('t'),
    shares: count('n'),
    recovery: member(status, 'recovery_seal') === true,
    storage: text(member(status, 'storage_type')) ?? '',
  };
}

function reachIn(
  namespace: string,
  answers: Answers,
  found: FoundMounts | undefined,
  budget: ParseBudget,
): { reach: PolicyReach[]; gaps: string[] } {
  const listed = member(jsonOf(answers[inNamespace(namespace, 'policies')]), 'data');
  const mounts = (found?.mounts ?? []).map(({ path, roles }) => ({
    path,
    roles: roles.map(({ name }) => name),
  }));
  const reach: PolicyReach[] = [];
  const gaps: string[] = [];
  const where = namespace === '' ? '' : ` in the namespace ${namespace}`;
  if (listed === undefined)
    gaps.push(`the ACL policies${where} could not be listed: who may sign is not known`);
  for (const name of texts(member(listed, 'keys'))) {
    if (name === ROOT_POLICY) continue;
    const source = text(member(member(jsonOf(answers[policyAnswer(namespace, name)]), 'data'), 'policy'));
    budget.text -= source?.length ?? 0;
    if (budget.text < 0) break;
    const parsed = source === null ? null : parsePolicy(source);
    if (parsed === null) gaps.push(`the ACL policy ${name}${where} could not be read`);
    else if (!parsed.ok) gaps.push(`the ACL policy ${name}${where} cannot be parsed: ${parsed.problem}`);
    else reach.push(...reachOf(namespace, name, parsed.rules, mounts, budget));
  }
  if (budget.left < 0 || budget.text < 0)
    gaps.push('there are too many policies, rules and roles to hold against each other');
  return { reach, gaps };
}

/** Namespaces that exist below one that was asked, and were not asked themselves: they may hold a CA of their own. */
function hiddenNamespaces(namespace: string, answers: Answers, asked: readonly string[]): string[] {
  const listed = jsonOf(answers[inNamespace(namespace, 'namespaces')]);
  return texts(member(member(listed, 'data'), 'keys'))
    .map((name) => `${namespace === '' ? '' : `${namespace}/`}${name}`.replace(/\/$/, ''))
    .filter((name) => !asked.includes(name))
    .map((name) => `the namespace ${name} was not asked: name it in sources.vault.namespaces`);
}
