/** Scorecard 7, "Agent/Automation Wrapper": agents and automations reach SSH only through a wrapper that asks the CA. */
import type { Check, Finding } from '../src/model.js';
import { isEphemeral, isMachineKey, machineAccounts } from './lib/actor-accounts.js';
import { attested } from './lib/attestations.js';
import { unseenFolders } from './lib/files.js';
import { judge, missingFrom, valueOr, type Missing } from './lib/law.js';
import { isOurs } from './lib/lifetime.js';
import { machineRoleFindings } from './lib/machine-roles.js';
import { traceMachines } from './lib/machine-trace.js';
import {
  forceCommandFindings,
  isCompiled,
  jobFindings,
  keyFinding,
  noWrapper,
  wrapperFindings,
} from './lib/wrapper.js';

export const actorWrapper: Check<
  'accounts' | 'principalsFiles' | 'certificates' | 'privateKeys' | 'schedules' | 'wrappers' | 'logins',
  'attestations' | 'certificateLog' | 'vault'
> = {
  meta: {
    number: 7,
    id: 'actor-wrapper',
    title: 'Agents and automations log in only through a wrapper that asks the CA',
    category: 'Agent/Automation Wrapper',
    directive: '5 (Agent/Automation Wrapper), 4.1',
    why: 'A private key on disk, or a job that calls ssh by itself, keeps access for as long as the file lies there. Anyone who reads the disk or its backup logs in as the automation, and nothing at the CA shows it.',
    fix: 'Delete the key, let the job call the wrapper (/usr/local/bin/ops-ssh-wrapper or atm-wrapper.sh), and let the wrapper ask the CA for a certificate each time.',
    looksAt: [
      'private keys by content in the homes of agent and automation accounts and CI services, and where jobs of root keep theirs',
      'cron, anacron, at, systemd units and user units, and the scripts they call, one level deep',
      'the wrappers the policy names: present, root-owned along the whole path, really asking a CA',
      'the force-command of agents’ and automations’ certificates on the host and in the certificate log',
      'logins of agents and automations, each against the certificate log: the certificate that was issued, and its force-command',
      'the CA’s roles for agents and automations: a force-command no request can replace (sources.vault, where one is asked)',
      'an attestation of the code review (sources.attestations, kind wrapper-review)',
    ],
    limits: [
      'Programs started by hand or by schedulers outside the host, and compiled programs that schedules call.',
      'Keys deeper than six folders, larger than 64 KiB, or in containers’ own file systems.',
      'What a compiled wrapper really does: that is what the attested review is for.',
    ],
    severity: 'high',
    needs: {
      host: ['accounts', 'principalsFiles', 'certificates', 'privateKeys', 'schedules', 'wrappers', 'logins'],
      fleet: ['attestations', 'certificateLog', 'vault'],
    },
    controls: {
      'NIST 800-53 r5': ['IA-5(7)', 'AC-6', 'AC-17(1)'],
      'ISO 27001:2022': ['A.5.17', 'A.8.2', 'A.8.18'],
      'CIS Controls v8': ['5.5', '6.8'],
      'SOC 2': ['CC6.1', 'CC6.3'],
    },
  },
  evaluate({ host, fleet, expected, policy, now }) {
    const known = valueOr(host.accounts, []);
    const machines = machineAccounts(expected, known, valueOr(host.principalsFiles, []));
    const certificates = valueOr(host.certificates, []);
    const schedules = valueOr(host.schedules, []);
    const wrappers = valueOr(host.wrappers, []);
    const { limits, tolerance } = policy.lifetimes;
    const limit = Math.max(limits.agt.fail, limits.atm.fail) + tolerance;
    const ours = certificates.filter(({ certificate }) => isOurs(certificate, expected.ca));
    const keys = valueOr(host.privateKeys, []).filter((key) => isMachineKey(key, machines, known));
    const seconds = BigInt(Math.floor(now.getTime() / 1000));
    const live = (fleet.certificateLog.ok ? fleet.certificateLog.value.issuances : []).filter(
      ({ kind, validBefore }) => kind === 'user' && validBefore !== null && validBefore > seconds,
    );
    const traced = traceMachines(host.logins, fleet.certificateLog, { ca: expected.ca, policy, now });
    const absent = wrappers.every(({ file }) => file.status === 'missing');
    const findings: Finding[] = [
      ...keys
        .filter((key) => !key.hardwareBound && !isEphemeral(key, ours, now, limit))
        .map((key) => keyFinding(key)),
      ...schedules.flatMap((job) => jobFindings(job, policy, wrappers)),
      ...wrappers.flatMap((wrapper) => wrapperFindings(wrapper)),
      ...(host.wrappers.ok && absent && machines.size > 0 ? [noWrapper(policy.wrappers, machines)] : []),
      ...ours
        .filter(({ certificate }) => certificate.kind === 'user')
        .flatMap(({ certificate, path, line }) =>
          forceCommandFindings(certificate, { probe: 'credentials', path, line }, policy, now),
        ),
      ...live.flatMap(({ certificate, from }) =>
        certificate && isOurs(certificate, expected.ca)
          ? forceCommandFindings(certificate, { probe: 'certificateLog', path: from }, policy, now)
          : [],
      ),
      ...traced.findings,
      ...(fleet.vault.ok ? machineRoleFindings(fleet.vault.value, policy) : []),
    ];
    const review = attested(fleet.attestations, 'wrapper-review', now);
    const named = expected.accounts ?? expected.principals;
    const present = wrappers.filter(({ file }) => file.status === 'ok');
    const missing: Missing[] = [
      ...missingFrom(host.privateKeys, host.schedules, host.wrappers, host.certificates, host.accounts),
      ...(named ? [] : missingFrom(host.principalsFiles)),
      ...wrappers
        .flatMap(({ file }) => unseenFolders(file))
        .map((detail) => ({ reason: 'no-evidence' as const, detail })),
      ...(policy.wrappers.length > 0
        ? []
        : [{ reason: 'not-configured', detail: 'the policy names no wrapper (policy.wrappers)' } as const]),
      ...traced.missing,
      ...review.missing,
    ];
    return judge({
      findings: [...new Map(findings.map((one) => [`${one.subject} ${one.message}`, one])).values()],
      missing,
      because: `no long-lived key of an agent or automation (${machines.size} accounts: ${[...machines].slice(0, 5).join(', ') || 'none'}), none of ${schedules.length} scheduled commands calls ssh by itself, ${present.length === 0 ? 'no wrapper is needed here' : `${present.map(({ file }) => file.path).join(' and ')} asks the CA`}, code review attested by ${review.by}`,
      evidence: [
        ...present.flatMap(({ file, asksCa }) =>
          asksCa
            .slice(0, 1)
            .map(({ line, text }) => ({ probe: 'wrappers', path: file.path, line, excerpt: text })),
        ),
        ...schedules
          .filter(({ callsWrapper }) => callsWrapper.length > 0)
          .slice(0, 10)
          .map(({ path, line, command }) => ({
            probe: 'schedules',
            path,
            line,
            excerpt: command.slice(0, 300),
          })),
      ],
      notes: [
        ...keys
          .filter(({ hardwareBound }) => hardwareBound)
          .map(({ path }) => `${path} is a hardware-bound key handle: useless without its device.`),
        ...wrappers
          .filter((wrapper) => isCompiled(wrapper))
          .map(
            ({ file }) =>
              `${file.path} is a compiled program: only the attested review can tell what it asks.`,
          ),
        ...traced.notes,
      ],
    });
  },
};
