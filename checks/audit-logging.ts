/** 8. Every login is written down with the certificate's identity, and the record leaves the host. Source: directive 5, sshd_config(5) LogLevel, auth.c. */
import type { SshdCase } from '../src/facts/types.js';
import type { Check } from '../src/model.js';
import { judge, missingFrom, valueOr } from './lib/law.js';
import { programOf } from './lib/forwarding.js';
import { serversBesideLog } from './lib/log-servers.js';
import { judgeLogging } from './lib/logging.js';
import { judgeLogins } from './lib/logins.js';
import { caseFindings, distinct, type Fault, notPrinted } from './lib/settings.js';
import { judgeSiem } from './lib/siem.js';
import { printed, setting, staleDaemon } from './lib/sshd.js';

const RECORDS = new Set(['info', 'verbose', 'debug', 'debug1', 'debug2', 'debug3']);

export const auditLogging: Check<'sshd' | 'daemons' | 'logins' | 'logging', 'siem'> = {
  meta: {
    number: 8,
    id: 'audit-logging',
    title: 'Every SSH login is recorded with its certificate identity and reaches the SIEM',
    category: 'Audit Logging',
    directive: '5',
    why: 'A login without key ID and serial belongs to nobody, and a record that stays on the host can be erased by whoever breaks into it.',
    fix: 'Set LogLevel VERBOSE (INFO is enough) at the top of sshd_config, remove Match blocks that lower it, and forward auth and authpriv to the SIEM.',
    looksAt: [
      'sshd -T -C: loglevel and syslogfacility for every account and every Match condition',
      'how sshd was started: -E and -e take its log away from syslog',
      'journald and syslog daemons, and where /dev/log leads',
      'forwarders that run, their configuration, and every rule before the one that sends',
      'logins of the window: written by sshd itself, with key ID, serial and CA',
      'the logins the SIEM holds for the same window, one by one (sources.siem)',
    ],
    limits: [
      'How long the SIEM keeps records, and who may delete them there, is not looked at.',
      'A host that is under an attacker’s control can lie about everything but what the SIEM already holds.',
      'Lines that were erased from the journal between its oldest entry and now leave no trace on the host; the SIEM comparison shows them.',
    ],
    severity: 'high',
    needs: { host: ['sshd', 'daemons', 'logins', 'logging'], fleet: ['siem'] },
    controls: {
      'NIST 800-53 r5': ['AU-2', 'AU-3', 'AU-4(1)', 'AU-9(2)', 'AU-10', 'AU-12'],
      'ISO 27001:2022': ['A.8.15', 'A.8.16'],
      'CIS Controls v8': ['8.2', '8.5', '8.9'],
      'SOC 2': ['CC7.2', 'CC7.3'],
    },
  },
  evaluate({ host: { sshd, daemons, logins, logging }, fleet: { siem }, expected, policy }) {
    const cases = sshd.ok ? sshd.value.cases : [];
    const log = valueOr(logins, null);
    const lines = valueOr(logging, null);
    const facilities = [...new Set(cases.flatMap((one) => setting(one, 'syslogfacility') ?? []))];
    const program = sshd.ok ? programOf(sshd.value) : null;
    const parts = [
      lines &&
        judgeLogging(lines, facilities.length > 0 ? facilities : ['auth'], program, log?.source ?? null),
      log && judgeLogins(log, policy.loginWindowDays),
      judgeSiem(expected.host, log, siem),
    ].filter((part) => part !== null);
    const servers = serversBesideLog(daemons);
    const says = parts.map((part) => part.says).filter((text) => text !== '');
    return judge({
      findings: [
        ...caseFindings(sshd, faults),
        ...servers.findings,
        ...parts.flatMap((part) => part.findings),
      ],
      missing: distinct([
        ...missingFrom(sshd, daemons, logins, logging),
        ...staleDaemon(daemons),
        ...notPrinted(sshd, ['loglevel'], ['syslogfacility']),
        ...servers.missing,
        ...parts.flatMap((part) => part.missing),
      ]),
      because: `LogLevel records every login in all ${cases.length} configurations sshd gives; ${says.join('; ')}.`,
      evidence: [
        ...cases.slice(0, 5).map((one) => printed(one, 'loglevel')),
        ...parts.flatMap((part) => part.evidence),
      ],
      notes: [...new Set([...hashNote(cases), ...parts.flatMap((part) => part.notes)])],
    });
  },
};

/** What a level leaves out. Source: sshd_config(5), auth.c auth_log(): success is logged at INFO. */
function faults(one: SshdCase): Fault[] {
  const level = setting(one, 'loglevel');
  if (level === undefined || RECORDS.has(level)) return [];
  const name = level === 'silent' ? 'QUIET' : level.toUpperCase();
  return [
    {
      name: 'LogLevel',
      wanted: 'VERBOSE',
      says: `is ${name}, and successful logins are not logged at all: who comes in this way is never seen`,
    },
  ];
}

function hashNote(cases: readonly SshdCase[]): string[] {
  if (!cases.some((one) => setting(one, 'fingerprinthash') === 'md5')) return [];
  return [
    'FingerprintHash is md5: the log names keys and CAs by MD5, which the SIEM must know to join them with the CA’s records.',
  ];
}
