/** 6. PermitRootLogin is no on every connection, for every account with uid 0. Source: sshd_config(5), auth.c auth_root_allowed(). */
import type { SshdCase } from '../src/facts/types.js';
import type { Check, Finding } from '../src/model.js';
import { judge, missingFrom, type Missing } from './lib/law.js';
import { entered } from './lib/offered.js';
import { judgeOtherServers } from './lib/other-servers.js';
import {
  howReached,
  placeOf,
  printed,
  remedy,
  setting,
  staleDaemon,
  subjectOf,
  whoAndHow,
} from './lib/sshd.js';

const NAME = 'PermitRootLogin';

const GAINS: Readonly<Record<string, string>> = {
  yes: 'whoever has a key, a certificate or the password of root works as root at once, and nobody can tell which person it was',
  'prohibit-password':
    'a key or certificate that root accepts gives root at once, without the personal account and the sudo record between',
  'forced-commands-only': 'a key or certificate that carries a command still enters as root',
};

export const rootLogin: Check<'sshd' | 'daemons' | 'accounts', never> = {
  meta: {
    number: 6,
    id: 'root-login',
    title: 'Nobody can log in as root over SSH',
    category: 'Root Login',
    directive: '5',
    why: 'A direct root session cannot be attributed to a person and needs no further step to own the host.',
    fix: 'Set PermitRootLogin no at the top of sshd_config and remove Match blocks that say otherwise; administrators log in as themselves and use sudo.',
    looksAt: [
      'sshd -T -C: permitrootlogin for every account with uid 0 and for every user, address, host and port a Match line names, of every sshd that is started here',
      'every account with uid 0, whatever its name',
      'whether the running sshd has read the files that were judged, with the same options',
      'other programs on the host that accept logins as root',
    ],
    limits: [
      'What accounts may do with sudo after login is not looked at.',
      'Keys that lie in root’s authorized_keys are judged by No Static Keys.',
      'Programs that accept SSH logins under an unknown name are not recognised.',
    ],
    severity: 'critical',
    needs: { host: ['sshd', 'daemons', 'accounts'], fleet: [] },
    controls: {
      'NIST 800-53 r5': ['AC-6', 'AC-6(2)', 'AC-17', 'IA-2(5)'],
      'ISO 27001:2022': ['A.8.2', 'A.5.15', 'A.8.5'],
      'CIS Controls v8': ['5.4', '4.1'],
      'SOC 2': ['CC6.1', 'CC6.3'],
    },
  },
  evaluate({ host }) {
    const { sshd, daemons, accounts } = host;
    const cases = sshd.ok ? sshd.value.cases : [];
    const roots = accounts.ok
      ? new Set(accounts.value.filter(({ uid }) => uid === 0).map(({ name }) => name))
      : null;
    const missing: Missing[] = [...missingFrom(sshd, daemons), ...staleDaemon(daemons)];
    const findings = new Map<string, Finding>();
    const notes = new Set<string>();
    for (const one of cases) {
      const value = setting(one, 'permitrootlogin');
      if (value === 'no') continue;
      if (value === undefined) {
        missing.push({ reason: 'unsupported', detail: 'sshd -T does not print permitrootlogin' });
        continue;
      }
      const reach = rootReach(one, roots);
      if (reach === 'other') {
        notes.add(`${NAME} is ${value} for ${whoAndHow(one)}; none of these accounts has uid 0.`);
        if (!accounts.ok || accounts.gaps.length > 0)
          missing.push({
            reason: 'no-evidence',
            detail: `${NAME} is ${value} for ${whoAndHow(one)}, and whether such an account with uid 0 exists is not known: ${accounts.ok ? (accounts.gaps[0] ?? '') : accounts.detail}`,
          });
        continue;
      }
      const subject = subjectOf(NAME, one);
      if (!sshd.ok || findings.has(subject)) continue;
      findings.set(subject, {
        subject,
        message: `${NAME} is ${value} for ${reach === 'unknown' ? whoAndHow(one) : `${reach}, ${howReached(one)}`}: ${GAINS[value === 'without-password' ? 'prohibit-password' : value] ?? 'anything but no lets root in'}.`,
        evidence: [printed(one, 'permitrootlogin')],
        ...placeOf(one, NAME),
        remediation: remedy(sshd.value, one, NAME, 'no'),
      });
    }
    const others = judgeOtherServers(daemons, {
      dropbearOption: 'w',
      dropbearOpen: 'so root can log in there',
      unseen: 'whether it lets root in',
    });
    const names = roots ? [...roots] : [];
    return judge({
      findings: [...findings.values(), ...entered(daemons, 'root'), ...others.findings],
      missing: [...missing, ...others.missing],
      because: `PermitRootLogin is no in every configuration sshd gives for ${cases.length} kinds of connection; it binds every account with uid 0 (here: ${names.join(', ') || 'none listed'}), and the running sshd has read these files.`,
      evidence: cases.slice(0, 10).map((one) => printed(one, 'permitrootlogin')),
      notes: [...notes].slice(0, 20),
    });
  },
};

/** Which uid 0 accounts get this configuration; `other`: none does; `unknown`: the accounts could not be read. */
function rootReach(one: SshdCase, roots: ReadonlySet<string> | null): string {
  if (roots === null) return 'unknown';
  const reached = one.accounts.filter((name) => roots.has(name));
  if (reached.length > 0) return reached.join(', ');
  return one.witness.user === 'root' && !one.accounts.includes('root') && one.accounts.length === 0
    ? 'root'
    : 'other';
}
