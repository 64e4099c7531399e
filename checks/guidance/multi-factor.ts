/**
 * Guidance, "authorised authenticated users and utilise multi-factor authentication wherever possible": every way by
 * which people get into the host asks for two factors, on the host itself or where their certificate is issued.
 */
import type { Check } from '../../src/model.js';
import { attested } from '../lib/attestations.js';
import { judge, missingFrom, valueOr } from '../lib/law.js';
import { distinct } from '../lib/settings.js';
import { casesOf, entriesOf, peopleOf } from './lib/entries.js';
import { issuedWithPin } from './lib/issued-factors.js';
import { waysOf } from './lib/ways-in.js';
import { lineOf } from './lib/words.js';

type Needs = 'sshd' | 'accounts' | 'authorizedKeys' | 'principalsFiles';

export const multiFactor: Check<Needs, 'attestations' | 'certificateLog'> = {
  meta: {
    pack: 'guidance',
    id: 'multi-factor',
    title: 'People need a second factor to get in',
    category: 'Guidance',
    directive: '2 (human operators)',
    why: 'One stolen laptop key or one phished password is a login. A second factor, a FIDO device with its PIN or a one-time code, stops whoever has only the one.',
    fix: 'Issue certificates only after a second factor and attest it (mfa-at-issuance), or use FIDO keys (sk-…) with verify-required, or AuthenticationMethods publickey,keyboard-interactive.',
    looksAt: [
      'every key and principal that opens an account of people: all but those of agents and automations',
      'AuthenticationMethods on every kind of connection: two methods of different kinds in every list',
      'FIDO keys (sk-…) with verify-required on the line or in PubkeyAuthOptions',
      'for certificates: PubkeyAcceptedAlgorithms that take FIDO keys only; the CA’s log, when every certificate that is valid now is of a FIDO key with verify-required; else the attestation mfa-at-issuance',
      'PasswordAuthentication and keyboard-interactive for accounts that have a password',
    ],
    limits: [
      'What PAM asks behind keyboard-interactive.',
      'Whether the CA really asks for a second factor: a person attests it.',
      'Emergency keys of the policy.',
      'Accounts that only a certificate for their own name opens: Principals Config judges those.',
    ],
    severity: 'high',
    needs: {
      host: ['sshd', 'accounts', 'authorizedKeys', 'principalsFiles'],
      fleet: ['attestations', 'certificateLog'],
    },
    controls: {
      'NIST 800-53 r5': ['IA-2(1)', 'IA-2(2)', 'IA-2(6)'],
      'ISO 27001:2022': ['A.5.17', 'A.8.5'],
      'CIS Controls v8': ['6.4', '6.5'],
      'SOC 2': ['CC6.1'],
    },
  },
  evaluate({ host, fleet, expected, policy, now }) {
    const accounts = valueOr(host.accounts, []);
    const principalsFiles = valueOr(host.principalsFiles, []);
    const files = { authorizedKeys: valueOr(host.authorizedKeys, []), principalsFiles };
    const { entries, emergency } = entriesOf(files, { host: expected.host, policy, now });
    const { machines } = peopleOf(expected, accounts, principalsFiles);
    const cases = host.sshd.ok ? host.sshd.value.cases : [];
    // Most accounts of a host can be entered by nobody: they are not asked about.
    const people = accounts.filter(
      ({ name, password }) =>
        !machines.has(name) && (entries.has(name) || (password !== 'locked' && password !== 'none')),
    );
    const ways = people.flatMap((account) =>
      casesOf(cases, account).flatMap((one) => waysOf(account, one, entries.get(account.name) ?? [])),
    );
    const certified = ways.flatMap((way) => ('issued' in way ? [way.issued] : []));
    const withPin = new Map(
      certified.map(({ what }) => [what, issuedWithPin(what, fleet.certificateLog, { policy, now })]),
    );
    const issued = certified.filter(({ what }) => withPin.get(what) !== true);
    const mfa = attested(fleet.attestations, 'mfa-at-issuance', now);
    const two = [
      ...new Set([
        ...ways.flatMap((way) => ('two' in way ? [way.two] : [])),
        ...certified
          .filter(({ what }) => withPin.get(what) === true)
          .map(({ what }) => `every certificate for ${what} is of a FIDO key with verify-required`),
      ]),
    ];
    return judge({
      findings: [
        ...new Map(
          ways.flatMap((way) => ('finding' in way ? [[way.finding.subject, way.finding] as const] : [])),
        ).values(),
      ],
      missing: distinct([
        ...missingFrom(host.sshd, host.accounts, host.authorizedKeys, host.principalsFiles),
        ...ways.flatMap((way) => ('missing' in way ? [way.missing] : [])),
        ...(issued.length > 0 ? mfa.missing.map((one) => ({ ...one, detail: atIssuance(one.detail) })) : []),
      ]),
      because:
        ways.length === 0
          ? 'no key, principal or password opens an account of people.'
          : `every way in for people asks for two factors: ${[...two.slice(0, 5), ...(issued.length > 0 ? [`certificates are issued only after a second factor, attested by ${mfa.by}`] : [])].join('; ')}.`,
      evidence: [
        ...new Map(certified.map((entry) => [`${entry.path}:${entry.line}`, entry])).values(),
        ...people.flatMap(({ name }) => entries.get(name) ?? []),
      ]
        .slice(0, 10)
        .map(lineOf),
      notes:
        emergency > 0
          ? [`${emergency} emergency keys of the policy were left out: they are for emergencies.`]
          : [],
    });
  },
};

function atIssuance(detail: string): string {
  return `certificates open accounts of people, and what they have to show to get one is not known. Attest it (kind mfa-at-issuance), or let sshd ask for more: ${detail}`;
}
