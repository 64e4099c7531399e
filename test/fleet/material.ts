/**
 * Keys, certificates and revocation lists that deviations place on hosts. Made once a fleet, in `directory`/material;
 * while a host is being set up they lie in `$LAB`, and vanish before it is handed over. All of it is worthless outside
 * the lab: the CA is the fleet's own and ends with it.
 */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeKey } from './ca.js';
import { pooled, run } from './exec.js';
import { FORCED_AGT, FORCED_ATM } from './profiles/sound.js';
import type { CertificateRequest, FleetCa } from './types.js';

/**
 * Certificates in `$LAB`/NAME-cert.pub, all by the fleet's CA and none in its log. Their keys are not there: a
 * certificate lying about is public, a key is another matter.
 */
const CERTIFICATES: Readonly<Record<string, CertificateRequest>> = {
  'adm-24h': { keyId: 'adm-carla', principals: ['adm-full'], validity: '+24h', serial: 501n },
  'adm-47h': { keyId: 'adm-carla', principals: ['adm-full'], validity: '+47h', serial: 502n },
  'adm-72h': { keyId: 'adm-carla', principals: ['adm-full'], validity: '+72h', serial: 503n },
  'adm-52w': { keyId: 'adm-carla', principals: ['adm-full'], validity: '+52w', serial: 504n },
  'adm-48h': { keyId: 'adm-carla', principals: ['adm-full'], validity: '+48h', serial: 505n },
  'adm-forever': { keyId: 'adm-carla', principals: ['adm-full'], validity: 'always:forever', serial: 506n },
  'adm-after': {
    keyId: 'adm-carla',
    principals: ['adm-full'],
    validity: '20260101000000Z:forever',
    serial: 507n,
  },
  'adm-before': {
    keyId: 'adm-carla',
    principals: ['adm-full'],
    validity: 'always:20991231000000Z',
    serial: 508n,
  },
  'adm-dst': {
    keyId: 'adm-carla',
    principals: ['adm-full'],
    validity: '20260328100000Z:20260329100000Z',
    serial: 509n,
  },
  'adm-expired-90d': {
    keyId: 'adm-carla',
    principals: ['adm-full'],
    validity: '20260101000000Z:20260401000000Z',
    serial: 510n,
  },
  'agt-4h': {
    keyId: 'agt-incident-resolver-v2',
    principals: ['agt-incident-resolver-v2'],
    validity: '+4h',
    serial: 511n,
    options: ['clear', FORCED_AGT],
  },
  'agt-30h': {
    keyId: 'agt-incident-resolver-v2',
    principals: ['agt-incident-resolver-v2'],
    validity: '+30h',
    serial: 512n,
    options: ['clear', FORCED_AGT],
  },
  'atm-1h': {
    keyId: 'atm-logrotate',
    principals: ['atm-logrotate'],
    validity: '+1h',
    serial: 513n,
    options: ['clear', FORCED_ATM],
  },
  'atm-30h': {
    keyId: 'atm-logrotate',
    principals: ['atm-logrotate'],
    validity: '+30h',
    serial: 514n,
    options: ['clear', FORCED_ATM],
  },
  'atm-unforced': { keyId: 'atm-logrotate', principals: ['atm-logrotate'], validity: '+1h', serial: 515n },
  'unknown-actor': { keyId: 'bob', principals: ['ops-team'], validity: '+8h', serial: 516n },
  mixed: { keyId: 'adm-carla', principals: ['agt-incident-resolver-v2'], validity: '+40h', serial: 517n },
  injection: {
    keyId: 'adm-\u001b[31mred',
    principals: ['adm-full\nSerial: 999\n        Valid: from 2026-03-28T10:00:00 to 2026-03-28T11:00:00'],
    validity: '+72h',
    serial: 518n,
  },
  'max-serial': {
    keyId: 'adm-carla',
    principals: ['adm-full'],
    validity: '+24h',
    serial: 18446744073709551615n,
  },
  bootstrap: { keyId: 'adm-bernd', principals: ['adm-bootstrap'], validity: '+47h', serial: 519n },
  'bootstrap-expired': {
    keyId: 'adm-bernd',
    principals: ['adm-bootstrap'],
    validity: '20260328100000Z:20260330100000Z',
    serial: 520n,
  },
};

