import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  FOREVER,
  certificateValidity,
  lifetimeSeconds,
  parseCertificate,
  parseCertificateLine,
  tryParseCertificate,
  verifyCertificate,
  type ParsedCertificate,
} from '../../src/openssh/certificate.js';
import { fingerprint } from '../../src/openssh/public-key.js';
import { WireError, wireString } from '../../src/openssh/wire.js';
import { SEED, ecdsaDevice, ed25519Device, fixture, hasDsa, issue, line, scratch } from './support.js';

const box = scratch();
afterAll(() => box.remove());

/** Everything `ssh-keygen -L` tells, as one comparable value. */
function listed(text: string): Record<string, unknown> {
  const field = (name: string): string => new RegExp(`^ {8}${name}: (.*)$`, 'm').exec(text)?.[1] ?? '?';
  const block = (name: string): string[] => {
    const body = new RegExp(`^ {8}${name}: (\\(none\\)|\\n(?: {16}.*\\n?)*)`, 'm').exec(text)?.[1] ?? '?';
    return body === '(none)'
      ? []
      : body.split('\n').flatMap((row) => (row.trim() === '' ? [] : [row.slice(16)]));
  };
  return {
    type: field('Type'),
    key: field('Public key').split(' ')[1],
    ca: field('Signing CA').replace(/^\S+ /, ''),
    keyId: field('Key ID'),
    serial: field('Serial'),
    valid: field('Valid'),
    principals: block('Principals'),
    critical: block('Critical Options'),
    extensions: block('Extensions'),
  };
}

const time = (seconds: bigint): string => new Date(Number(seconds) * 1000).toISOString().slice(0, 19);

function validText({ validAfter, validBefore }: ParsedCertificate): string {
  if (validAfter === 0n && validBefore === FOREVER) return 'forever';
  if (validAfter === 0n) return `before ${time(validBefore)}`;
  if (validBefore === FOREVER) return `after ${time(validAfter)}`;
  return `from ${time(validAfter)} to ${time(validBefore)}`;
}

const optionText = ({ name, value }: { name: string; value: string }): string =>
  value === '' ? name : `${name} ${value}`;

/** What we parsed, in the words of `ssh-keygen -L`. */
function told(cert: ParsedCertificate): Record<string, unknown> {
  return {
    type: `${cert.type} ${cert.kind} certificate`,
    key: cert.fingerprint,
    ca: `${cert.caFingerprint} (using ${cert.signatureAlgorithm})`,
    keyId: JSON.stringify(cert.keyId),
    serial: String(cert.serial),
    valid: validText(cert),
    principals: cert.principals,
    critical: cert.criticalOptions.map(optionText),
    extensions: cert.extensions.map(optionText),
  };
}

const parsedLine = (text: string): ParsedCertificate => {
  const cert = parseCertificateLine(text);
  if ('problem' in cert) throw new Error(cert.problem);
  return cert;
};

const CAS = [
  ['ed25519', undefined, undefined],
  ['rsa', 2048, 'rsa-sha2-512'],
  ['rsa', 2048, 'rsa-sha2-256'],
  ['rsa', 2048, 'ssh-rsa'],
  ['ecdsa', 256, undefined],
  ['ecdsa', 384, undefined],
  ['ecdsa', 521, undefined],
  ...(hasDsa ? ([['dsa', undefined, undefined]] as const) : []),
] as const;
const SUBJECTS = [
  'ed25519',
  'rsa',
  'ecdsa',
  'ecdsa384',
  'ecdsa521',
  'sk-ed',
  'sk-ec',
  ...(hasDsa ? ['dsa'] : []),
];

beforeAll(() => {
  box.key('ed25519');
  box.key('rsa', 'rsa', 2048);
  box.key('ecdsa', 'ecdsa', 256);
  box.key('ecdsa384', 'ecdsa', 384);
  box.key('ecdsa521', 'ecdsa', 521);
  if (hasDsa) box.key('dsa', 'dsa');
  box.write('sk-ed.pub', `${line(ed25519Device().publicBlob, 'sk')}\n`);
  box.write('sk-ec.pub', `${line(ecdsaDevice().publicBlob, 'sk')}\n`);
});

