/**
 * What is thought of each algorithm of SSH, and since when. A step holds from its day on; the first holds always. Read
 * again on {@link REVIEWED} against the RFCs, NIST's documents and OpenSSH's release notes that are named.
 *
 * `fail`: not to be offered. `warn`: to be replaced, with the day it fails where one is set. `note`: worth knowing.
 */

export const REVIEWED = '2026-11-21';

export type Kind = 'kex' | 'hostKey' | 'cipher' | 'mac' | 'compression';
export type Level = 'sound' | 'note' | 'warn' | 'fail';

export interface Step {
  /** ISO 8601 day from which it holds. */
  readonly from: string;
  readonly level: Level;
  /** A clause that follows the name: `… : SHA-1 is broken`. */
  readonly why: string;
  readonly source: string;
}

export interface Rule {
  readonly kind: Kind;
  /** Matches whole names. */
  readonly names: RegExp;
  readonly steps: readonly [Step, ...Step[]];
}

const rule = (kind: Kind, names: RegExp, ...steps: readonly [Step, ...Step[]]): Rule => ({
  kind,
  names,
  steps,
});
const step = (level: Level, from: string, why: string, source: string): Step => ({
  from,
  level,
  why,
  source,
});
const sound = (kind: Kind, names: RegExp, from: string, source: string): Rule =>
  rule(kind, names, step('sound', from, 'no weakness is known', source));

/** NIST SP 800-57 part 1 rev. 5, table 4: 112 bits of security protect nothing new from 2031 on. */
const END_OF_112_BITS = '2031-01-01';
const SP_800_57 = 'NIST SP 800-57 part 1 rev. 5, table 4';

const weakGroup = (why: string, since: string, source: string): [Step, Step] => [
  step('warn', since, `${why} gives 112 bits of security`, source),
  step('fail', END_OF_112_BITS, `${why} gives 112 bits of security, too few since 2031`, SP_800_57),
];

const KEX: readonly Rule[] = [
  sound('kex', /^mlkem768x25519-sha256$/, '2024-09-19', 'OpenSSH 9.9; draft-ietf-sshm-mlkem-hybrid-kex'),
  sound(
    'kex',
    /^mlkem(?:768nistp256-sha256|1024nistp384-sha384)$/,
    '2024-09-19',
    'draft-ietf-sshm-mlkem-hybrid-kex',
  ),
  sound('kex', /^sntrup761x25519-sha512(?:@openssh\.com)?$/, '2021-03-03', 'OpenSSH 8.5, 9.9'),
  rule(
    'kex',
    /^sntrup4591761x25519-sha512@tinyssh\.org$/,
    step('warn', '2021-03-03', 'an experiment that its authors have replaced', 'OpenSSH 8.5'),
  ),
  sound('kex', /^(?:curve25519-sha256(?:@libssh\.org)?|curve448-sha512)$/, '2020-02-01', 'RFC 8731'),
  sound('kex', /^gss-(?:curve25519-sha256|curve448-sha512|group1[5-8]-sha512)-.*$/, '2020-02-01', 'RFC 8732'),
  rule(
    'kex',
    /^(?:ecdh-sha2-nistp(?:256|384|521)|gss-nistp(?:256-sha256|384-sha384|521-sha512)-.*)$/,
    step(
      'note',
      '2009-12-01',
      'no weakness is known; the choice of the NIST curves was never explained',
      'RFC 5656',
    ),
  ),
  sound('kex', /^diffie-hellman-group1[5-8]-sha512$/, '2017-12-01', 'RFC 8268'),
  rule(
    'kex',
    /^diffie-hellman-group-exchange-sha256$/,
    step(
      'note',
      '2017-12-01',
      'as strong as the groups in /etc/ssh/moduli, which are not seen from here: 3072 bits and more are wanted',
      'RFC 4419, RFC 8270',
    ),
  ),
  rule(
    'kex',
    /^(?:diffie-hellman-group14-sha256(?:@ssh\.com)?|gss-group14-sha256-.*)$/,
    ...weakGroup('its group of 2048 bits', '2020-05-04', SP_800_57),
  ),
  rule(
    'kex',
    /^(?:diffie-hellman-group1-sha(?:1|256)|gss-group1-sha1-.*|rsa1024-sha1)$/,
    step(
      'fail',
      '2014-10-06',
      'states can break its group of 1024 bits and read along (Logjam)',
      'RFC 9142; OpenSSH 6.7; CVE-2015-4000',
    ),
  ),
  rule(
    'kex',
    /^(?:diffie-hellman-group-exchange-sha1|gss-gex-sha1-.*|gss-group14-sha1-.*)$/,
    step(
      'fail',
      '2022-01-01',
      'it rests on SHA-1, whose collisions somebody on the path can make',
      'RFC 8732, RFC 9142; OpenSSH 6.7',
    ),
  ),
  rule(
    'kex',
    /^diffie-hellman-group14-sha1$/,
    step(
      'fail',
      '2020-02-14',
      'it rests on SHA-1, whose collisions somebody on the path can make',
      'OpenSSH 8.2; RFC 9142 leaves it to old peers',
    ),
  ),
];

