/** Compression: whose bytes meet zlib before the login. */
import { rule, sound, step, type Rule } from './rule.js';

export const COMPRESSIONS: readonly Rule[] = [
  sound(/^(?:none|zlib@openssh\.com)$/, '2005-09-01', 'RFC 4253; OpenSSH 4.2'),
  rule(
    /^zlib$/,
    step(
      'warn',
      '2016-12-19',
      'compresses before the login: zlib then meets bytes of anybody',
      'OpenSSH 7.4',
    ),
  ),
];
