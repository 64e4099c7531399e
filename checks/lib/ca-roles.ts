/** What a signing role of the CA system lets a requester have. */
import type { SshRole } from '../../src/facts/types.js';
import type { Finding } from '../../src/model.js';
import { roleRemarks } from './ca-role-remarks.js';
import { excerpt } from './law.js';
import { nameOf } from './role-limits.js';

interface Judged {
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
}

/** Critical options OpenSSH knows (PROTOCOL.certkeys). A certificate with another one is refused by sshd. */
export const REAL_OPTIONS = ['force-command', 'source-address', 'verify-required'];

/** Lifetimes are judged apart (role-limits.ts). */
export function judgeRole(role: SshRole): Judged {
  const found = finder(role);
  if (role.keyType !== 'ca') {
    return {
      findings: [
        found(
          'key_type',
          role.keyType,
          `it is of the type ${role.keyType}: it opens accounts with ${role.keyType === 'otp' ? 'one-time passwords' : 'keys it installs'}, past every certificate`,
          'delete the role',
        ),
      ],
      notes: [],
    };
  }
  return {
    findings: [...whom(role, found), ...identity(role, found), ...bounds(role, found)],
    notes: roleRemarks(role),
  };
}

type Found = (setting: string, value: string, what: string, remedy: string) => Finding;

function finder(role: SshRole): Found {
  const subject = nameOf(role);
  return (setting, value, what, remedy) => ({
    subject: `${subject} ${setting}`,
    message: `In the role ${subject} ${what}.`,
    evidence: [{ probe: 'vault', path: subject, excerpt: excerpt(`${setting} = ${value}`) }],
    remediation: `${remedy[0]?.toUpperCase()}${remedy.slice(1)} (vault write ${subject} …).`,
  });
}

function whom(role: SshRole, found: Found): Finding[] {
  const findings: Finding[] = [];
  if (role.allowedUsers.includes('*')) {
    findings.push(
      found(
        'allowed_users',
        '*',
        'allowed_users is "*": whoever may use the role gets a certificate for any principal, administrators and root included',
        'name the principals of the role in allowed_users',
      ),
    );
  }
  if (role.allowEmptyPrincipals === true) {
    findings.push(
      found(
        'allow_empty_principals',
        'true',
        'certificates without a principal may be asked for: a host that trusts the CA by a cert-authority line takes them for every account (CVE-2024-7594)',
        'set allow_empty_principals to false',
      ),
    );
  }
  return findings;
}

function identity(role: SshRole, found: Found): Finding[] {
  if (!role.allowUserKeyIds) return [];
  return [
    found(
      'allow_user_key_ids',
      'true',
      'the requester chooses the key ID: what every host logs as the identity can be anybody else’s',
      'set allow_user_key_ids to false, and key_id_format to the identity of the token',
    ),
  ];
}

function bounds(role: SshRole, found: Found): Finding[] {
  const findings: Finding[] = [];
  const fixed = role.defaultCriticalOptions.filter(({ name }) => REAL_OPTIONS.includes(name));
  const free = role.allowedCriticalOptions.length === 0;
  // A request with options of its own replaces all default ones (path_issue_sign.go, calculateCriticalOptions).
  const usable = role.allowedCriticalOptions.filter((name) => REAL_OPTIONS.includes(name));
  if (fixed.length > 0 && (free || usable.length > 0)) {
    const shown = free ? '"" (any)' : role.allowedCriticalOptions.join(',');
    findings.push(
      found(
        'allowed_critical_options',
        shown,
        `the default ${fixed.map(({ name }) => name).join(' and ')} does not bind: allowed_critical_options is ${shown}, and a request that names options of its own replaces the default ones`,
        'set allowed_critical_options to a name that no sshd knows, such as none-allowed: a certificate that carries it is refused',
      ),
    );
  }
  if (role.allowedExtensions.includes('*')) {
    findings.push(
      found(
        'allowed_extensions',
        '*',
        'the requester chooses the extensions: port, agent and X11 forwarding for everybody',
        'name the extensions the role may grant in allowed_extensions',
      ),
    );
  }
  if (role.allowHostCertificates && role.allowUserCertificates) {
    findings.push(
      found(
        'allow_host_certificates',
        'true',
        'host certificates may be asked for too: whoever trusts this CA for hosts takes any requester for a server',
        'set allow_host_certificates to false, and use another CA for hosts',
      ),
    );
  }
  if (role.algorithmSigner === 'ssh-rsa') {
    findings.push(
      found(
        'algorithm_signer',
        'ssh-rsa',
        'certificates are signed with SHA-1 (algorithm_signer ssh-rsa): forgeable, and refused since OpenSSH 8.8',
        'set algorithm_signer to rsa-sha2-512',
      ),
    );
  }
  return findings;
}