const HOST_KEYS: readonly Rule[] = [
  sound('hostKey', /^(?:sk-)?ssh-ed25519(?:-cert-v01)?(?:@openssh\.com)?$/, '2020-02-01', 'RFC 8709'),
  sound('hostKey', /^ssh-ed448$/, '2020-02-01', 'RFC 8709'),
  sound(
    'hostKey',
    /^ssh-mldsa44-ed25519(?:-cert|-cert-v01@openssh\.com|@openssh\.com)?$/,
    REVIEWED,
    'OpenSSH 10.6',
  ),
  sound('hostKey', /^rsa-sha2-(?:256|512)(?:-cert-v01@openssh\.com)?$/, '2018-03-01', 'RFC 8332'),
  sound('hostKey', /^x509v3-rsa2048-sha256$/, '2011-03-01', 'RFC 6187'),
  rule(
    'hostKey',
    /^(?:(?:webauthn-)?(?:sk-)?ecdsa-sha2-nistp(?:256|384|521)(?:-cert-v01)?(?:@openssh\.com)?|x509v3-ecdsa-sha2-nistp(?:256|384|521))$/,
    step(
      'note',
      '2009-12-01',
      'no weakness is known; a bad random number in one signature gives the key away',
      'RFC 5656',
    ),
  ),
  rule(
    'hostKey',
    /^(?:ssh-rsa(?:-cert-v0[01]@openssh\.com)?|x509v3-(?:ssh|sign)-rsa)$/,
    step(
      'fail',
      '2021-09-26',
      'the host signs with SHA-1: a forged signature lets somebody else pose as the host',
      'OpenSSH 8.8; RFC 8332',
    ),
  ),
  rule(
    'hostKey',
    /^(?:ssh-dss(?:-cert-v0[01]@openssh\.com)?|x509v3-(?:ssh|sign)-dss|ssh-rsa1)$/,
    step(
      'fail',
      '2015-08-11',
      'keys of 1024 bits and SHA-1: somebody else can pose as the host',
      'OpenSSH 7.0, removed in 10.0',
    ),
  ),
];

const CIPHERS: readonly Rule[] = [
  sound('cipher', /^chacha20-poly1305(?:@openssh\.com)?$/, '2014-01-30', 'OpenSSH 6.5'),
  sound('cipher', /^aes(?:128|192|256)-ctr$/, '2006-01-01', 'RFC 4344'),
  sound(
    'cipher',
    /^(?:aes(?:128|256)-gcm(?:@openssh\.com)?|AEAD_AES_(?:128|256)_GCM)$/,
    '2009-08-01',
    'RFC 5647',
  ),
  rule(
    'cipher',
    /^(?:none|arcfour(?:128|256)?)$/,
    step('fail', '2020-04-01', 'whoever listens can read along', 'RFC 4253; RFC 8758'),
  ),
  rule(
    'cipher',
    /^(?:3des|des|blowfish|cast128|idea)(?:-(?:cbc|ctr))?(?:@ssh\.com)?$/,
    step(
      'fail',
      '2014-10-06',
      'a block of 64 bits repeats within one long session (Sweet32)',
      'OpenSSH 6.7; CVE-2016-2183; NIST SP 800-131A rev. 2',
    ),
  ),
  rule(
    'cipher',
    /^.{1,60}-cbc(?:@[a-z.]{1,40})?$/,
    step(
      'fail',
      '2014-10-06',
      'CBC mode lets an attacker on the path recover plain text',
      'OpenSSH 6.7; CVE-2008-5161',
    ),
  ),
];

const MACS: readonly Rule[] = [
  sound('mac', /^(?:hmac-sha2-(?:256|512)|umac-128)-etm@openssh\.com$/, '2013-03-22', 'OpenSSH 6.2'),
  sound('mac', /^AEAD_AES_(?:128|256)_GCM$/, '2009-08-01', 'RFC 5647'),
  rule(
    'mac',
    /^(?:hmac-sha2-(?:256|512)|umac-128@openssh\.com)$/,
    step(
      'note',
      '2013-03-22',
      'encrypts and authenticates apart (encrypt-and-MAC); the -etm form is the better one',
      'OpenSSH 6.2',
    ),
  ),
  rule(
    'mac',
    /^umac-64(?:-etm)?@openssh\.com$/,
    step('warn', '2013-03-22', 'its tag of 64 bits is short', 'RFC 4418; OpenSSH 6.2 has umac-128'),
  ),
  rule(
    'mac',
    /^hmac-sha1(?:-etm@openssh\.com)?$/,
    step(
      'warn',
      '2022-12-15',
      'SHA-1 is broken, though not yet as a MAC',
      'NIST, Transitioning away from SHA-1',
    ),
    step('fail', END_OF_112_BITS, 'SHA-1 is withdrawn for every use', 'NIST, Transitioning away from SHA-1'),
  ),
  rule(
    'mac',
    /^(?:none|hmac-md5.*|hmac-ripemd.*|hmac-sha1-96.*|hmac-sha2-(?:256|512)-96)$/,
    step(
      'fail',
      '2014-10-06',
      'a broken hash, a tag cut short or none at all: changed packets may pass as sound',
      'OpenSSH 6.7; RFC 6151',
    ),
  ),
];

const COMPRESSIONS: readonly Rule[] = [
  sound('compression', /^(?:none|zlib@openssh\.com)$/, '2005-09-01', 'RFC 4253; OpenSSH 4.2'),
  rule(
    'compression',
    /^zlib$/,
    step(
      'warn',
      '2016-12-19',
      'compresses before the login: zlib then meets bytes of anybody',
      'OpenSSH 7.4',
    ),
  ),
];

/** The first that matches decides. A name that matches none is judged by nobody. */
export const RULES: readonly Rule[] = [...KEX, ...HOST_KEYS, ...CIPHERS, ...MACS, ...COMPRESSIONS];

/** RSA keys shorter than `below` bits, the shortest first. */
export const RSA_SIZES: readonly { readonly below: number; readonly steps: readonly [Step, ...Step[]] }[] = [
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
