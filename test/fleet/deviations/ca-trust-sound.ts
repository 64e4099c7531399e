import type { Deviation } from '../types.js';
import { effective } from './proof.js';

const CA = '/etc/ssh/ca/ca_user.pub';

/** Must pass. */
export const caTrustSound: readonly Deviation[] = [
  {
    id: 'ca-comments-and-crlf',
    check: 'ca-trust',
    title: 'comments, a blank line and Windows line ends around the key',
    apply: `{ printf '# managed by Ansible\\r\\n\\n  \\t'; sed 's/$/\\r/' "$LAB/ca_user.pub"; } >${CA}`,
    expect: 'pass',
    why: 'sshd skips blanks and comments and tolerates the carriage return after a key',
  },
  {
    id: 'ca-krl-revokes-others',
    check: 'ca-trust',
    title: 'the revocation list revokes serials and a key ID',
    apply: 'install -m 644 "$LAB/serials.krl" /etc/ssh/ca/revoked.krl',
    expect: 'pass',
    why: 'that is what the list is for',
    proof: 'ssh-keygen -Qlf /etc/ssh/ca/revoked.krl | grep -q "serial: 501-505"',
  },
  {
    id: 'ca-krl-as-text',
    check: 'ca-trust',
    title: 'the revocation list is a list of public keys',
    apply: 'install -m 644 "$LAB/static2.pub" /etc/ssh/ca/revoked.krl',
    expect: 'pass',
    why: 'sshd takes text as well, although ssh-keygen -Q does not',
    proof: '! ssh-keygen -Qlf /etc/ssh/ca/revoked.krl',
  },
  {
    id: 'ca-no-krl',
    check: 'ca-trust',
    title: 'no revocation list is configured',
    apply: 'unconf RevokedKeys; rm /etc/ssh/ca/revoked.krl',
    expect: 'pass',
    why: 'the directive asks for it in an emergency only, and the policy leaves it open',
    proof: effective('revokedkeys none'),
  },
  {
    id: 'ca-match-localport',
    check: 'ca-trust',
    title: 'a Match block asks for the local port',
    apply: 'match "Match LocalPort 22\\n  X11Forwarding no"',
    expect: 'pass',
    why: 'a plain sshd -T fails on it: the question has to name a port',
    matrix: ['1.10'],
    proof: `${effective(`trustedusercakeys ${CA}`)} && ! sshd -T -C user=ops >/dev/null 2>&1`,
  },
  {
    id: 'ca-match-same-file',
    check: 'ca-trust',
    title: 'a Match block repeats the right file',
    apply: `match "Match Group ops\\n  TrustedUserCAKeys ${CA}"`,
    expect: 'pass',
    why: 'an override that changes nothing is none',
  },
  {
    id: 'ca-in-dropin',
    check: 'ca-trust',
    title: 'the setting stands in a drop-in',
    apply: `unconf TrustedUserCAKeys; dropin 20-ca.conf 'trustedusercakeys="${CA}"'`,
    expect: 'pass',
    why: 'keywords have no case, and = and quotes are allowed',
    proof: effective(`trustedusercakeys ${CA}`),
  },
];