describe('certificates ssh-keygen issues', () => {
  test.each(CAS)(
    'CA %s %s %s signs keys of every type, and each reads as ssh-keygen -L shows it',
    (type, bits, alg) => {
      const ca = `ca-${type}-${String(bits)}-${String(alg)}`;
      box.key(ca, type, bits);
      const algorithm = alg === undefined ? [] : ['-t', alg];
      const publics = SUBJECTS.map((name) => `${name}.pub`);
      box.keygen(
        '-q',
        '-s',
        ca,
        ...algorithm,
        '-I',
        `id of ${ca}`,
        '-n',
        'adm-full,x',
        '-z',
        '42',
        '-V',
        '+8h',
        ...publics,
      );
      for (const name of SUBJECTS) {
        const cert = parsedLine(box.read(`${name}-cert.pub`));
        expect(told(cert)).toEqual(listed(box.keygen('-L', '-f', `${name}-cert.pub`)));
        expect(cert.signatureValid).toBe(true);
        expect(verifyCertificate(cert)).toBe(true);
        expect(cert.caType).toBe(box.read(`${ca}.pub`).split(' ')[0]);
      }
    },
  );

  const ISSUES: readonly (readonly [string, readonly string[]])[] = [
    ['host certificate', ['-h', '-n', 'web.example.com']],
    ['forever', ['-n', 'a']],
    ['from the beginning of time', ['-n', 'a', '-V', 'always:20300101']],
    ['with no end', ['-n', 'a', '-V', '20200101:forever']],
    ['seconds', ['-n', 'a', '-V', '20260101000001:20260101000102']],
    ['no principals', []],
    ['largest serial', ['-n', 'a', '-z', '18446744073709551615']],
    ['no extensions', ['-n', 'a', '-O', 'clear']],
    [
      'critical options',
      ['-n', 'a', '-O', 'force-command=/bin/x  "y" z', '-O', 'source-address=10.0.0.0/8,::1/128'],
    ],
    ['verify-required', ['-n', 'a', '-O', 'verify-required', '-O', 'no-touch-required']],
    ['256 principals', ['-n', Array.from({ length: 256 }, (_, i) => `p${String(i)}`).join(',')]],
  ];
  test.each(ISSUES)('%s', (_title, args) => {
    box.keygen('-q', '-s', 'ecdsa', '-I', 'x', ...args, 'ed25519.pub');
    const cert = parsedLine(box.read('ed25519-cert.pub'));
    expect(told(cert)).toEqual(listed(box.keygen('-L', '-f', 'ed25519-cert.pub')));
    expect(cert.signatureValid).toBe(true);
  });

  test('257 principals are one too many', () => {
    const ca = ed25519Device();
    const subject = ed25519Device().publicBlob;
    const principals = Array.from({ length: 257 }, (_, i) => `p${String(i)}`);
    expect(() => parseCertificate(issue({ subject, ca, principals }))).toThrow(/256 principals/);
    expect(parseCertificate(issue({ subject, ca, principals: principals.slice(1) })).principals).toHaveLength(
      256,
    );
  });

  test('custom options: flags, wrapped strings and raw data', () => {
    box.keygen(
      '-q',
      '-s',
      'ecdsa',
      '-I',
      'x',
      '-O',
      'critical:a@b=bar',
      '-O',
      'extension:f@b',
      'ed25519.pub',
    );
    const cert = parsedLine(box.read('ed25519-cert.pub'));
    expect(cert.criticalOptions).toEqual([{ name: 'a@b', value: 'bar' }]);
    expect(cert.extensions).toContainEqual({ name: 'f@b', value: '' });
    const raw = issue({
      subject: ed25519Device().publicBlob,
      ca: ed25519Device(),
      critical: [['raw@x', Buffer.from('00ff', 'hex')]],
    });
    expect(parseCertificate(raw).criticalOptions).toEqual([{ name: 'raw@x', value: '0x00ff' }]);
  });
});

