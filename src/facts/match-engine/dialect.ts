/**
 * What changed between sshd versions, as far as reading and evaluating a configuration depends on it.
 * Sources: OpenSSH release notes and servconf.c of the releases named at each field.
 */
import type { SshdVersion } from '../types.js';

export interface Dialect {
  /** Comparable version: major * 100 + minor. */
  readonly level: number;
  /** SSH_RELEASE, which `Match Version` compares with (10.0 on). */
  readonly release: string;
  /** 8.7: arguments are split with both quotes and escapes; before, `#` anywhere starts a comment. */
  readonly argvArguments: boolean;
  /** 9.9: so are the words of a Match line. */
  readonly argvMatch: boolean;
  /** 8.2: Include exists. */
  readonly include: boolean;
  /** 8.7: ChallengeResponseAuthentication is an alias of KbdInteractiveAuthentication; before, it forces it on. */
  readonly kbdInteractiveAlias: boolean;
  /** 8.7 to 9.3: AuthorizedPrincipalsCommand is lost when AuthorizedKeysCommand came first, else its last value wins. */
  readonly principalsCommandBug: boolean;
  /** 8.7 to 9.3: `AuthenticationMethods any` after any other AuthenticationMethods ends sshd. */
  readonly anyMustBeFirst: boolean;
  /** Up to 9.3: `AuthenticationMethods publickey any` is refused only when the line acts. */
  readonly trailingAny: boolean;
  /** 10.3: RevokedKeys takes several files; AuthorizedKeysFile accepts `none` only alone. */
  readonly severalRevokedKeys: boolean;
  readonly invalidUser: boolean;
  readonly matchVersion: boolean;
}

/** The newest generation: what a host of unknown version is read as. */
const NEWEST = 1006;

/** The dialect of a version; `null` (unknown) is read as the newest one, which the caller has to report as a gap. */
export function dialectOf(version: SshdVersion | null): Dialect {
  const level = version === null ? NEWEST : version.major * 100 + version.minor;
  return {
    level,
    release: version?.text ?? '',
    argvArguments: level >= 807,
    argvMatch: level >= 909,
    include: level >= 802,
    kbdInteractiveAlias: level >= 807,
    principalsCommandBug: level >= 807 && level <= 903,
    anyMustBeFirst: level >= 807 && level <= 903,
    trailingAny: level <= 903,
    severalRevokedKeys: level >= 1003,
    invalidUser: level >= 909,
    matchVersion: level >= 1000,
  };
}
