/** Which ways to a password one effective configuration leaves open. Source: sshd_config(5), auth2.c, auth2-none.c, auth2-chall.c. */
import type { SshdCase } from '../../src/facts/types.js';
import type { Policy } from '../../src/model.js';
import { isOn, setting, whoAndHow } from './sshd.js';

/** A keyword, as one writes it, that opens a way to a password. */
export type Door =
  | 'PasswordAuthentication'
  | 'KbdInteractiveAuthentication'
  | 'ChallengeResponseAuthentication'
  | 'PermitEmptyPasswords'
  | 'HostbasedAuthentication';

/** What an attacker gains through each. */
export const GAINS: Readonly<Record<Door, string>> = {
  PasswordAuthentication:
    'a guessed, reused or phished password opens a session, with no certificate, no expiry and no issuance record',
  KbdInteractiveAuthentication:
    'PAM asks for the password through keyboard-interactive although PasswordAuthentication may say no, so a guessed or phished password opens a session',
  ChallengeResponseAuthentication:
    'up to OpenSSH 8.6 this keyword alone keeps keyboard-interactive open, through which PAM asks for the password',
  PermitEmptyPasswords:
    'an account whose password is empty is entered with no secret at all wherever passwords are or become possible',
  HostbasedAuthentication:
    'whoever is root on a host this one trusts enters as anybody, with no certificate and nothing to revoke',
};

export interface Doors {
  readonly open: readonly Door[];
  /** Why it cannot be told. */
  readonly unclear?: string;
  readonly remark?: string;
}

/**
 * @param linux without PAM nothing answers keyboard-interactive there; systems with BSD authentication ask for the
 *   password all the same.
 */
export function doorsOf(one: SshdCase, policy: Policy, linux: boolean): Doors {
  const absent = ['passwordauthentication', 'permitemptypasswords', 'authenticationmethods'].filter(
    (keyword) => setting(one, keyword) === undefined,
  );
  if (absent.length > 0) return { open: [], unclear: `sshd -T does not print ${absent.join(', ')}` };
  const enabled = enabledDoors(one, linux);
  const empty: readonly Door[] = isOn(one, 'permitemptypasswords') ? ['PermitEmptyPasswords'] : [];
  const written = setting(one, 'authenticationmethods') ?? 'any';
  const lists = written.split(/\s+/).map((list) => list.split(',').map((name) => name.replace(/:.*$/, '')));
  if (lists.some((list) => list.includes('any'))) return { open: [...enabled, ...empty] };

  const usable = (behindKey: boolean) =>
    enabled.filter((door) =>
      lists.some((list) => list.includes('publickey') === behindKey && list.some((name) => asks(name, door))),
    );
  const first = usable(false);
  const second = usable(true).filter((door) => !first.includes(door));
  if (second.length > 0 && !policy.passwordAsSecondFactor) return { open: [...first, ...second, ...empty] };
  const closed = enabled.filter((door) => !first.includes(door));
  if (closed.length === 0) return { open: [...first, ...empty] };
  const why =
    second.length > 0
      ? 'asks for a public key as well, so a password is only a second factor'
      : 'leaves them out';
  return {
    open: [...first, ...empty],
    remark: `${closed.join(' and ')} is on for ${whoAndHow(one)}, but AuthenticationMethods ${written} ${why}.`,
  };
}

function enabledDoors(one: SshdCase, linux: boolean): Door[] {
  const device = isOn(one, 'usepam') || (setting(one, 'usepam') === undefined && !linux);
  // Where both are printed (up to 8.6), only the second one closes the door.
  const interactive = (['ChallengeResponseAuthentication', 'KbdInteractiveAuthentication'] as const).find(
    (name) => isOn(one, name.toLowerCase()),
  );
  return [
    ...(isOn(one, 'passwordauthentication') ? (['PasswordAuthentication'] as const) : []),
    ...(device && interactive ? [interactive] : []),
  ];
}

/** Whether an authentication method asks through that door; `none` tries the empty password. */
function asks(method: string, door: Door): boolean {
  return door === 'PasswordAuthentication'
    ? method === 'password' || method === 'none'
    : method === 'keyboard-interactive';
}

/** sshd refuses passwords for uid 0 itself unless PermitRootLogin is yes. */
export function onlyRootWithoutPassword(one: SshdCase, roots: ReadonlySet<string>): boolean {
  const policy = setting(one, 'permitrootlogin');
  return (
    one.accounts.length > 0 &&
    one.accounts.every((name) => roots.has(name)) &&
    policy !== undefined &&
    policy !== 'yes'
  );
}

/** Whether trust in a host opens a session by itself, and what else is worth a remark. Source: auth2-hostbased.c, auth.c. */
export function hostbasedDoor(
  one: SshdCase,
  roots: ReadonlySet<string>,
): { open: boolean; remarks: readonly string[] } {
  const policy = setting(one, 'permitrootlogin');
  const onlyRoot = one.accounts.length > 0 && one.accounts.every((name) => roots.has(name));
  if (!isOn(one, 'hostbasedauthentication')) return { open: false, remarks: [] };
  if (onlyRoot && (policy === 'no' || policy === 'forced-commands-only')) return { open: false, remarks: [] };
  const written = setting(one, 'authenticationmethods') ?? 'any';
  const lists = written.split(/\s+/).map((list) => list.split(',').map((name) => name.replace(/:.*$/, '')));
  const open = lists.some(
    (list) => list.includes('any') || (list.includes('hostbased') && !list.includes('publickey')),
  );
  const who = whoAndHow(one);
  return {
    open,
    remarks: [
      ...(open
        ? []
        : [
            `HostbasedAuthentication is on for ${who}, but AuthenticationMethods ${written} lets nobody in by it alone.`,
          ]),
      ...(isOn(one, 'hostbasedusesnamefrompacketonly')
        ? [
            `HostbasedUsesNameFromPacketOnly is yes for ${who}: the client itself says which host it is, and its address is not looked up.`,
          ]
        : []),
      ...(setting(one, 'ignorerhosts') === 'no' || setting(one, 'ignorerhosts') === 'shosts-only'
        ? [
            `IgnoreRhosts is ${setting(one, 'ignorerhosts')} for ${who}: every user names trusted hosts in his own home.`,
          ]
        : []),
    ],
  };
}
