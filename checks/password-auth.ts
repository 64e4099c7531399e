/** 5. No combination of user and connection can reach a password. Source: sshd_config(5), sshd(8) -T. */
import type { Check, Finding } from '../src/model.js';
import { judge, missingFrom, valueOr, type Missing } from './lib/law.js';
import { judgeOtherServers } from './lib/other-servers.js';
import { doorsOf, GAINS, onlyRootWithoutPassword } from './lib/password-doors.js';
import { isOn, placeOf, printed, remedy, setting, staleDaemon, subjectOf, whoAndHow } from './lib/sshd.js';

export const passwordAuth: Check<'sshd' | 'daemons' | 'system' | 'accounts', never> = {
  meta: {
    number: 5,
    id: 'password-auth',
    title: 'No user on any connection can log in with a password',
    category: 'Password Auth',
    directive: '5',
    why: 'A password can be guessed, reused and phished from anywhere, outlives every certificate and leaves no trace at the CA.',
    fix: 'Set PasswordAuthentication no, KbdInteractiveAuthentication no (and ChallengeResponseAuthentication no up to OpenSSH 8.6) and PermitEmptyPasswords no at the top of sshd_config, and remove Match blocks that say otherwise.',
    looksAt: [
      'sshd -T -C for every account and for every user, address, host and port a Match line names: passwordauthentication, kbdinteractiveauthentication, challengeresponseauthentication, usepam, permitemptypasswords, authenticationmethods',
      'whether the running sshd has read the files that were judged, with the same options',
      'other programs on the host that accept logins (dropbear, tailscaled, telnetd …)',
    ],
    limits: [
      'Programs that accept SSH logins under an unknown name are not recognised.',
      'Passwords on the console, in sudo or inside other services are not looked at.',
      'What the server offers over the network is not tried: a login attempt could be blocked or counted as an attack.',
      'GSSAPI and host-based authentication are reported as remarks, not judged.',
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
      if (!sshd.ok || onlyRootWithoutPassword(one, roots)) continue;
      const { open, unclear, remark } = doorsOf(one, policy, linux);
      if (remark) notes.add(remark);
      if (unclear) missing.push({ reason: 'unsupported', detail: unclear });
      for (const door of open) {
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
      for (const keyword of ['gssapiauthentication', 'hostbasedauthentication', 'kerberosauthentication']) {
        if (isOn(one, keyword))
          notes.add(`${keyword} is yes for ${whoAndHow(one)}: logins without a certificate.`);
      }
    }
    const others = judgeOtherServers(daemons, {
      dropbearOption: 's',
      dropbearOpen: 'so an attacker can guess passwords there',
      unseen: 'whether it takes passwords',
      insecure: 'lets users in by password or by their address, without any certificate',
    });
    const accounts = new Set(cases.flatMap((one) => one.accounts)).size;
    return judge({
      findings: [...findings.values(), ...others.findings],
      missing: [...missing, ...others.missing],
      because: `For ${accounts} accounts on ${cases.length} kinds of connection sshd's effective configuration lets none reach password, keyboard-interactive or empty-password authentication, and the running sshd has read these files.`,
      evidence: cases
        .slice(0, 5)
        .flatMap((one) => [
          printed(one, 'passwordauthentication'),
          printed(one, 'kbdinteractiveauthentication'),
        ]),
      notes: [...notes].slice(0, 20),
    });
  },
};
