import { cpSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sealFolder } from '../../src/evidence/manifest.js';
import { needs, title } from '../helpers/needs.js';
import { runsIn, startBench, type Bench } from '../helpers/runs.js';
import { makeKey, publicKey } from '../helpers/sshd.js';

describe.skipIf(needs.sshKeygen)(title('signatures', needs.sshKeygen), () => {
  let bench: Bench;
  let key = '';
  let signed = '';
  let unsigned = '';
  let signers = '';
  beforeAll(async () => {
    bench = await startBench('signature');
    key = await makeKey(join(bench.folder, 'signer'));
    const argv = ['run', bench.inventory, ...bench.reach, '-q', '--host', 'web*', '--evidence'];
    await bench.cli(...argv, 'signed', '--sign', key);
    await bench.cli(...argv, 'unsigned');
    signed = runsIn(join(bench.folder, 'signed'))[0] ?? '';
    unsigned = runsIn(join(bench.folder, 'unsigned'))[0] ?? '';
    signers = join(bench.folder, 'signers');
    writeFileSync(signers, `auditor@example.org namespaces="ssh-scorecard-run" ${publicKey(key)}\n`);
  });
  afterAll(() => bench.stop());

  test('a signer who is trusted', async () => {
    const { code, out } = await bench.cli('verify', signed, '--allowed-signers', signers);
    expect(out).toMatch(/signed by auditor@example\.org \(SHA256:/);
    expect(code).toBe(0);
  });

  test('without signers it is said who signed, without trust', async () => {
    const { code, out } = await bench.cli('verify', signed);
    expect(out).toMatch(/signed by SHA256:\S+, which is not trusted: no file of signers was given/);
    expect(code).toBe(0);
  });

  test('a signer who is not in the file, or only for other things', async () => {
    const other = await makeKey(join(bench.folder, 'other'));
    for (const line of [publicKey(other), `namespaces="git" ${publicKey(key)}`]) {
      writeFileSync(join(bench.folder, 'others'), `ada@example.org ${line}\n`);
      const { code, out } = await bench.cli('verify', signed, '--allowed-signers', 'others');
      expect(out).toContain('unproven: its signature is not trusted');
      expect(code).toBe(3);
    }
  });

  test('a run that is not signed, when signers are asked for', async () => {
    const { code, out } = await bench.cli('verify', unsigned, '--allowed-signers', signers);
    expect(out).toContain('unproven: it is not signed');
    expect(code).toBe(3);
  });

  test('edited and sealed again, without the key: the signature is of another manifest', async () => {
    const to = join(bench.folder, 'forged', basename(signed));
    cpSync(signed, to, { recursive: true });
    const text = readFileSync(join(to, 'run.json'), 'utf8');
    writeFileSync(join(to, 'run.json'), text.replace('"warnings": []', '"warnings": ["all is well"]'));
    await sealFolder(to);
    for (const more of [[], ['--allowed-signers', signers]]) {
      const { code, out } = await bench.cli('verify', to, ...more);
      expect(out).toContain('the signature is not one of this manifest');
      expect(code).toBe(1);
    }
  });

  test('a signature that is a link is not followed', async () => {
    const to = join(bench.folder, 'linked', basename(signed));
    cpSync(signed, to, { recursive: true });
    unlinkSync(join(to, 'MANIFEST.sha256.sig'));
    symlinkSync(join(signed, 'MANIFEST.sha256.sig'), join(to, 'MANIFEST.sha256.sig'));
    const { code, out } = await bench.cli('verify', to);
    expect(out).toContain('MANIFEST.sha256.sig is a symbolic link');
    expect(code).toBe(1);
  });

  test('signers that cannot be read are one clear line', async () => {
    const { code, err } = await bench.cli('verify', signed, '--allowed-signers', 'no-such-file');
    expect(code).toBe(2);
    expect(err).toContain('--allowed-signers: cannot read');
  });
});
