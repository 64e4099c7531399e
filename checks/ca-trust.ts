/** Scorecard 1, "CA Trust": the host trusts the organisation's user CA, for every login, and no other. Source: sshd_config(5). */
import type { Check } from '../src/model.js';
import { TRUST_KEYWORDS, trustFaults } from './lib/ca-settings.js';
import { caFileFindings } from './lib/ca-file.js';
import { certAuthorityFindings } from './lib/cert-authority-lines.js';
import { revocationFindings } from './lib/revoked-keys.js';
import { unseenFolders } from './lib/files.js';
import { excerpt, judge, missingFrom, valueOr, type Missing } from './lib/law.js';
import { caseFindings, distinct, notPrinted, valueOf } from './lib/settings.js';
import { otherServers, printed, serverName, staleDaemon } from './lib/sshd.js';

export const caTrust: Check<'sshd' | 'daemons' | 'caFiles' | 'revokedKeys' | 'authorizedKeys', never> = {
  meta: {
    number: 1,
    id: 'ca-trust',
    title: 'Every login trusts the organisation’s user CA and no other',
    category: 'CA Trust',
    directive: '5 (CA Trust), 3.2',
    why: 'Whoever controls a key the host takes for a CA issues certificates for any account, at any time, unseen by the organisation’s own CA. A host that does not trust the CA is run through static keys and passwords.',
    fix: 'Set TrustedUserCAKeys /etc/ssh/ca/ca_user.pub at the top of sshd_config, put exactly the CA’s public keys into that file, owned by root, and remove Match overrides, cert-authority lines and key commands.',
    looksAt: [
      'sshd -T -C: TrustedUserCAKeys, PubkeyAuthentication, accepted algorithms, RevokedKeys and AuthorizedKeysCommand for every account and every Match condition',
      'the keys sshd really loads from the CA file (it stops at the first bad line), by fingerprint',
      'owner and mode of the CA file, the revocation list and every folder above them, links followed',
      'cert-authority lines in every authorized_keys file, the default files included',
      'whether the running sshd has read these files, and which other servers accept logins',
    ],
    limits: [
      'Who can use the CA’s private key: see CA Security.',
      'What a revocation list ought to contain.',
      'Access control lists and security modules on the files.',
    ],
    severity: 'critical',
    needs: { host: ['sshd', 'daemons', 'caFiles', 'revokedKeys', 'authorizedKeys'], fleet: [] },
    controls: {
      'NIST 800-53 r5': ['IA-5(2)', 'SC-12', 'SC-17', 'AC-17'],
      'ISO 27001:2022': ['A.5.16', 'A.5.17', 'A.8.5', 'A.8.24'],
      'CIS Controls v8': ['5.6', '6.7'],
      'SOC 2': ['CC6.1', 'CC6.3'],
    },
  },
  evaluate({ host, expected: { ca }, policy }) {
    const { sshd, daemons, caFiles, revokedKeys, authorizedKeys } = host;
    const path = ca.trustedUserCaKeys;
    const cases = sshd.ok ? sshd.value.cases : [];
    const file = valueOr(caFiles, []).find((one) => one.file.path === path);
    const trusted = file?.trusted ?? [];
    const expected = trusted.filter(
      ({ fingerprint }) => ca.fingerprints.length === 0 || ca.fingerprints.includes(fingerprint),
    );
    const missing: Missing[] = [
      ...missingFrom(sshd, daemons, caFiles, revokedKeys, authorizedKeys),
      ...staleDaemon(daemons),
      ...notPrinted(sshd, ...TRUST_KEYWORDS),
      ...(file ? unseenFolders(file.file).map((detail): Missing => ({ reason: 'no-evidence', detail })) : []),
      ...otherServers(daemons)
        .filter(({ program }) => !program.startsWith('dropbear'))
        .map((server): Missing => ({
          reason: 'unsupported',
          detail: `${serverName(server)}, ${server.executable}, accepts logins too: whom it trusts cannot be seen from here. Stop it, or attest its configuration.`,
        })),
    ];
    if (ca.fingerprints.length === 0)
      missing.push({
        reason: 'not-configured',
        detail: `the inventory names no CA key (ca.fingerprints), so nothing says which keys belong into ${path}; there are: ${trusted.map(({ fingerprint }) => fingerprint).join(', ') || 'none'}`,
      });
    if (caFiles.ok && !file) missing.push({ reason: 'no-evidence', detail: `${path} was not collected` });
    // What a command will print is not known: it may supply cert-authority lines, it may not.
    for (const command of new Set(cases.flatMap((one) => valueOf(one, 'authorizedkeyscommand') ?? [])))
      missing.push({
        reason: 'no-evidence',
        detail: `AuthorizedKeysCommand runs ${command}: its output may hold cert-authority lines, and it is never run to find out`,
      });
    const commands = new Set(cases.flatMap((one) => valueOf(one, 'authorizedprincipalscommand') ?? []));
    return judge({
      findings: [
        ...caseFindings(sshd, (one) =>
          trustFaults(one, {
            path,
            caTypes: expected.map(({ type }) => type),
            revocationRequired: policy.krl === 'required',
          }),
        ),
        ...(file ? caFileFindings(file, ca) : []),
        ...certAuthorityFindings(valueOr(authorizedKeys, []), 'The organisation’s CA sees nothing of it.'),
        ...valueOr(revokedKeys, []).flatMap((list) =>
          revocationFindings(
            list,
            new Set([...ca.fingerprints, ...trusted.map(({ fingerprint }) => fingerprint)]),
          ),
        ),
      ],
      missing: distinct(missing),
      because: `TrustedUserCAKeys is ${path} in every configuration sshd gives (${cases.length} asked); sshd loads exactly ${ca.fingerprints.join(', ')} from it; only root can change it; no cert-authority line, key command or other server adds a CA.`,
      evidence: [
        ...trusted.map(({ line, type, fingerprint, comment }) => ({
          probe: 'ca-keys',
          path,
          line,
          excerpt: excerpt(`${type} ${fingerprint} ${comment}`),
        })),
        ...cases.slice(0, 5).map((one) => printed(one, 'trustedusercakeys')),
      ],
      notes: [
        ...(file?.stoppedAt
          ? [`sshd stops reading ${path} at line ${file.stoppedAt.line}; what follows is dead.`]
          : []),
        ...[...commands].map(
          (command) =>
            `AuthorizedPrincipalsCommand ${command} adds no CA; it is judged by Principals Config.`,
        ),
      ],
    });
  },
};
