/** Logins the host wrote down: by sshd itself, with an identity. */
import type { Login, LoginLog } from '../../src/facts/types.js';
import type { EvidenceRef, Finding } from '../../src/model.js';
import { secondText } from '../../src/when.js';
import { excerpt, type Missing } from './law.js';
import type { Part } from './logging.js';

/** What the host's own log of the window shows. */
export function judgeLogins({ logins, source }: LoginLog, days: number): Part {
  // In a text log nothing tells who wrote a line.
  const own = logins.filter(({ trusted }) => trusted || source !== 'journal');
  const forged = source === 'journal' ? logins.filter(({ trusted }) => !trusted) : [];
  const certificates = own.filter(({ certificate }) => certificate);
  const none: Missing = {
    reason: 'no-evidence',
    detail: `no certificate login of the last ${days} days is in the host’s log: nothing shows that identities are recorded. Log in once with a certificate and collect again.`,
  };
  return {
    findings: perAccount(
      own.filter(({ identityLost }) => identityLost),
      lostFinding,
    ),
    missing: certificates.length === 0 ? [none] : [],
    notes: perAccount(forged, forgedNote),
    evidence: certificates.slice(-3).map(loginRef),
    says: `${certificates.length} certificate logins of the last ${days} days carry key ID, serial and CA`,
  };
}

/** They count as nothing: any local user can write such a line, so a sound host may show one. */
function forgedNote(account: string, group: readonly Login[]): string {
  return `${group.length} lines in the journal claim in sshd’s name that ${account} logged in, and another program wrote them: they were not counted. Forwarded copies cannot be told from real ones. Find out who wrote them: journalctl -t sshd -t sshd-session -o json shows _UID and _EXE.`;
}

function lostFinding(account: string, group: readonly Login[]): Finding {
  return {
    subject: `logins of ${account} without identity`,
    message: `${group.length} certificate logins of ${account} were recorded without serial and CA: sshd cuts its lines at 500 bytes, and a long key ID pushes the rest out. Such a login cannot be joined to the certificate that made it.`,
    evidence: group.slice(0, 3).map(loginRef),
    remediation: 'Let the CA refuse key IDs longer than 200 characters, and find out who asked for this one.',
  };
}

function loginRef(login: Login): EvidenceRef {
  return { probe: 'logins', excerpt: loginText(login) };
}

/** `2026-11-21T02:00:00Z ops from 10.0.0.9 port 40000, ID adm-bernd (serial 42)`. */
export function loginText({ at, account, from, port, method, certificate }: Login): string {
  const identity = certificate ? `ID ${certificate.keyId} (serial ${certificate.serial})` : method;
  return excerpt(`${secondText(at)} ${account} from ${from} port ${port}, ${identity}`);
}

/** One finding, or one remark, for each account. */
function perAccount<T>(
  logins: readonly Login[],
  make: (account: string, group: readonly [Login, ...Login[]]) => T,
): T[] {
  const groups = new Map<string, Login[]>();
  for (const login of logins) {
    const group = groups.get(login.account);
    if (group) group.push(login);
    else groups.set(login.account, [login]);
  }
  return [...groups]
    .slice(0, 50)
    .flatMap(([account, [first, ...rest]]) => (first ? [make(account, [first, ...rest])] : []));
}
