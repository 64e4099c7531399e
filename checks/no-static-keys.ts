/** Scorecard 2, "No Static Keys": no key opens an account without the CA, but for listed emergency keys. Source: sshd(8). */
import type { SshdCase } from '../src/facts/types.js';
import type { Check } from '../src/model.js';
import { judge, missingFrom, valueOr, type Missing } from './lib/law.js';
import { caseFindings, distinct, valueOf, type Fault } from './lib/settings.js';
import { otherServers, serverName, staleDaemon } from './lib/sshd.js';
import { emptyFiles, judgeLine, keyFiles, reusedKeys } from './lib/static-keys.js';

export const noStaticKeys: Check<'sshd' | 'daemons' | 'accounts' | 'authorizedKeys', never> = {
  meta: {
    number: 2,
    id: 'no-static-keys',
    title: 'No static key opens any account, except listed emergency keys',
    category: 'No Static Keys',
    directive: '5 (No Static Keys), 4.3',
    why: 'A static key works until somebody remembers to delete it. Whoever copies the private key from a laptop, a backup or a leaver keeps access, and no CA can take it back.',
    fix: 'Move its owner to certificates, delete the line, then set AuthorizedKeysFile none and AuthorizedKeysCommand none at the top of sshd_config.',
    looksAt: [
      'every account the name service knows, whatever its number, home or shell',
      'every AuthorizedKeysFile path of every Match condition, tokens and globs expanded, and both default files of every account',
      'files beside them for names that are no account',
      'AuthorizedKeysCommand (named, never run)',
      'every line as sshd parses it, against the emergency keys of the policy, their hosts, accounts and expiry',
    ],
    limits: [
      'An account that can write its own authorized_keys can add a key the next minute: only AuthorizedKeysFile none prevents it.',
      'Keys that an AuthorizedKeysCommand would print.',
      'Accounts of a directory that the name service does not list and that left no trace on the host.',
    ],
    severity: 'critical',
    needs: { host: ['sshd', 'daemons', 'accounts', 'authorizedKeys'], fleet: [] },
    controls: {
      'NIST 800-53 r5': ['IA-5', 'AC-2', 'AC-2(3)', 'AC-17'],
      'ISO 27001:2022': ['A.5.16', 'A.5.17', 'A.5.18', 'A.8.5'],
      'CIS Controls v8': ['5.1', '5.3', '6.2'],
      'SOC 2': ['CC6.1', 'CC6.2', 'CC6.3'],
    },
  },
  evaluate({ host, expected, policy, now }) {
    const { sshd, daemons, accounts, authorizedKeys } = host;
    const files = keyFiles(valueOr(authorizedKeys, []));
    const verdicts = files.flatMap((file) =>
      file.lines.map((line) => judgeLine(file, line, { host: expected.host, policy, now })),
    );
    const count = valueOr(accounts, []).length;
    const others = otherServers(daemons);
    return judge({
      findings: [...caseFindings(sshd, commandFaults), ...verdicts.flatMap(({ finding }) => finding ?? [])],
      missing: distinct([
        ...missingFrom(sshd, daemons, accounts, authorizedKeys),
        ...staleDaemon(daemons),
        ...others
          .filter(({ program }) => !program.startsWith('dropbear'))
          .map((server): Missing => ({
            reason: 'unsupported',
            detail: `${serverName(server)}, ${server.executable}, accepts logins too: which keys it takes cannot be seen from here. Stop it, or attest its configuration.`,
          })),
      ]),
      because: `none of the ${files.length} authorized_keys files of ${count} accounts holds a static key that the policy does not allow, and no AuthorizedKeysCommand supplies any.`,
      evidence: [
        ...(files.length === 0
          ? [{ probe: 'authorized-keys', excerpt: `no such file exists for any of ${count} accounts` }]
          : []),
        ...emptyFiles(files).slice(0, 20),
      ],
      notes: [
        ...verdicts.flatMap(({ note }) => note ?? []).slice(0, 50),
        ...reusedKeys(files),
        ...others
          .filter(({ program }) => program.startsWith('dropbear'))
          .map((server) => `${serverName(server)} reads ~/.ssh/authorized_keys whatever sshd_config says.`),
      ],
    });
  },
};

function commandFaults(one: SshdCase): Fault[] {
  const command = valueOf(one, 'authorizedkeyscommand');
  if (command === null) return [];
  return [
    {
      name: 'AuthorizedKeysCommand',
      says: `runs ${command}, a dynamic source of static keys that no file shows: whoever controls what it asks opens these accounts`,
      wanted: 'none',
    },
  ];
}
