/** Certificates signed past the CA: logins with its signature that its own log does not explain. */
import type { IssuanceLog, LoginLog } from '../../src/facts/types.js';
import { grouped } from '../../src/grouped.js';
import type { CaExpectation, EvidenceRef, Finding, Policy, Reading } from '../../src/model.js';
import { actorOf } from '../../src/policy.js';
import { instantText } from '../../src/when.js';
import { joinLogins, ourLogins, type JoinedLogin, type JoinState } from './joins.js';
import { excerpt, missingFrom, type Missing } from './law.js';

/** Logins this close to the end of the log are too new to be missed: the run itself is one. Milliseconds. */
const FRESH = 3_600_000;
const MOST = 50;

export interface Traced {
  readonly joined: readonly JoinedLogin[];
  readonly findings: readonly Finding[];
  /** What keeps logins from being explained or disproved. */
  readonly missing: readonly Missing[];
  readonly notes: readonly string[];
}

/**
 * @param only which logins count, e.g. those of machines. All others are joined, and not judged.
 * A certificate log that is not configured proves nothing and misses nothing: callers say what that means for them.
 */
export function traceLogins(
  logins: Reading<LoginLog>,
  log: Reading<IssuanceLog>,
  { ca, policy, now }: { readonly ca: CaExpectation; readonly policy: Policy; readonly now: Date },
  only: (login: Pick<JoinedLogin, 'actor'>) => boolean = () => true,
): Traced {
  const counts = ({ certificate }: { certificate: { keyId: string } }): boolean =>
    only({ actor: actorOf(certificate.keyId) });
  const joined = logins.ok ? joinLogins(logins.value, log, ca, policy) : [];
  const judged = joined.filter(only);
  const inState = (state: JoinState) => judged.filter((one) => one.state === state);
  const end = log.ok ? log.value.coverage.to : null;
  const fresh = end !== null && end >= now.getTime() - FRESH;
  const newer = inState('newer');
  const explained = inState('explained').length;
  return {
    joined,
    findings: perCertificate(inState('out-of-band')).slice(0, MOST).map(outOfBand),
    missing: [
      ...(!log.ok && log.reason !== 'not-configured' ? missingFrom(log) : []),
      ...unexplained(
        inState('hashed'),
        'the certificate log holds serials only as HMACs: tune the mount with audit_non_hmac_response_keys=serial_number, or give answers of sys/audit-hash (audit_hash)',
      ),
      ...unexplained(
        inState('unclear'),
        'the certificate log has entries of that time that tell no serial, and any of them may be the one',
      ),
      ...unexplained(
        inState('older'),
        'the certificate log does not reach back to when their certificates may have been issued: give it older files, or say since when it is complete (complete_since)',
      ),
      ...unexplained(
        inState('incomplete'),
        'the certificate log was not read whole, and what is missing may explain them',
      ),
      ...(fresh ? [] : unexplained(newer, 'the certificate log ends before them: give it newer files')),
    ],
    notes: [
      ...(judged.length > 0
        ? [
            `The certificate log explains ${explained} of the ${judged.length} logins with this CA’s signature.`,
          ]
        : []),
      ...(fresh && newer.length > 0
        ? [`${newer.length} logins are newer than the certificate log: the next run joins them.`]
        : []),
      ...(log.ok ? log.value.remarks : []),
      ...(!log.ok && log.reason === 'not-configured' && logins.ok && ourLogins(logins.value, ca).some(counts)
        ? [
            'Logins were not compared with a log of issued certificates: none is configured (sources.certificates).',
          ]
        : []),
    ],
  };
}

function unexplained(logins: readonly JoinedLogin[], why: string): Missing[] {
  const [first] = logins;
  if (!first) return [];
  const { keyId, serial } = first.login.certificate;
  return [
    {
      reason: 'no-evidence',
      detail: `${logins.length} logins cannot be joined to a certificate, for example “${excerpt(keyId)}” (serial ${serial}): ${why}`,
    },
  ];
}

function perCertificate(logins: readonly JoinedLogin[]): (readonly [JoinedLogin, ...JoinedLogin[]])[] {
  const groups = grouped(logins, ({ login }) => {
    const { keyId, serial, caFingerprint } = login.certificate;
    return JSON.stringify([keyId, serial, caFingerprint]);
  });
  return [...groups.values()];
}

function outOfBand(group: readonly [JoinedLogin, ...JoinedLogin[]]): Finding {
  const [{ login, conflict }] = group;
  const { keyId, serial, caFingerprint } = login.certificate;
  const bare =
    serial === '0' ? ' Serial 0 is what ssh-keygen gives when it is run by hand with the CA’s key.' : '';
  const but = conflict === undefined ? '' : ` It has that serial, but ${conflict}.`;
  return {
    subject: `login of "${keyId}" (serial ${serial})`,
    message: `“${keyId}” logged in as ${login.account} with a certificate of ${caFingerprint} (serial ${serial}) that the CA’s log does not hold, though it covers that time.${but}${bare} Somebody signed it past the CA: with the CA’s key, or with the log switched off.`,
    evidence: group.slice(0, 3).map(({ login: one }) => loginRef(one)),
    remediation: `Find out who signed serial ${serial}, put it into the KRL, and treat the CA’s key as exposed until it is explained.`,
  };
}

/** `2026-11-21T02:00:00.000Z auto from 10.0.0.1, serial 7`. */
function loginRef({ at, account, from, certificate }: JoinedLogin['login']): EvidenceRef {
  return {
    probe: 'logins',
    excerpt: excerpt(`${instantText(at)} ${account} from ${from}, serial ${certificate.serial}`),
  };
}
