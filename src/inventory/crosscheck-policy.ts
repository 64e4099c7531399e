/** What no single value of a policy can be wrong about alone: limits, waivers, attestations. */
import type { CheckId, GuidanceId } from '../model.js';
import { ACTORS } from '../model.js';
import { defaultPolicy } from '../policy.js';
import { limitsFrom } from './policy.js';
import { quoted, type Problem } from './problem.js';
import type { PolicyInput } from './schema-policy.js';
import { didYouMean } from './suggest.js';
import { beginOf, endOf, personKey } from './values.js';
import type { Path, YamlFile } from './yaml.js';

/** What a waiver may name: the ten, and the guidance. */
const CHECKS: Readonly<Record<CheckId | GuidanceId, true>> = {
  'ca-trust': true,
  'no-static-keys': true,
  principals: true,
  'certificate-lifetime': true,
  'password-auth': true,
  'root-login': true,
  'actor-wrapper': true,
  'audit-logging': true,
  'ca-security': true,
  'bootstrap-complete': true,
  'multi-factor': true,
  'shared-keys': true,
  'separate-bastions': true,
  shells: true,
  'privileged-sessions': true,
  algorithms: true,
  leavers: true,
  'cloud-credentials': true,
  'session-length': true,
  'ssm-instead': true,
};

export interface PolicyPlace {
  /** Where the policy is in its file: `['policy']` in an inventory, `[]` in a file of its own. */
  readonly at: Path;
  /** Plug-ins may be loaded, so a check nobody here knows may be one of theirs. */
  readonly plugins: boolean;
}

/** Errors of a policy whose every value has passed the schema. */
export function policyProblems(policy: PolicyInput, file: YamlFile, place: PolicyPlace): Problem[] {
  return [
    ...lifetimeProblems(policy, file, place),
    ...waiverProblems(policy, file, place),
    ...attestationProblems(policy, file, place),
  ];
}

/** What a policy may say but probably should not. */
export function policyWarnings(policy: PolicyInput, file: YamlFile, place: PolicyPlace): Problem[] {
  return (policy.waivers ?? []).flatMap(({ check, hosts, subjects }, index): Problem[] => {
    if (!hosts.includes('*') || (subjects !== undefined && !subjects.includes('*'))) return [];
    return [
      {
        at: file.locate([...place.at, 'waivers', index]),
        message: `${labelOf(place, `waivers[${index}]`)}: it accepts every finding of ${check} on every host, also new ones`,
        hint: 'name the hosts or the subjects it is about',
      },
    ];
  });
}

/** `policy.waivers[0]` in an inventory, `waivers[0]` in a policy file. */
function labelOf({ at }: PolicyPlace, rest: string): string {
  return [...at.map(String), rest].join('.');
}

function lifetimeProblems(policy: PolicyInput, file: YamlFile, place: PolicyPlace): Problem[] {
  const defaults = defaultPolicy().lifetimes.limits;
  return ACTORS.flatMap((actor): Problem[] => {
    const { fail, warn } = limitsFrom(policy.lifetimes?.[actor], defaults[actor]);
    if (warn <= fail) return [];
    return [
      {
        at: file.locate([...place.at, 'lifetimes', actor, 'warn']),
        message: `${labelOf(place, `lifetimes.${actor}`)}: warn is longer than fail`,
        hint: 'warn at most where it fails',
      },
    ];
  });
}

function waiverProblems(policy: PolicyInput, file: YamlFile, place: PolicyPlace): Problem[] {
  const checks = Object.keys(CHECKS);
  return (policy.waivers ?? []).flatMap(({ check, owner, approver, author }, index) => {
    const problems: Problem[] = [];
    const path: Path = [...place.at, 'waivers', index];
    const label = labelOf(place, `waivers[${index}]`);
    if (!checks.includes(check) && !place.plugins) {
      problems.push({
        at: file.locate([...path, 'check']),
        message: `${label}.check: there is no check ${quoted(check)}`,
        hint: didYouMean(check, checks) || `one of ${checks.join(', ')}`,
      });
    }
    if ([owner, author ?? owner].map(personKey).includes(personKey(approver))) {
      problems.push({
        at: file.locate([...path, 'approver']),
        message: `${label}: ${quoted(approver)} approves an exception of their own`,
        hint: 'name a second person as approver',
      });
    }
    return problems;
  });
}

function attestationProblems(policy: PolicyInput, file: YamlFile, place: PolicyPlace): Problem[] {
  return (policy.attestations ?? []).flatMap(({ date, expires }, index): Problem[] => {
    if (Date.parse(beginOf(date)) < Date.parse(endOf(expires))) return [];
    return [
      {
        at: file.locate([...place.at, 'attestations', index, 'expires']),
        message: `${labelOf(place, `attestations[${index}]`)}: it expires before its date`,
        hint: 'expires is when the statement has to be made again',
      },
    ];
  });
}
