/** The runtime trace: every login of an agent or automation against the certificate the CA issued for it. */
import type { IssuanceLog, LoginLog } from '../../src/facts/types.js';
import type { CaExpectation, Policy, Reading } from '../../src/model.js';
import { actorOf } from '../../src/policy.js';
import { ourLogins } from './joins.js';
import { missingFrom, type Missing } from './law.js';
import { traceLogins, type Traced } from './out-of-band.js';

/** A pass needs the trace: logins that nothing can trace are missing, also where no certificate log is configured. */
export function traceMachines(
  logins: Reading<LoginLog>,
  log: Reading<IssuanceLog>,
  context: { readonly ca: CaExpectation; readonly policy: Policy; readonly now: Date },
): Traced {
  const traced = traceLogins(logins, log, context, ({ actor }) => actor === 'agt' || actor === 'atm');
  return {
    ...traced,
    missing: [...missingFrom(logins), ...traced.missing, ...untraced(logins, log, context.ca)],
  };
}

function untraced(logins: Reading<LoginLog>, log: Reading<IssuanceLog>, ca: CaExpectation): Missing[] {
  if (!logins.ok) return [];
  const nameless = ca.fingerprints.length === 0;
  if (!nameless && (log.ok || log.reason !== 'not-configured')) return [];
  const candidates = nameless
    ? logins.value.logins.filter(({ trusted }) => trusted)
    : ourLogins(logins.value, ca);
  const machines = candidates.filter(({ certificate }) => {
    const actor = actorOf(certificate?.keyId ?? '');
    return actor === 'agt' || actor === 'atm';
  });
  if (machines.length === 0) return [];
  const why = nameless ? 'the inventory names no CA (ca.fingerprints)' : log.ok ? '' : log.detail;
  return [
    {
      reason: 'not-configured',
      detail: `${machines.length} logins of agents and automations cannot be traced to the CA: ${why}`,
    },
  ];
}