describe('recorded certificates', () => {
  const names = ['adm-24h', 'adm-bootstrap', 'adm-forever', 'adm-noprincipals', 'host-ecdsa'];
  test.each(names)('%s reads as OpenSSH 9.2 listed it', (name) => {
    const all = fixture('ssh-keygen-L-9.2.txt').toString();
    const text = all.slice(all.indexOf(`certs/${name}-cert.pub:`));
    const cert = parsedLine(fixture(`${name}-cert.pub`).toString());
    expect(told(cert)).toEqual(listed(text.slice(0, text.indexOf('certs/', 10))));
    expect(cert.signatureValid).toBe(true);
  });

  test('names that forge lines in the listing stay inside their field', () => {
    const cert = parsedLine(fixture('evil-injection-cert.pub').toString());
    expect(cert.principals).toEqual(['a b', 'c\nSerial: 999']);
    expect(cert.serial).toBe(7n);
    expect(cert.keyId.startsWith('e\x1b[31mvil')).toBe(true);
  });

  test('options of an automation', () => {
    const cert = parsedLine(fixture('atm-rsa-options-cert.pub').toString());
    expect(cert.criticalOptions).toContainEqual({
      name: 'force-command',
      value: '/usr/local/bin/atm-wrapper.sh a b',
    });
    expect(lifetimeSeconds(cert)).toBe(8n * 3600n);
  });
});

describe('certificate authorities in hardware', () => {
  const devices = {
    ed25519: ed25519Device(),
    ecdsa: ecdsaDevice(),
    webauthn: ecdsaDevice({ webauthn: true }),
  };
  test.each(Object.entries(devices))('%s: accepted here and by ssh-keygen', (_name, ca) => {
    const blob = issue({ subject: ed25519Device().publicBlob, ca });
    expect(parseCertificate(blob).signatureValid).toBe(true);
    expect(box.tryKeygen('-L', '-f', box.write('sk.pub', `${line(blob)}\n`)).status).toBe(0);
  });

  test('a browser signature about another challenge or with a quote in its origin is refused, as by ssh-keygen', () => {
    const forged = [
      ecdsaDevice({ webauthn: true, challenge: 'AAAA' }),
      ecdsaDevice({ webauthn: true, origin: 'https://x","y":"' }),
    ];
    for (const ca of forged) {
      const blob = issue({ subject: ed25519Device().publicBlob, ca });
      expect(parseCertificate(blob).signatureValid).toBe(false);
      expect(box.tryKeygen('-L', '-f', box.write('forged.pub', `${line(blob)}\n`)).status).not.toBe(0);
    }
  });
});

