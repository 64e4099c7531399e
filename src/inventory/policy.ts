/** The policy as the checks see it: defaults filled in, durations in seconds, instants in UTC. */
import type {
  Actor,
  Attestation,
  EmergencyKey,
  Lifetimes,
  Policy,
  SwitchRequirements,
  Waiver,
} from '../model.js';
import { defaultPolicy } from '../policy.js';
import { parseDuration } from './duration.js';
import { guidanceFrom } from './schema-guidance.js';
import type { PolicyInput } from './schema-policy.js';
import { beginOf, endOf, toUtc } from './values.js';

type LifetimesInput = NonNullable<PolicyInput['lifetimes']>;

/** `given` has passed the schema. */
export function policyFrom(given: PolicyInput = {}): Policy {
  const defaults = defaultPolicy();
  return {
    emergencyKeys: (given.emergency_keys ?? []).map(emergencyKeyFrom),
    lifetimes: lifetimesFrom(given.lifetimes ?? {}, defaults.lifetimes),
    krl: given.krl ?? defaults.krl,
    authorizedPrincipalsFile: given.principals_file ?? defaults.authorizedPrincipalsFile,
    passwordAsSecondFactor: given.password_as_second_factor ?? defaults.passwordAsSecondFactor,
    wrappers: given.wrappers ?? defaults.wrappers,
    loginWindowDays: given.login_window_days ?? defaults.loginWindowDays,
    requirements: requirementsFrom(given.requirements ?? {}, defaults.requirements),
    waivers: (given.waivers ?? []).map(waiverFrom),
    waiverMaxDays: given.waiver_max_days ?? defaults.waiverMaxDays,
    attestations: (given.attestations ?? []).map(attestationFrom),
    guidance: guidanceFrom(given.guidance, defaults.guidance),
    ...(given.ticket_pattern !== undefined && { ticketPattern: given.ticket_pattern }),
    ...(given.access_omit && { accessOmit: given.access_omit }),
    ...(given.algorithms && {
      algorithms: { allow: given.algorithms.allow ?? [], deny: given.algorithms.deny ?? [] },
    }),
  };
}

/** The limits of one actor type in seconds; a fail limit below the default warning brings the warning down with it. */
export function limitsFrom(
  given: { readonly fail?: string | undefined; readonly warn?: string | undefined } | undefined,
  defaults: { readonly fail: number; readonly warn: number },
): { readonly fail: number; readonly warn: number } {
  const fail = seconds(given?.fail, defaults.fail);
  return { fail, warn: seconds(given?.warn, Math.min(fail, defaults.warn)) };
}

function lifetimesFrom(given: LifetimesInput, defaults: Lifetimes): Lifetimes {
  const of = (actor: Actor): Lifetimes['limits'][Actor] => limitsFrom(given[actor], defaults.limits[actor]);
  return {
    limits: { adm: of('adm'), agt: of('agt'), atm: of('atm') },
    tolerance: seconds(given.tolerance, defaults.tolerance),
    sample: given.sample ?? defaults.sample,
  };
}

function requirementsFrom(
  given: NonNullable<PolicyInput['requirements']>,
  defaults: SwitchRequirements,
): SwitchRequirements {
  return {
    sso: given.sso ?? defaults.sso,
    sessionRecording: given.session_recording ?? defaults.sessionRecording,
    justInTimeApproval: given.just_in_time_approval ?? defaults.justInTimeApproval,
    workloadIdentity: given.workload_identity ?? defaults.workloadIdentity,
    centralPolicyEngine: given.central_policy_engine ?? defaults.centralPolicyEngine,
  };
}

function emergencyKeyFrom(given: NonNullable<PolicyInput['emergency_keys']>[number]): EmergencyKey {
  const { fingerprint, hosts = [], accounts = [], expires } = given;
  return { fingerprint, hosts, accounts, ...(expires === undefined ? {} : { expires: toUtc(expires) }) };
}

function waiverFrom(given: NonNullable<PolicyInput['waivers']>[number]): Waiver {
  const { check, hosts, subjects = [], owner, approver, author, reason, expires } = given;
  return {
    check,
    hosts,
    subjects,
    owner,
    approver,
    ...(author === undefined ? {} : { author }),
    reason,
    expires: endOf(expires),
  };
}

function attestationFrom(given: NonNullable<PolicyInput['attestations']>[number]): Attestation {
  return { ...given, date: beginOf(given.date), expires: endOf(given.expires) };
}

function seconds(text: string | undefined, otherwise: number): number {
  return (text === undefined ? null : parseDuration(text)) ?? otherwise;
}
