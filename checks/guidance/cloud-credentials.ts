/**
 * Guidance, temporary cloud access: "it's inappropriate to grant secrets with indefinite duration". No access key of AWS
 * that never expires on the host or with the auditor, and no session longer than the policy allows.
 */
import type { AuditorCloud, CloudKey } from '../../src/facts/types.js';
import type { Check, EvidenceRef, Finding, Policy } from '../../src/model.js';
import { plural } from '../../src/plural.js';
import { judge, missingFrom, valueOr } from '../lib/law.js';

const HOUR = 3_600_000;
const MOST_FINDINGS = 100;
const REPLACE =
  'Give the host a role (instance profile, or IAM Roles Anywhere elsewhere) and people IAM Identity Center; then deactivate the key with aws iam update-access-key --status Inactive, and delete it.';

export const cloudCredentials: Check<'cloudKeys', 'cloud'> = {
  meta: {
    pack: 'guidance',
    id: 'cloud-credentials',
    title: 'No cloud access key that never expires lies on a host or with the auditor',
    category: 'Guidance',
    directive: '1 (short-lived credentials)',
    why: 'An access key works until somebody deletes it, from anywhere. Whoever reads the file or the environment has what it may do for good, and with SSM that may be a shell as root on every host.',
    fix: 'Use roles for machines and IAM Identity Center or sts assume-role for people, with sessions as short as the work; delete access keys.',
    looksAt: [
      'files of up to 64 KiB in homes, /etc, /opt, /srv, /tmp and mounts below them, four folders deep: key IDs that begin with AKIA, and whether something like a secret stands in the same file',
      'the environment of every process, the same way',
      'with sources.cloud: the environment of the auditor’s run and the AWS CLI’s files there, how long the credentials still live and duration_seconds of the profiles',
      'guidance.cloud_session_hours of the policy',
    ],
    limits: [
      'Neither a key ID nor a secret is collected: four characters at the end tell keys apart.',
      'Larger files, images, databases, and secrets that a program fetches when it starts.',
      'Whether the key is still active, and what it may do.',
      'How long a role may be assumed at most (MaxSessionDuration): only IAM tells.',
      'Clouds other than AWS.',
    ],
    severity: 'high',
    needs: { host: ['cloudKeys'], fleet: ['cloud'] },
    controls: {
      'NIST 800-53 r5': ['IA-5(7)', 'AC-2(3)', 'AC-12'],
      'ISO 27001:2022': ['A.5.17', 'A.8.5', 'A.8.24'],
      'CIS Controls v8': ['5.2', '6.2'],
      'SOC 2': ['CC6.1'],
    },
  },
  evaluate({ host, fleet, policy, now }) {
    const keys = valueOr(host.cloudKeys, []);
    const own = valueOr(fleet.cloud, { keys: [], sessions: [] });
    const usable = keys.filter(({ secret }) => secret);
    const bare = keys.filter(({ secret }) => !secret);
    const untold = own.keys.filter(({ longLived, expires }) => !longLived && expires === null);
    return judge({
      findings: [...distinct(usable.map(keyFinding)), ...auditorFindings(own, policy, now)].slice(
        0,
        MOST_FINDINGS,
      ),
      missing: missingFrom(host.cloudKeys, fleet.cloud),
      because: `no access key with its secret was found in files or in environments of processes; the auditor’s ${plural(own.keys.length, 'credential')} of AWS are temporary.`,
      evidence: [{ probe: 'cloud-keys' }, { probe: 'cloud' }],
      notes: [
        ...bare
          .slice(0, 10)
          .map((key) => `${placeOf(key)} names the access key ${key.id}, without a secret beside it`),
        ...untold
          .slice(0, 10)
          .map(({ id, from }) => `the auditor’s temporary key ${id} in ${from} does not say when it ends`),
      ],
    });
  },
};

function keyFinding(key: CloudKey): Finding {
  const { path, line, owner, id, place } = key;
  const at = place === 'file' ? { path, ...(line !== undefined && { line }) } : undefined;
  return {
    subject: `${id} in ${place === 'file' ? path : `the environment of ${path}`}`,
    message: `${placeOf(key)} holds the access key ${id} with its secret${owner === '' ? '' : `, for ${owner}`}: it never expires, and whoever reads it has its rights from anywhere.`,
    evidence: [{ probe: 'cloud-keys', ...(at ?? { path }), excerpt: id }],
    ...(at && { at }),
    remediation: REPLACE,
  };
}

function auditorFindings(own: AuditorCloud, policy: Policy, now: Date): Finding[] {
  const most = policy.guidance.cloudSessionHours;
  const ref = (excerpt: string): EvidenceRef[] => [{ probe: 'cloud', excerpt }];
  return [
    ...own.keys.flatMap(({ id, from, longLived, expires }): Finding[] => {
      const text = `${id} in ${from}`;
      if (longLived)
        return [
          {
            subject: `the auditor: ${text}`,
            message: `The auditor itself has the access key ${text}: it never expires.`,
            evidence: ref(text),
            remediation: 'Let the auditor assume a role, and delete the key.',
          },
        ];
      const hours = expires === null ? 0 : (expires - now.getTime()) / HOUR;
      if (hours <= most) return [];
      return [
        {
          subject: `the auditor: ${text}`,
          message: `The auditor’s session ${text} still lives ${Math.floor(hours)} hours: the policy allows ${most}.`,
          evidence: ref(text),
        },
      ];
    }),
    ...own.sessions
      .filter(({ seconds }) => seconds * 1000 > most * HOUR)
      .map(({ from, seconds }): Finding => ({
        subject: `the auditor: ${from}`,
        message: `The auditor’s profile ${from} asks for sessions of ${Math.floor(seconds / 3600)} hours: the policy allows ${most}.`,
        evidence: ref(`duration_seconds = ${seconds}`),
        remediation: `Set duration_seconds to at most ${most * 3600}, and MaxSessionDuration of the role too.`,
      })),
  ];
}

function placeOf({ place, path, line }: CloudKey): string {
  return place === 'file' ? `${path}${line === undefined ? '' : `:${line}`}` : `The environment of ${path}`;
}

function distinct(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.toReversed().map((one) => [one.subject, one])).values()].reverse();
}