describe('certificates that are not', () => {
  const blobOf = (name: string): Buffer =>
    Buffer.from(fixture(name).toString().split(' ')[1] ?? '', 'base64');
  const real = blobOf('adm-24h-cert.pub');
  const rsa = blobOf('atm-rsa-options-cert.pub');

  test('every truncation of a real certificate is refused with WireError', () => {
    for (let length = 0; length < real.length; length += 1) {
      expect(() => parseCertificate(real.subarray(0, length))).toThrow(WireError);
    }
  });

  test('trailing bytes, plain keys, nested certificates and unknown types are refused', () => {
    expect(tryParseCertificate(Buffer.concat([real, Buffer.alloc(1)]))).toEqual({
      problem: 'bytes after the end of the certificate',
    });
    const ca = ed25519Device();
    expect(tryParseCertificate(ca.publicBlob)).toHaveProperty('problem', expect.stringContaining('plain'));
    const nested = issue({ subject: ed25519Device().publicBlob, ca, caBlob: real });
    expect(tryParseCertificate(nested)).toHaveProperty(
      'problem',
      expect.stringContaining('by a certificate'),
    );
    expect(box.tryKeygen('-L', '-f', box.write('nested.pub', `${line(nested)}\n`)).status).not.toBe(0);
    expect(tryParseCertificate(wireString('ssh-new-cert-v01@openssh.com'))).toEqual({
      problem: 'key type "ssh-new-cert-v01@openssh.com" is not known',
    });
    expect(tryParseCertificate(Buffer.alloc(300 * 1024))).toEqual({
      problem: 'a certificate of more than 256 KiB',
    });
  });

  test('a kind that is neither user nor host is reported as such', () => {
    const blob = issue({ subject: ed25519Device().publicBlob, ca: ed25519Device(), kind: 3 });
    expect(parseCertificate(blob).kind).toBe('unknown');
  });

  test('no changed byte goes unnoticed: it is refused, or its signature is not valid', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(real, rsa),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (blob, where, flip) => {
          const bytes = Buffer.from(blob);
          const at = where % bytes.length;
          bytes[at] = (bytes[at] ?? 0) ^ flip;
          const cert = tryParseCertificate(bytes);
          expect('problem' in cert || !cert.signatureValid).toBe(true);
        },
      ),
      { seed: SEED, numRuns: 1500 },
    );
  });

  test('random bytes, also behind a true beginning, never throw from tryParseCertificate', () => {
    const start = fc.nat(real.length).map((length) => real.subarray(0, length));
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 200 }), (head, tail) => {
        const result = tryParseCertificate(Buffer.concat([head, tail]));
        expect('problem' in result ? typeof result.problem : typeof result.serial).toMatch(/string|bigint/);
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });

  test('lines: type and blob must agree, base64 must be strict', () => {
    const text = fixture('adm-24h-cert.pub').toString();
    const problem = (changed: string): unknown => {
      const cert = parseCertificateLine(changed);
      return 'problem' in cert ? cert.problem : null;
    };
    expect(problem(text)).toBeNull();
    expect(problem(`${text.trim()}\r\n`)).toBeNull();
    expect(problem(text.replace('ssh-ed25519-cert', 'ssh-rsa-cert'))).toMatch(/but holds/);
    expect(problem(text.replace('ssh-ed25519-cert-v01@openssh.com', 'ssh-ed25519'))).toMatch(
      /not a certificate/,
    );
    expect(problem(text.replace(' AAAA', ' A!AA'))).toMatch(/base64/);
    expect(problem('hello')).toMatch(/form/);
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (junk) => {
        expect(problem(junk)).not.toBeNull();
      }),
      { seed: SEED },
    );
  });
});

describe('time', () => {
  const window = { validAfter: 100n, validBefore: 200n };
  test.each([
    [99n, 'not-yet-valid'],
    [100n, 'valid'],
    [199n, 'valid'],
    [200n, 'expired'],
  ] as const)('at %s: %s', (now, state) => {
    expect(certificateValidity(window, now)).toBe(state);
  });

  test('lifetimes', () => {
    expect(lifetimeSeconds(window)).toBe(100n);
    expect(lifetimeSeconds({ validAfter: 200n, validBefore: 100n })).toBe(0n);
    expect(lifetimeSeconds({ validAfter: 5n, validBefore: FOREVER })).toBe('forever');
    expect(lifetimeSeconds({ validAfter: 0n, validBefore: FOREVER - 1n })).toBe(FOREVER - 1n);
  });
});

test('round trip: what is issued is what is read', () => {
  const ca = ed25519Device();
  const subject = ed25519Device().publicBlob;
  const word = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => !text.includes('\0'));
  const u64 = fc.bigInt(0n, FOREVER);
  fc.assert(
    fc.property(
      word,
      fc.array(word, { maxLength: 5 }),
      u64,
      u64,
      u64,
      (keyId, principals, serial, after, before) => {
        const blob = issue({
          subject,
          ca,
          keyId,
          principals,
          serial,
          validAfter: after,
          validBefore: before,
        });
        const cert = parseCertificate(blob);
        expect(cert).toMatchObject({ keyId, principals, serial, validAfter: after, validBefore: before });
        expect(cert.fingerprint).toBe(fingerprint(subject));
        expect(cert.fingerprint).toBe(fingerprint(blob));
        expect(cert.caFingerprint).toBe(fingerprint(ca.publicBlob));
        expect(verifyCertificate(cert)).toBe(true);
      },
    ),
    { seed: SEED, numRuns: 100 },
  );
});
