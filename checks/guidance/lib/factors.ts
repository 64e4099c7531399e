/** What one way in asks of a person. Source: sshd_config(5) AuthenticationMethods, PubkeyAuthOptions; PROTOCOL.u2f. */
import type { SshdCase } from '../../../src/facts/types.js';
import { isOn, setting } from '../../lib/sshd.js';
import type { Entry } from './entries.js';

/** What each authentication method proves. Being on a trusted host proves nothing about a person. */
const PROVES: Readonly<Record<string, string>> = {
  publickey: 'a key',
  password: 'a secret',
  'keyboard-interactive': 'a secret',
  'gssapi-with-mic': 'a ticket',
  'gssapi-keyex': 'a ticket',
};

/** Whether every list of methods that lets somebody in asks for two things of different kinds. */
export function asksForTwo(one: SshdCase): boolean {
  const written = setting(one, 'authenticationmethods') ?? 'any';
  const lists = written.split(/\s+/).filter((list) => list !== '');
  return (
    lists.length > 0 &&
    lists.every((list) => {
      const kinds = list.split(',').map((method) => PROVES[method.replace(/:.*$/, '')]);
      return new Set(kinds.filter((kind) => kind !== undefined)).size > 1;
    })
  );
}

/** `two`: possession and a PIN or finger. `one`: a key that can be copied, or lies on disk. `maybe`: only the device knows. */
export type Factors = 'two' | 'one' | 'maybe';

/** What a key line asks: FIDO keys ask for a touch, and for the PIN where `verify-required` says so. */
export function factorsOfKey(one: SshdCase, { keyType, options }: Entry): Factors {
  if (!keyType.startsWith('sk-')) return 'one';
  return options.some(({ name }) => name === 'verify-required') || verifies(one) ? 'two' : 'maybe';
}

/** What sshd asks of any certificate: it can insist on FIDO keys, and on their PIN. */
export function factorsOfCertificate(one: SshdCase): Factors {
  const accepted = setting(one, 'pubkeyacceptedalgorithms') ?? setting(one, 'pubkeyacceptedkeytypes') ?? '';
  const types = accepted.split(',').filter((type) => type !== '');
  const hardware =
    types.length > 0 && types.every((type) => type.startsWith('sk-') || type.startsWith('webauthn-sk-'));
  return hardware && verifies(one) ? 'two' : 'maybe';
}

function verifies(one: SshdCase): boolean {
  return (setting(one, 'pubkeyauthoptions') ?? '').split(/[\s,]+/).includes('verify-required');
}

/** Whether the password of an account is enough; `maybe`: PAM decides what it asks for. */
export function passwordAlone(one: SshdCase): boolean | 'maybe' {
  const written = setting(one, 'authenticationmethods') ?? 'any';
  const lists = written.split(/\s+/);
  const alone = (method: string) =>
    lists.some((list) => list === 'any' || list.replace(/:.*$/, '') === method);
  if (isOn(one, 'passwordauthentication') && alone('password')) return true;
  const asks = isOn(one, 'kbdinteractiveauthentication') || isOn(one, 'challengeresponseauthentication');
  return asks && isOn(one, 'usepam') && alone('keyboard-interactive') ? 'maybe' : false;
}
