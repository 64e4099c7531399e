/** Host key algorithms and the size of RSA host keys: what keeps others from posing as the host. */
import { REVIEWED, rule, sound, SP_800_57, step, weakGroup, type Rule, type Steps } from './rule.js';

export const HOST_KEYS: readonly Rule[] = [
  sound(/^(?:sk-)?ssh-ed25519(?:-cert-v01)?(?:@openssh\.com)?$/, '2020-02-01', 'RFC 8709'),
  sound(/^ssh-ed448$/, '2020-02-01', 'RFC 8709'),
  sound(/^ssh-mldsa44-ed25519(?:-cert|-cert-v01@openssh\.com|@openssh\.com)?$/, REVIEWED, 'OpenSSH 10.6'),
  sound(/^rsa-sha2-(?:256|512)(?:-cert-v01@openssh\.com)?$/, '2018-03-01', 'RFC 8332'),
  sound(/^x509v3-rsa2048-sha256$/, '2011-03-01', 'RFC 6187'),
  rule(
    /^(?:(?:webauthn-)?(?:sk-)?ecdsa-sha2-nistp(?:256|384|521)(?:-cert-v01)?(?:@openssh\.com)?|x509v3-ecdsa-sha2-nistp(?:256|384|521))$/,
    step(
      'note',
      '2009-12-01',
      'no weakness is known; a bad random number in one signature gives the key away',
      'RFC 5656',
    ),
  ),
  rule(
    /^(?:ssh-rsa(?:-cert-v0[01]@openssh\.com)?|x509v3-(?:ssh|sign)-rsa)$/,
    step(
      'fail',
      '2021-09-26',
      'the host signs with SHA-1: a forged signature lets somebody else pose as the host',
      'OpenSSH 8.8; RFC 8332',
    ),
  ),
  rule(
    /^(?:ssh-dss(?:-cert-v0[01]@openssh\.com)?|x509v3-(?:ssh|sign)-dss|ssh-rsa1)$/,
    step(
      'fail',
      '2015-08-11',
      'keys of 1024 bits and SHA-1: somebody else can pose as the host',
      'OpenSSH 7.0, removed in 10.0',
    ),
  ),
];

/** RSA keys shorter than `below` bits, the shortest first. */
export const RSA_SIZES: readonly { readonly below: number; readonly steps: Steps }[] = [
  {
    below: 2048,
    steps: [
      step(
        'fail',
        '2014-01-01',
        'a key this short can be broken, and whoever breaks it poses as the host',
        'NIST SP 800-131A rev. 2; RequiredRSASize of OpenSSH 9.1',
      ),
    ],
  },
  {
    below: 3072,
    steps: weakGroup('a key of fewer than 3072 bits', '2020-05-04', SP_800_57),
  },
];
