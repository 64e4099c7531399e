/**
 * Real OpenSSH as the judge: ssh-keygen in a scratch folder, keys of every type it makes, and the blobs of
 * hardware-bound keys, which need no hardware as long as only their public half is asked for.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wireMpint, wireString, wireU32, wireU64 } from '../../src/openssh/wire.js';

/** Property tests repeat themselves exactly. */
export const SEED = 20261121;

export const fixture = (name: string): Buffer =>
  readFileSync(new URL(`../fixtures/openssh/certs/${name}`, import.meta.url));

export interface Scratch {
  readonly path: (name: string) => string;
  readonly write: (name: string, content: string | Uint8Array) => string;
  readonly read: (name: string) => string;
  readonly bytes: (name: string) => Buffer;
  /** Makes a key pair `name`, `name.pub`; returns the public line. */
  readonly key: (name: string, type?: string, bits?: number) => string;
  /** ssh-keygen with arguments, in UTC, in the folder. Throws when it fails. */
  readonly keygen: (...args: string[]) => string;
  /** The same, however it ends. */
  readonly tryKeygen: (...args: string[]) => { status: number | null; stdout: string; stderr: string };
  readonly remove: () => void;
}

export function scratch(): Scratch {
  const folder = mkdtempSync(join(tmpdir(), 'ssh-scorecard-openssh-'));
  const path = (name: string): string => join(folder, name);
  const options = { cwd: folder, env: { ...process.env, TZ: 'UTC0', LC_ALL: 'C' }, maxBuffer: 1 << 26 };
  const keygen = (...args: string[]): string =>
    execFileSync('ssh-keygen', args, { ...options, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return {
    path,
    write: (name, content) => {
      writeFileSync(path(name), content, { mode: 0o600 });
      return path(name);
    },
    read: (name) => readFileSync(path(name), 'utf8'),
    bytes: (name) => readFileSync(path(name)),
    key: (name, type = 'ed25519', bits) => {
      const size = bits === undefined ? [] : ['-b', String(bits)];
      keygen('-q', '-t', type, ...size, '-N', '', '-C', `${name} key (test)`, '-f', path(name));
      return readFileSync(path(`${name}.pub`), 'utf8');
    },
    keygen,
    tryKeygen: (...args) => {
      const { status, stdout, stderr } = spawnSync('ssh-keygen', args, { ...options, encoding: 'utf8' });
      return { status, stdout, stderr };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** OpenSSH 10.1 dropped DSA; where it is still there, it is tested. */
export const hasDsa = ((): boolean => {
  const box = scratch();
  const made = box.tryKeygen('-q', '-t', 'dsa', '-N', '', '-f', box.path('dsa')).status === 0;
  box.remove();
  return made;
})();

export const line = (blob: Buffer, comment = ''): string => {
  const type = blob.toString('latin1', 4, 4 + blob.readUInt32BE());
  return `${type} ${blob.toString('base64')} ${comment}`.trim();
};

/** A key as a FIDO device would hold it, with the device played by node:crypto. */
export interface Device {
  readonly publicBlob: Buffer;
  /** An SSH signature over `data`, as the device's client writes it. */
  readonly sign: (data: Uint8Array) => Buffer;
}

const APPLICATION = 'ssh:test';
const sha256 = (data: Uint8Array | string): Buffer => createHash('sha256').update(data).digest();

/** The point, at the end of it. Not by JWK: a generated key may stand still at that. */
function spkiEnd(key: KeyObject, bytes: number): Buffer {
  return key.export({ type: 'spki', format: 'der' }).subarray(-bytes);
}

function ecSignature(data: Uint8Array, key: KeyObject): Buffer {
  const raw = sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' });
  return Buffer.concat([wireMpint(raw.subarray(0, 32)), wireMpint(raw.subarray(32))]);
}

export function ed25519Device(): Device {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const x = spkiEnd(publicKey, 32);
  const type = wireString('sk-ssh-ed25519@openssh.com');
  return {
    publicBlob: Buffer.concat([type, wireString(x), wireString(APPLICATION)]),
    sign: (data) => {
      const tail = Buffer.concat([Buffer.from([1]), wireU32(7)]);
      const signature = sign(null, Buffer.concat([sha256(APPLICATION), tail, sha256(data)]), privateKey);
      return Buffer.concat([type, wireString(signature), tail]);
    },
  };
}

/** `webauthn`: the signature a browser makes, over its own JSON instead of the message. */
export function ecdsaDevice(
  options: { webauthn?: boolean; origin?: string; challenge?: string } = {},
): Device {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const point = spkiEnd(publicKey, 65);
  const type = wireString('sk-ecdsa-sha2-nistp256@openssh.com');
  const publicBlob = Buffer.concat([
    type,
    wireString('nistp256'),
    wireString(point),
    wireString(APPLICATION),
  ]);
  const tail = Buffer.concat([Buffer.from([5]), wireU32(9)]);
  if (options.webauthn !== true) {
    return {
      publicBlob,
      sign: (data) => {
        const signature = ecSignature(Buffer.concat([sha256(APPLICATION), tail, sha256(data)]), privateKey);
        return Buffer.concat([type, wireString(signature), tail]);
      },
    };
  }
  const origin = options.origin ?? 'https://example.com';
  return {
    publicBlob,
    sign: (data) => {
      const challenge = options.challenge ?? Buffer.from(data).toString('base64url');
      const client = `{"type":"webauthn.get","challenge":"${challenge}","origin":"${origin}","crossOrigin":false}`;
      const signature = ecSignature(Buffer.concat([sha256(APPLICATION), tail, sha256(client)]), privateKey);
      return Buffer.concat([
        wireString('webauthn-sk-ecdsa-sha2-nistp256@openssh.com'),
        wireString(signature),
        tail,
        wireString(origin),
        wireString(client),
        wireString(''),
      ]);
    },
  };
}

export interface CertificateParts {
  readonly subject: Buffer;
  readonly ca: Device;
  readonly serial?: bigint;
  readonly kind?: number;
  readonly keyId?: string;
  readonly principals?: readonly string[];
  readonly validAfter?: bigint;
  readonly validBefore?: bigint;
  readonly critical?: readonly (readonly [string, Buffer])[];
  readonly extensions?: readonly (readonly [string, Buffer])[];
  /** What the certificate names as its CA, when not the CA's own blob. */
  readonly caBlob?: Buffer;
}

/** Writes and signs a certificate for a plain key blob: for what ssh-keygen will not issue. */
export function issue(parts: CertificateParts): Buffer {
  const nameLength = parts.subject.readUInt32BE();
  const type = parts.subject.toString('latin1', 4, 4 + nameLength).replace('@openssh.com', '');
  const options = (list: CertificateParts['critical'] = []): Buffer =>
    wireString(Buffer.concat(list.flatMap(([name, data]) => [wireString(name), wireString(data)])));
  const signed = Buffer.concat([
    wireString(`${type}-cert-v01@openssh.com`),
    wireString(Buffer.alloc(32, 7)),
    parts.subject.subarray(4 + nameLength),
    wireU64(parts.serial ?? 1n),
    wireU32(parts.kind ?? 1),
    wireString(parts.keyId ?? 'test'),
    wireString(Buffer.concat((parts.principals ?? ['p']).map((name) => wireString(name)))),
    wireU64(parts.validAfter ?? 0n),
    wireU64(parts.validBefore ?? 2n ** 64n - 1n),
    options(parts.critical),
    options(parts.extensions),
    wireString(''),
    wireString(parts.caBlob ?? parts.ca.publicBlob),
  ]);
  return Buffer.concat([signed, wireString(parts.ca.sign(signed))]);
}
