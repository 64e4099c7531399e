/** Ciphers: what keeps whoever listens from reading along. */
import { rule, sound, step, type Rule } from './rule.js';

export const CIPHERS: readonly Rule[] = [
  sound(/^chacha20-poly1305(?:@openssh\.com)?$/, '2014-01-30', 'OpenSSH 6.5'),
  sound(/^aes(?:128|192|256)-ctr$/, '2006-01-01', 'RFC 4344'),
  sound(/^(?:aes(?:128|256)-gcm(?:@openssh\.com)?|AEAD_AES_(?:128|256)_GCM)$/, '2009-08-01', 'RFC 5647'),
  rule(
    /^(?:none|arcfour(?:128|256)?)$/,
    step('fail', '2020-04-01', 'whoever listens can read along', 'RFC 4253; RFC 8758'),
  ),
  rule(
    /^(?:3des|des|blowfish|cast128|idea)(?:-(?:cbc|ctr))?(?:@ssh\.com)?$/,
    step(
      'fail',
      '2014-10-06',
      'a block of 64 bits repeats within one long session (Sweet32)',
      'OpenSSH 6.7; CVE-2016-2183; NIST SP 800-131A rev. 2',
    ),
  ),
  rule(
    /^.{1,60}-cbc(?:@[a-z.]{1,40})?$/,
    step(
      'fail',
      '2014-10-06',
      'CBC mode lets an attacker on the path recover plain text',
      'OpenSSH 6.7; CVE-2008-5161',
    ),
  ),
];
