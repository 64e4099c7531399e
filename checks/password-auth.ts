/** 5. No combination of user and connection can reach a password. Source: sshd_config(5), sshd(8) -T. */
import type { Check, Finding } from '../src/model.js';
import { judge, missingFrom, valueOr, type Missing } from './lib/law.js';
import { offeredFindings } from './lib/offered.js';
import { judgeOtherServers } from './lib/other-servers.js';
import { doorsOf, GAINS, hostbasedDoor, onlyRootWithoutPassword } from './lib/password-doors.js';
import { isOn, placeOf, printed, remedy, setting, staleDaemon, subjectOf, whoAndHow } from './lib/sshd.js';

export const passwordAuth: Check<'sshd' | 'daemons' | 'system' | 'accounts', never> = {
  meta: {
    number: 5,
    id: 'password-auth',
    title: 'No user on any connection can log in with a password',
    category: 'Password Auth',
    directive: '5',
    why: 'A password can be guessed, reused and phished from anywhere, outlives every certificate and leaves no trace at the CA. Trust in another host is no better: its root is anybody here.',
    fix: 'Set PasswordAuthentication no, KbdInteractiveAuthentication no (and ChallengeResponseAuthentication no up to OpenSSH 8.6) PermitEmptyPasswords no and HostbasedAuthentication no at the top of sshd_config, and remove Match blocks that say otherwise.',
    looksAt: [
      'sshd -T -C for every account and for every user, address, host and port a Match line names, of every sshd that is started here: passwordauthentication, kbdinteractiveauthentication, challengeresponseauthentication, usepam, permitemptypasswords, hostbasedauthentication, authenticationmethods',
      'whether the running sshd has read the files that were judged, with the same options',
      'what the running sshd offers: one connection from the host to itself that tries nothing (a line `Connection closed by authenticating user … [preauth]` in its log)',
      'other programs on the host that accept logins (dropbear, tailscaled, telnetd …)',
    ],
    limits: [
      'Programs that accept SSH logins under an unknown name are not recognised.',
      'Passwords on the console, in sudo or inside other services are not looked at.',
      'What the running sshd does not offer to the one login that is tried proves nothing for others.',
      'GSSAPI and Kerberos authentication are reported as remarks, not judged.',
    ],
    severity: 'critical',
    needs: { host: ['sshd', 'daemons', 'system', 'accounts'], fleet: [] },
    controls: {
      'NIST 800-53 r5': ['IA-2', 'IA-5', 'AC-17', 'CM-6'],
      'ISO 27001:2022': ['A.5.17', 'A.8.5'],
      'CIS Controls v8': ['4.1', '5.2', '6.3'],
      'SOC 2': ['CC6.1', 'CC6.6'],
    },
  },
  evaluate({ host, policy }) {
    const { sshd, daemons, system } = host;
    const cases = sshd.ok ? sshd.value.cases : [];
    const linux = system.ok && /^Linux\b/.test(system.value.kernel);
    const roots = new Set(valueOr(host.accounts, []).flatMap(({ name, uid }) => (uid === 0 ? [name] : [])));
    const findings = new Map<string, Finding>();
    const notes = new Set<string>();
    const missing: Missing[] = [...missingFrom(sshd, daemons), ...staleDaemon(daemons)];
    for (const one of cases) {
      if (!sshd.ok) continue;
      const trust = hostbasedDoor(one, roots);
      const { open, unclear, remark } = onlyRootWithoutPassword(one, roots)
        ? { open: [] }
        : doorsOf(one, policy, linux);
      for (const text of [...(remark ? [remark] : []), ...trust.remarks]) notes.add(text);
      if (unclear) missing.push({ reason: 'unsupported', detail: unclear });
      for (const door of [...open, ...(trust.open ? (['HostbasedAuthentication'] as const) : [])]) {
        const keyword = door.toLowerCase();
        const subject = subjectOf(door, one);
        if (findings.has(subject)) continue;
        findings.set(subject, {
          subject,
          message: `${door} is ${setting(one, keyword) ?? 'on'} for ${whoAndHow(one)}: ${GAINS[door]}.`,
          evidence: [printed(one, keyword), printed(one, 'authenticationmethods')],
          ...placeOf(one, door),
          remediation: remedy(sshd.value, one, door, 'no'),
        });
      }
      for (const keyword of ['gssapiauthentication', 'kerberosauthentication']) {
        if (isOn(one, keyword))
          notes.add(`${keyword} is yes for ${whoAndHow(one)}: logins without a certificate.`);
      }
    }
    const others = judgeOtherServers(daemons, {
      // With -t it asks for a key as well.
      dropbearOption: policy.passwordAsSecondFactor ? 'st' : 's',
      dropbearOpen: 'so an attacker can guess passwords there',
      unseen: 'whether it takes passwords',
      insecure: 'lets users in by password or by their address, without any certificate',
    });
    const offered = offeredFindings(daemons, sshd);
    const accounts = new Set(cases.flatMap((one) => one.accounts)).size;
    return judge({
      findings: [...findings.values(), ...offered.findings, ...others.findings],
      missing: [...missing, ...others.missing],
      because: `For ${accounts} accounts on ${cases.length} kinds of connection sshd's effective configuration lets none reach password, keyboard-interactive, empty-password or host-based authentication, and the running sshd has read these files.`,
      evidence: cases
        .slice(0, 5)
        .flatMap((one) => [
          printed(one, 'passwordauthentication'),
          printed(one, 'kbdinteractiveauthentication'),
        ]),
      notes: [...notes, ...offered.notes].slice(0, 20),
    });
  },
};