/** Makes all material. `directory` is the fleet's. */
export async function makeMaterial(directory: string, ca: FleetCa): Promise<void> {
  const folder = join(directory, 'material');
  await mkdir(folder, { mode: 0o700 });
  const at = (name: string): string => join(folder, name);
  for (const name of ['ca_user', 'rogue']) {
    await copyFile(join(directory, 'ca', name), at(name));
    await copyFile(join(directory, 'ca', `${name}.pub`), at(`${name}.pub`));
  }
  const keys: readonly (readonly [name: string, args: readonly string[]])[] = [
    ['static', ['-t', 'ed25519', '-N', '']],
    ['static2', ['-t', 'ed25519', '-N', '']],
    ['emergency', ['-t', 'ed25519', '-N', '']],
    ['encrypted', ['-t', 'ed25519', '-N', 'lab passphrase']],
    ['pem', ['-t', 'ecdsa', '-m', 'PEM', '-N', '']],
    ['pem-encrypted', ['-t', 'ecdsa', '-m', 'PEM', '-N', 'lab passphrase']],
    ['pkcs8', ['-t', 'ecdsa', '-m', 'PKCS8', '-N', '']],
    ['host', ['-t', 'ed25519', '-N', '']],
  ];
  await pooled(keys, 2, ([name, args]) =>
    run('ssh-keygen', ['-q', ...args, '-C', `${name} key`, '-f', at(name)]),
  );
  await writeFile(at('sk'), hardwareKey(), { mode: 0o600 });
  await run('ssh-keygen', ['-q', '-k', '-f', at('empty.krl')]);
  await run('ssh-keygen', ['-q', '-k', '-f', at('ca-revoked.krl'), at('ca_user.pub')]);
  await writeFile(at('serials.spec'), 'serial: 501-505\nid: adm-eve\n');
  await run('ssh-keygen', ['-q', '-k', '-f', at('serials.krl'), '-s', at('ca_user.pub'), at('serials.spec')]);
  await run('ssh-keygen', [
    '-q',
    '-s',
    at('ca_user'),
    '-h',
    '-I',
    'prod-db-01',
    '-n',
    'prod-db-01',
    '-V',
    '+52w',
    '-z',
    '521',
    at('host.pub'),
  ]);
  await pooled(Object.entries(CERTIFICATES), 2, async ([name, request]) => {
    const identity = await ca.issue({ ...request, unlogged: true });
    await copyFile(identity.certificateFile, at(`${name}-cert.pub`));
  });
  await makeKey(at('lookalike'), 'Ops SSH User CA (2026)');
  const blob = (await readFile(at('ca_user.pub'), 'utf8')).split(' ')[1] ?? '';
  await writeFile(at('ca.blob'), blob);
}

/**
 * A private key file as ssh-keygen writes it for a FIDO token: a handle, useless without the device.
 * PROTOCOL.key gives the frame, PROTOCOL.u2f the fields.
 */
function hardwareKey(): string {
  const string = (value: string | Buffer): Buffer => {
    const bytes = Buffer.from(value);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const one = Buffer.from([0, 0, 0, 1]);
  const type = string('sk-ssh-ed25519@openssh.com');
  const point = string(Buffer.alloc(32, 7));
  const publicKey = Buffer.concat([type, point, string('ssh:')]);
  const check = Buffer.from([1, 2, 3, 4, 1, 2, 3, 4]);
  const secret = Buffer.concat([
    check,
    publicKey,
    Buffer.from([1]),
    string(Buffer.alloc(64, 9)),
    string(''),
    string('token'),
  ]);
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, index) => index + 1));
  const all = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    string('none'),
    string('none'),
    string(''),
    one,
    string(publicKey),
    string(Buffer.concat([secret, padding])),
  ]);
  const lines = all.toString('base64').match(/.{1,70}/g) ?? [];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}
