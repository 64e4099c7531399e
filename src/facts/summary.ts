/** What one host adds to the fleet's story, kept after its facts are dropped. Source: directive 6.1. */
import type { CaExpectation, Reading } from '../model.js';
import { actorOf } from '../policy.js';
import type { HostSummary, Login, LoginLog } from './types.js';

const DAY = 86_400_000;

export function summarise(host: string, log: Reading<LoginLog>, ca: CaExpectation): HostSummary {
  if (!log.ok) return { host, certificateLogins: [], daysCovered: [] };
  const rows = new Map<string, HostSummary['certificateLogins'][number]>();
  for (const login of log.value.logins) {
    const { certificate } = login;
    if (!certificate || !counts(login, ca)) continue;
    const day = new Date(login.at).toISOString().slice(0, 10);
    const key = JSON.stringify([certificate.keyId, login.account, day]);
    rows.set(key, {
      keyId: certificate.keyId,
      actor: actorOf(certificate.keyId),
      account: login.account,
      day,
      count: (rows.get(key)?.count ?? 0) + 1,
    });
  }
  return {
    host,
    certificateLogins: [...rows.values()],
    daysCovered: wholeDays(log.value.coversFrom, log.value.coversTo),
  };
}

/** Only logins sshd itself logged, with a CA the inventory names; the bootstrap identity proves nothing. */
function counts(login: Login, ca: CaExpectation): boolean {
  return (
    login.trusted &&
    !login.identityLost &&
    login.certificate !== undefined &&
    login.certificate.keyId !== 'adm-bootstrap' &&
    ca.fingerprints.includes(login.certificate.caFingerprint)
  );
}

function wholeDays(from: number | null, to: number | null): string[] {
  if (from === null || to === null) return [];
  const first = Math.ceil(from / DAY);
  const last = Math.floor(to / DAY);
  const count = Math.min(Math.max(0, last - first), 400);
  return Array.from({ length: count }, (_, index) =>
    new Date((first + index) * DAY).toISOString().slice(0, 10),
  );
}
