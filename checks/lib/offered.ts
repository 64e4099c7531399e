/** What running daemons offer, against what their configuration says they would. Source: RFC 4252, section 5; auth2.c. */
import type { DaemonFacts, OfferedMethods, SshdCase, SshdFacts } from '../../src/facts/types.js';
import type { Finding, Reading } from '../../src/model.js';
import { excerpt } from './law.js';
import { setting } from './sshd.js';

/** Methods that end in a password or in trust in a host, with the keywords that switch them on. */
const METHODS: Readonly<Record<string, readonly string[]>> = {
  password: ['passwordauthentication'],
  'keyboard-interactive': ['kbdinteractiveauthentication', 'challengeresponseauthentication'],
  hostbased: ['hostbasedauthentication'],
};

/**
 * A method that is offered although no configuration on disk would offer it: the daemon does not run with what is on
 * disk. What is not offered proves nothing, because it depends on the login name and the address.
 */
export function offeredFindings(
  daemons: Reading<DaemonFacts>,
  sshd: Reading<SshdFacts>,
): { findings: Finding[]; notes: string[] } {
  const offers = daemons.ok ? (daemons.value.offered ?? []) : [];
  const cases = sshd.ok ? sshd.value.cases : [];
  return {
    findings: [
      ...entered(daemons),
      ...offers.flatMap((offer) =>
        offer.methods
          .filter((method) => method in METHODS && !expected(offer, method, cases))
          .map((method) => unexpected(offer, method)),
      ),
    ],
    notes: offers
      .filter(({ answer }) => answer === 'unclear')
      .map(
        ({ pid, address, text }) =>
          `What sshd (pid ${pid}) offers at ${address} could not be seen: ${excerpt(text) || 'its answer was empty'}.`,
      ),
  };
}

/** Logins that needed nothing at all, for the given login name only where one is given. */
export function entered(daemons: Reading<DaemonFacts>, user?: string): Finding[] {
  const offers = daemons.ok ? (daemons.value.offered ?? []) : [];
  return offers
    .filter((offer) => offer.answer === 'entered' && (user === undefined || offer.user === user))
    .map((offer) => ({
      subject: `${nameOf(offer)} lets ${offer.user} in with nothing`,
      message: `The running ${nameOf(offer)} (pid ${offer.pid}) let ${offer.user} in at ${offer.address} without a key, a certificate or a password: whoever knows the name works as ${offer.user}.`,
      evidence: [{ probe: 'daemons', excerpt: 'the method `none` alone opened a session' }],
      remediation: `Set PermitEmptyPasswords no, give ${offer.user} no empty password (passwd -l ${offer.user}), restart sshd and collect again.`,
    }));
}

/** Whether some configuration of this daemon offers the method, or none of its configurations is known. */
function expected(offer: OfferedMethods, method: string, cases: readonly SshdCase[]): boolean {
  const own = cases.filter(
    ({ daemon }) => offer.daemon !== null && daemon?.command === offer.daemon?.command,
  );
  // Without a configuration, only a password is certain: other methods are offered with nothing behind them.
  if (own.length === 0) return method !== 'password';
  return own.some((one) => offers(one, method));
}

function offers(one: SshdCase, method: string): boolean {
  const values = (METHODS[method] ?? []).map((keyword) => setting(one, keyword));
  const known = values.filter((value) => value !== undefined);
  if (known.length > 0 && known.every((value) => value === 'no')) return false;
  const lists = (setting(one, 'authenticationmethods') ?? 'any').split(/\s+/);
  return lists.some((list) => list === 'any' || list.split(',')[0]?.replace(/:.*$/, '') === method);
}

function unexpected(offer: OfferedMethods, method: string): Finding {
  const gain =
    method === 'hostbased'
      ? 'whoever is root on a host it trusts enters as anybody'
      : 'a guessed or phished password opens a session';
  return {
    subject: `${nameOf(offer)} offers ${method}`,
    message: `The running ${nameOf(offer)} (pid ${offer.pid}) offers ${method} to ${offer.user} at ${offer.address}, although no configuration on disk would: it runs with something else than what is on disk, and ${gain}.`,
    evidence: [{ probe: 'daemons', excerpt: excerpt(offer.text) }],
    remediation:
      'Restart sshd, so that it reads what is on disk (a reload if the program is the same), and collect again.',
  };
}

function nameOf({ daemon }: OfferedMethods): string {
  return daemon ? `second sshd \`${daemon.command}\`` : 'sshd';
}
