/**
 * From failing checks to what mends them. Pure. What to change comes from facts; findings only say which of it counts
 * and whether anything is left for a person.
 */
import { valueOr } from '../../checks/lib/law.js';
import type { HostFacts } from '../facts/types.js';
import type {
  CaExpectation,
  CheckId,
  CheckResult,
  Expectations,
  Finding,
  Host,
  HostEvidence,
  Policy,
} from '../model.js';
import { caContent, folderOf, planBootstrap, planCaFile, planKeys, planPrincipals } from './access-files.js';
import { groupsOf } from './groups.js';
import { planSettings, type Wanted } from './settings.js';
import type { Automatic, Edit, HostPlan, ManualStep, Reach, RemedyPlan } from './types.js';

/** One judged host. */
export interface HostInput {
  readonly host: Host;
  readonly reach: Reach;
  readonly evidence: HostEvidence;
  readonly facts: HostFacts;
  readonly expected: Expectations;
  readonly results: readonly CheckResult[];
}

export interface FleetInput {
  readonly run: string;
  readonly now: string;
  readonly policy: Policy;
  readonly ca: CaExpectation;
  /** CA keys as text by fingerprint, from any host: see {@link caKeysOf}. */
  readonly caKeys: ReadonlyMap<string, string>;
}

/** Failures that a waiver accepts are left alone. */
export function planHost(input: HostInput, fleet: FleetInput): HostPlan {
  const { host, reach, evidence, results } = input;
  const failed = results.flatMap(({ id, outcome, waiver }) =>
    outcome.status === 'fail' && !waiver ? [{ id, findings: outcome.findings }] : [],
  );
  const { automatic, mended } = automaticPart(input, fleet, failed);
  const manual = failed.flatMap(({ id, findings }) =>
    findings.filter(({ subject }) => !mended.has(`${id} ${subject}`)).map((one) => manualStep(id, one)),
  );
  const gathered = Object.keys(evidence.probes).length > 0;
  return {
    host: host.name,
    reach,
    automatic,
    manual,
    ...(!gathered && { unknown: evidence.failure?.detail ?? 'there is no evidence of this host' }),
  };
}

export function planFleet(
  { run, now }: Pick<FleetInput, 'run' | 'now'>,
  hosts: readonly HostPlan[],
): RemedyPlan {
  const sorted = hosts.toSorted((a, b) => (a.host < b.host ? -1 : 1));
  return { run, now, hosts: sorted, groups: groupsOf(sorted) };
}

function manualStep(check: string, { subject, message, remediation }: Finding): ManualStep {
  return { check, subject, text: `${message} ${remediation ?? ''}`.trim() };
}

interface Failed {
  readonly id: string;
  readonly findings: readonly Finding[];
}

