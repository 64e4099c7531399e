/** Logins the host wrote down: by sshd itself, with an identity, and the same ones in the SIEM. */
import type { FleetFacts, Login, LoginLog } from '../../src/facts/types.js';
import type { EvidenceRef, Finding, Reading } from '../../src/model.js';
import { excerpt, type Missing, missingFrom } from './law.js';
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

/** Whether the SIEM holds the same logins; without it nothing proves that they arrive. */
export function judgeSiem(host: string, log: LoginLog | null, siem: Reading<Stored>): Part {
  const part = { findings: [], notes: [], evidence: [], says: '' };
  if (!siem.ok)
    return {
      ...part,
      missing: [
        {
          reason: siem.reason,
          detail: `whether the SIEM holds this host’s logins is not known: ${siem.detail}`,
        },
      ],
    };
  if (log === null) return { ...part, missing: missingFrom(siem) };
  const missing = missingFrom(siem);
  const findings: Finding[] = [];
  const { compared, lost, extra, open } = compareWithSiem(host, log, siem.value);
  if (open)
    missing.push({
      reason: 'no-evidence',
      detail: 'the host’s log and the SIEM have no window in common that is closed',
    });
  else if (compared === 0)
    missing.push({
      reason: 'no-evidence',
      detail:
        'no certificate login of the window is old enough to be expected in the SIEM: collect again in ten minutes',
    });
  const evidence = (group: readonly Login[]) =>
    group.slice(0, 5).map((one) => ({ ...loginRef(one), probe: 'siem' }));
  if (lost.length > 0)
    findings.push({
      subject: 'SIEM: logins lost',
      message: `${lost.length} of ${compared} certificate logins of the host’s journal are not in the SIEM: they can be erased here without a trace.`,
      evidence: evidence(lost),
      remediation:
        'Follow one of them through the forwarder: its queue, its filters, the network, the SIEM’s parser.',
    });
  if (extra.length > 0)
    findings.push({
      subject: 'SIEM: logins the host denies',
      message: `The SIEM holds ${extra.length} certificate logins that the host’s own journal does not: it was wiped, or somebody forged lines.`,
      evidence: evidence(extra),
      remediation: 'Treat the host as compromised until it is explained.',
    });
  return { ...part, findings, missing, says: `the SIEM holds all ${compared} of the closed window` };
}

function loginRef(login: Login): EvidenceRef {
  return { probe: 'logins', excerpt: loginText(login) };
}

/** `2026-11-21T02:00:00Z ops from 10.0.0.9 port 40000, ID adm-bernd (serial 42)`. */
function loginText({ at, account, from, port, method, certificate }: Login): string {
  const time = Math.abs(at) < 8.64e15 ? `${new Date(at).toISOString().slice(0, 19)}Z` : '?';
  const identity = certificate ? `ID ${certificate.keyId} (serial ${certificate.serial})` : method;
  return excerpt(`${time} ${account} from ${from} port ${port}, ${identity}`);
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

/** The two logs write down the same second, but for rounding and delay inside the host. Milliseconds. */
const SAME = 2_000;
/** What is younger may still be on its way into the store. Milliseconds. */
const LAG = 600_000;

type Stored = Extract<FleetFacts['siem'], { ok: true }>['value'];

/** Certificate logins of the host's own log that the SIEM lacks, and the other way round, over a window both have whole. */
function compareWithSiem(
  host: string,
  log: LoginLog,
  siem: Stored,
): { compared: number; lost: readonly Login[]; extra: readonly Login[]; open: boolean } {
  const from = Math.max(log.coversFrom ?? Number.POSITIVE_INFINITY, siem.coversFrom ?? 0);
  const to =
    Math.min(log.coversTo ?? Number.NEGATIVE_INFINITY, siem.coversTo ?? Number.POSITIVE_INFINITY) - LAG;
  const within = ({ at }: Login) => at >= from + SAME && at < to - SAME;
  const own = log.logins.filter((login) => login.trusted && login.certificate);
  const stored = siem.logins.filter(
    (login) => login.certificate && (login.host === undefined || login.host === host),
  );
  const lost = own.filter((login) => within(login) && !stored.some((other) => same(login, other)));
  // Without a host name a stored login may be another host's.
  const extra = stored.filter(
    (login) => login.host === host && within(login) && !own.some((other) => same(other, login)),
  );
  return { compared: own.filter(within).length, lost, extra, open: !(from < to) };
}

function same(one: Login, other: Login): boolean {
  const connection = (one.pid > 0 && one.pid === other.pid) || (one.port > 0 && one.port === other.port);
  return (
    connection && one.certificate?.serial === other.certificate?.serial && Math.abs(one.at - other.at) <= SAME
  );
}
