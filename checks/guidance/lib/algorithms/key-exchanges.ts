/** Key exchanges: what keeps a recorded session secret. */
import { rule, sound, SP_800_57, step, weakGroup, type Rule } from './rule.js';

export const KEY_EXCHANGES: readonly Rule[] = [
  sound(/^mlkem768x25519-sha256$/, '2024-09-19', 'OpenSSH 9.9; draft-ietf-sshm-mlkem-hybrid-kex'),
  sound(
    /^mlkem(?:768nistp256-sha256|1024nistp384-sha384)$/,
    '2024-09-19',
    'draft-ietf-sshm-mlkem-hybrid-kex',
  ),
  sound(/^sntrup761x25519-sha512(?:@openssh\.com)?$/, '2021-03-03', 'OpenSSH 8.5, 9.9'),
  rule(
    /^sntrup4591761x25519-sha512@tinyssh\.org$/,
    step('warn', '2021-03-03', 'an experiment that its authors have replaced', 'OpenSSH 8.5'),
  ),
  sound(/^(?:curve25519-sha256(?:@libssh\.org)?|curve448-sha512)$/, '2020-02-01', 'RFC 8731'),
  sound(/^gss-(?:curve25519-sha256|curve448-sha512|group1[5-8]-sha512)-.*$/, '2020-02-01', 'RFC 8732'),
  rule(
    /^(?:ecdh-sha2-nistp(?:256|384|521)|gss-nistp(?:256-sha256|384-sha384|521-sha512)-.*)$/,
    step(
      'note',
      '2009-12-01',
      'no weakness is known; the choice of the NIST curves was never explained',
      'RFC 5656',
    ),
  ),
  sound(/^diffie-hellman-group1[5-8]-sha512$/, '2017-12-01', 'RFC 8268'),
  rule(
    /^diffie-hellman-group-exchange-sha256$/,
    step(
      'note',
      '2017-12-01',
      'as strong as the groups in /etc/ssh/moduli, which are not seen from here: 3072 bits and more are wanted',
      'RFC 4419, RFC 8270',
    ),
  ),
  rule(
    /^(?:diffie-hellman-group14-sha256(?:@ssh\.com)?|gss-group14-sha256-.*)$/,
    ...weakGroup('its group of 2048 bits', '2020-05-04', SP_800_57),
  ),
  rule(
    /^(?:diffie-hellman-group1-sha(?:1|256)|gss-group1-sha1-.*|rsa1024-sha1)$/,
    step(
      'fail',
      '2014-10-06',
      'states can break its group of 1024 bits and read along (Logjam)',
      'RFC 9142; OpenSSH 6.7; CVE-2015-4000',
    ),
  ),
  rule(
    /^(?:diffie-hellman-group-exchange-sha1|gss-gex-sha1-.*|gss-group14-sha1-.*)$/,
    step(
      'fail',
      '2022-01-01',
      'it rests on SHA-1, whose collisions somebody on the path can make',
      'RFC 8732, RFC 9142; OpenSSH 6.7',
    ),
  ),
  rule(
    /^diffie-hellman-group14-sha1$/,
    step(
      'fail',
      '2020-02-14',
      'it rests on SHA-1, whose collisions somebody on the path can make',
      'OpenSSH 8.2; RFC 9142 leaves it to old peers',
    ),
  ),
];