function automaticPart(
  { evidence, facts, expected }: HostInput,
  { policy, ca, caKeys }: FleetInput,
  failed: readonly Failed[],
): { automatic: Automatic | null; mended: ReadonlySet<string> } {
  const failing = new Map(
    failed.map(({ id, findings }) => [id, new Set(findings.map(({ subject }) => subject))]),
  );
  const of = (id: CheckId) => failing.get(id) ?? new Set<string>();
  const { connection } = evidence;
  const accounts = valueOr(facts.accounts, []);
  const asRoot = accounts.some(({ name, uid }) => uid === 0 && name === connection?.user);
  const content = caContent(ca, caKeys);
  const sshd = facts.sshd.ok ? facts.sshd.value : null;
  const settings = sshd
    ? planSettings(sshd, wantedSettings(failing, { ca, policy, caKnown: content !== null, asRoot }), failing)
    : null;

  const file = valueOr(facts.caFiles, []).find((one) => one.file.path === ca.trustedUserCaKeys);
  const caFile = planCaFile(file, ca, content, of('ca-trust'));
  const newPath = settings?.names.has('TrustedUserCAKeys') && content !== null && caFile.edits.length === 0;
  const pathOf = (account: string) => policy.authorizedPrincipalsFile.replaceAll('%u', account);
  const principalsFiles = valueOr(facts.principalsFiles, []);
  const principals = planPrincipals(principalsFiles, expected, pathOf, of('principals'));
  const bootstrap = planBootstrap(principalsFiles, of('bootstrap-complete'));
  const keyLines = new Set(
    (['ca-trust', 'no-static-keys', 'bootstrap-complete'] as const).flatMap((id) => [...of(id)]),
  );
  const plain = connection?.authenticatedBy?.startsWith('publickey key ')
    ? { user: connection.user, text: connection.authenticatedBy }
    : null;
  const keys = planKeys(valueOr(facts.authorizedKeys, []), keyLines, plain);

  const mended = new Set([
    ...(settings?.mended ?? []),
    ...caFile.mended.map((subject) => `ca-trust ${subject}`),
    ...principals.mended.map((subject) => `principals ${subject}`),
    ...bootstrap.mended.map((subject) => `bootstrap-complete ${subject}`),
    ...(['ca-trust', 'no-static-keys', 'bootstrap-complete'] as const).flatMap((id) =>
      keys.mended.map((subject) => `${id} ${subject}`),
    ),
  ]);
  const edits: Edit[] = [
    ...caFile.edits,
    ...(newPath
      ? [...folderOf(ca.trustedUserCaKeys), { kind: 'content', path: ca.trustedUserCaKeys, content } as const]
      : []),
    ...principals.edits,
    ...(bootstrap.edits.every(({ path }) =>
      principals.edits.every((edit) => edit.path !== path || edit.kind !== 'content'),
    )
      ? bootstrap.edits
      : []),
    ...(settings?.edits ?? []),
    ...keys.edits,
  ];
  if (edits.length === 0) return { automatic: null, mended };
  const causes = failed
    .filter(({ id, findings }) => findings.some(({ subject }) => mended.has(`${id} ${subject}`)))
    .map(({ id }) => id as CheckId);
  const names = settings?.names ?? new Set<string>();
  return {
    mended,
    automatic: {
      causes,
      edits: distinct(edits),
      ...(sshd &&
        settings &&
        settings.edits.length > 0 && {
          sshd: {
            binary: /^\/[A-Za-z0-9/._-]+$/.test(sshd.binary) ? sshd.binary : '/usr/sbin/sshd',
            main: sshd.files[0]?.path ?? '/etc/ssh/sshd_config',
            proofs: settings.proofs,
          },
        }),
      guard: {
        keysOf: keys.accounts,
        passwords: names.size > 0 && of('password-auth').size > 0,
        root: names.has('PermitRootLogin'),
      },
    },
  };
}

function distinct(edits: readonly Edit[]): Edit[] {
  return [...new Map(edits.map((edit) => [JSON.stringify(edit), edit])).values()];
}

interface Context {
  readonly ca: CaExpectation;
  readonly policy: Policy;
  /** The CA file can be written: without it, naming the file would shut everybody out. */
  readonly caKnown: boolean;
  /** The auditor came in as root: closing that door is left to a person. */
  readonly asRoot: boolean;
}

/** What each failing check wants sshd to say. Source: directive section 5, sshd_config(5). */
function wantedSettings(
  failing: ReadonlyMap<string, unknown>,
  { ca, policy, caKnown, asRoot }: Context,
): Wanted[] {
  const table: readonly (readonly [CheckId, string, string, boolean])[] = [
    ['password-auth', 'PasswordAuthentication', 'no', true],
    ['password-auth', 'KbdInteractiveAuthentication', 'no', true],
    ['password-auth', 'ChallengeResponseAuthentication', 'no', true],
    ['password-auth', 'PermitEmptyPasswords', 'no', true],
    ['password-auth', 'HostbasedAuthentication', 'no', true],
    ['root-login', 'PermitRootLogin', 'no', !asRoot],
    ['audit-logging', 'LogLevel', 'VERBOSE', true],
    ['ca-trust', 'TrustedUserCAKeys', ca.trustedUserCaKeys, caKnown],
    ['ca-trust', 'PubkeyAuthentication', 'yes', true],
    ['principals', 'AuthorizedPrincipalsFile', policy.authorizedPrincipalsFile, true],
    ['principals', 'AuthorizedPrincipalsCommand', 'none', true],
    ['no-static-keys', 'AuthorizedKeysCommand', 'none', true],
  ];
  return table
    .filter(([check, , , possible]) => possible && failing.has(check))
    .map(([check, name, value]) => ({ check, name, value }));
}
