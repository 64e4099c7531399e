/** MACs: what makes a changed packet be noticed. */
import { END_OF_112_BITS, rule, sound, step, type Rule } from './rule.js';

export const MACS: readonly Rule[] = [
  sound(/^(?:hmac-sha2-(?:256|512)|umac-128)-etm@openssh\.com$/, '2013-03-22', 'OpenSSH 6.2'),
  sound(/^AEAD_AES_(?:128|256)_GCM$/, '2009-08-01', 'RFC 5647'),
  rule(
    /^(?:hmac-sha2-(?:256|512)|umac-128@openssh\.com)$/,
    step(
      'note',
      '2013-03-22',
      'encrypts and authenticates apart (encrypt-and-MAC); the -etm form is the better one',
      'OpenSSH 6.2',
    ),
  ),
  rule(
    /^umac-64(?:-etm)?@openssh\.com$/,
    step('warn', '2013-03-22', 'its tag of 64 bits is short', 'RFC 4418; OpenSSH 6.2 has umac-128'),
  ),
  rule(
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
    /^(?:none|hmac-md5.*|hmac-ripemd.*|hmac-sha1-96.*|hmac-sha2-(?:256|512)-96)$/,
    step(
      'fail',
      '2014-10-06',
      'a broken hash, a tag cut short or none at all: changed packets may pass as sound',
      'OpenSSH 6.7; RFC 6151',
    ),
  ),
];
