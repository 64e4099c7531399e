/** Private keys in every format ssh-keygen writes; its public half is the oracle. */
import { execFileSync } from 'node:child_process';
import { createPublicKey, sign, verify } from 'node:crypto';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parsePublicKeyLine } from '../../../src/openssh/public-key.js';
import { createKeyFiles } from '../../../src/transports/ssh/key-file.js';
import { needs, title } from '../../helpers/needs.js';
import {
  makeKey,
  publicKey,
  removeDirectory,
  signKey,
  temporaryDirectory,
  type KeyType,
} from '../../helpers/sshd.js';

describe.skipIf(needs.sshKeygen)(title('key files', needs.sshKeygen), () => {
  let directory: string;
  beforeAll(() => {
    directory = temporaryDirectory('keys');
  });
  afterAll(() => removeDirectory(directory));
  const path = (name: string): string => join(directory, name);
  const blobOf = (key: string): Buffer => parsePublicKeyLine(publicKey(key))?.blob ?? Buffer.alloc(0);

  it.each<[KeyType, string]>([
    ['ed25519', 'RFC4716'],
    ...(['rsa', 'ecdsa', 'ecdsa384', 'ecdsa521'] as const).flatMap((type): [KeyType, string][] =>
      ['RFC4716', 'PEM', 'PKCS8'].map((format) => [type, format]),
    ),
  ])('%s as %s', async (type, format) => {
    const key = await makeKey(path(`${type}-${format}`), type);
    execFileSync('ssh-keygen', ['-q', '-p', '-N', '', '-m', format, '-f', key], { stdio: 'ignore' });
    const loaded = createKeyFiles().key(key);
    if (loaded.kind !== 'private') throw new Error(JSON.stringify(loaded));
    expect(loaded.plainBlob).toEqual(blobOf(key));
    const data = Buffer.from('some data');
    const hash = type === 'ed25519' ? null : 'sha256';
    expect(verify(hash, data, createPublicKey(loaded.key), sign(hash, data, loaded.key))).toBe(true);
  });

  it.each(['RFC4716', 'PEM', 'PKCS8'])('encrypted as %s: the public half is known', async (format) => {
    const key = await makeKey(path(`locked-${format}`), 'ecdsa');
    execFileSync('ssh-keygen', ['-q', '-p', '-N', 'secret', '-m', format, '-f', key], { stdio: 'ignore' });
    expect(createKeyFiles().key(key)).toEqual({ kind: 'encrypted', plainBlob: blobOf(key) });
  });

  it('is read once, and again when it changes', async () => {
    const files = createKeyFiles();
    const [one, two] = await Promise.all([makeKey(path('one')), makeKey(path('two'))]);
    const first = files.key(one);
    expect(files.key(one)).toBe(first);
    copyFileSync(two, one);
    expect(files.key(one)).toMatchObject({ kind: 'private', plainBlob: blobOf(two) });
  });

  it('a renewed certificate is seen', async () => {
    const files = createKeyFiles();
    const [ca, key] = await Promise.all([makeKey(path('ca')), makeKey(path('renewed'))]);
    const file = await signKey(ca, key, { id: 'old' });
    expect(files.certificate(file)).toMatchObject({ kind: 'certificate', certificate: { keyId: 'old' } });
    await signKey(ca, key, { id: 'newer' });
    expect(files.certificate(file)).toMatchObject({ kind: 'certificate', certificate: { keyId: 'newer' } });
    writeFileSync(file, 'ssh-ed25519-cert-v01@openssh.com AAAA\n');
    expect(files.certificate(file)).toMatchObject({ kind: 'unusable' });
    expect(files.certificate(path('nowhere'))).toEqual({ kind: 'missing' });
  });
});
