import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSshdT, parseSshdVersion } from '../../src/facts/sshd-t.js';

const sample = (version: string): string =>
  readFileSync(`test/fixtures/sshd/sshd-T-default-${version}.txt`, 'utf8');

describe('sshd -T', () => {
  test.each([
    ['7.8', 'without-password'],
    ['8.4', 'without-password'],
    ['9.2', 'without-password'],
    ['10.0', 'without-password'],
    ['10.6', 'prohibit-password'],
  ])('of %s, lower or mixed case', (version, permitRootLogin) => {
    const settings = parseSshdT(sample(version));
    expect(settings['permitrootlogin']).toEqual([permitRootLogin]);
    expect(settings['passwordauthentication']).toEqual(['yes']);
    expect(settings['authenticationmethods']).toEqual(['any']);
    expect(settings['port']).toEqual(['22']);
    expect(settings['listenaddress']).toHaveLength(2);
    expect(Object.keys(settings).every((keyword) => keyword === keyword.toLowerCase())).toBe(true);
  });

  test('keywords that are not printed are absent', () => {
    expect(parseSshdT(sample('10.6'))['revokedkeys']).toBeUndefined();
    expect(parseSshdT(sample('7.8'))['usepam']).toBeUndefined();
    expect(parseSshdT(sample('8.4'))['challengeresponseauthentication']).toEqual(['yes']);
  });

  test('repeated keywords, blanks in values, carriage returns', () => {
    expect(
      parseSshdT('allowusers a@1.1.1.1\r\nallowusers b\r\nauthorizedkeysfile /etc/ssh/my keys/%u /x\r\n'),
    ).toEqual({
      allowusers: ['a@1.1.1.1', 'b'],
      authorizedkeysfile: ['/etc/ssh/my keys/%u /x'],
    });
  });

  test('no text makes it throw or reach the prototype', () => {
    expect(parseSshdT('constructor x\nhasownproperty y')).toEqual({
      constructor: ['x'],
      hasownproperty: ['y'],
    });
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(Object.getPrototypeOf(parseSshdT(`${text}\n__proto__ evil\n`))).toBe(Object.prototype);
      }),
      { seed: 20261121, numRuns: 1000 },
    );
  });
});

describe('version', () => {
  test.each([
    [
      'unknown option -- ?\r\nOpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19 27 Jan 2026\nusage: sshd\nOpenSSH_9.2, OpenSSL 3.0.19',
      'OpenSSH_9.2p1 Debian-2+deb12u10',
      9,
      2,
    ],
    [
      'unknown option -- V\nOpenSSH_8.4p1 Debian-5+deb11u3, OpenSSL 1.1.1w',
      'OpenSSH_8.4p1 Debian-5+deb11u3',
      8,
      4,
    ],
    ['OpenSSH_10.6p1 Debian-1, OpenSSL 3.6.5', 'OpenSSH_10.6p1 Debian-1', 10, 6],
    ['OpenSSH_7.8p1, without OpenSSL', 'OpenSSH_7.8p1', 7, 8],
  ])('%j', (printed, text, major, minor) => {
    expect(parseSshdVersion(printed)).toEqual({ text, major, minor });
  });

  test('none', () => {
    for (const text of ['', 'Dropbear v2022.83', 'OpenSSH_', 'OpenSSH_x.y'])
      expect(parseSshdVersion(text)).toBeNull();
  });
});
