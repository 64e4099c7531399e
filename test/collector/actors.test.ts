import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actorWrapper } from '../../checks/actor-wrapper.js';
import { caSecurity } from '../../checks/ca-security.js';
import { certificateLifetime } from '../../checks/certificate-lifetime.js';
import { readCertificates, readPrivateKeys } from '../../src/facts/credentials.js';
import { readFacts } from '../../src/facts/index.js';
import type { FoundPrivateKey } from '../../src/facts/types.js';
import type { Reading } from '../../src/model.js';
import { fingerprint, parsePublicKeyLine } from '../../src/openssh/public-key.js';
import { attestation, expected, not, ok, policy } from '../helpers/actor-facts.js';
import { collectActors, copy, keygen, plant, SHELLS, WRAPPERS } from '../helpers/actors-host.js';
import { collectNeeds, probesNamed, type Collected } from '../helpers/collect.js';
import { findingsOf } from '../helpers/keys-host.js';
import { needs, title } from '../helpers/needs.js';
import { plantSchedules } from '../helpers/planted-schedules.js';
import { junk, leaks, opensshSecret, pemSecret, type Secret } from '../helpers/secrets.js';
import { removeDirectory, signKey, temporaryDirectory } from '../helpers/sshd.js';

describe.skipIf(needs.shellcheck)(title('shellcheck', needs.shellcheck), () => {
  test.each(['credentials', 'schedules', 'wrappers'])(
    'probe %s is clean together with what runs before it',
    (name) => {
      const setups = probesNamed(name)[0]?.setup ?? [];
      const input = ['prelude', ...setups, name]
        .map((part) => readFileSync(`src/collector/probes/${part}.sh`, 'utf8'))
        .join('\n');
      const { stdout } = spawnSync('shellcheck', ['-s', 'sh', '-e', 'SC2034', '-'], { input });
      expect(stdout.toString()).toBe('');
    },
  );
});

const need = collectNeeds() ?? needs.program('openssl', 'openssl');
const value = <T>(reading: Reading<T>): T => {
  if (!reading.ok) throw new Error(reading.detail);
  return reading.value;
};
const gapsOf = (reading: Reading<unknown>): readonly string[] =>
  reading.ok ? reading.gaps : [reading.detail];
describe.skipIf(need)(title('on a real host', need), () => {
  const directory = temporaryDirectory('actors');
  const tree = join(directory, 'tree');
  const agent = join(tree, 'home/agt-resolver');
  const keys = join(directory, 'keys');
  const secrets: Secret[] = [];
  const fingerprints = new Map<string, string>();
  const runs = new Map<string, Collected>();
  const key = (name: string): string => join(keys, name);
  const read = (name: string): string => readFileSync(key(name), 'utf8');

  beforeAll(async () => {
    mkdirSync(keys, { recursive: true });
    for (const [name, ...args] of [
      ['ed', '-t', 'ed25519', '-N', ''],
      ['ed-enc', '-t', 'ed25519', '-N', 'secret'],
      ['ec', '-t', 'ecdsa', '-N', ''],
      ['rsa', '-t', 'rsa', '-b', '2048', '-N', ''],
      ['rsa-pem', '-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', ''],
      ['rsa-pem-enc', '-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', 'secret'],
      ['ec-pem', '-t', 'ecdsa', '-m', 'PEM', '-N', ''],
      ['rsa-pkcs8', '-t', 'rsa', '-b', '2048', '-m', 'PKCS8', '-N', ''],
      ['ec-pkcs8-enc', '-t', 'ecdsa', '-m', 'PKCS8', '-N', 'secret'],
      ['ca', '-t', 'ed25519', '-N', ''],
      ['user', '-t', 'ed25519', '-N', ''],
    ] as const) {
      keygen(key(name), ...args);
      const line = parsePublicKeyLine(readFileSync(`${key(name)}.pub`, 'utf8'));
      fingerprints.set(name, line ? fingerprint(line.blob) : '');
      secrets.push(/pem|pkcs8/.test(name) ? pemSecret(key(name)) : opensshSecret(key(name)));
    }
    execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', key('ed-pkcs8')], {
      stdio: 'ignore',
    });
    secrets.push(pemSecret(key('ed-pkcs8')));
    const own = parsePublicKeyLine(readFileSync(`${key('user')}.pub`, 'utf8'))?.blob ?? Buffer.alloc(0);
    const putty = (version: number, encryption: string, secret: string): string =>
      `PuTTY-User-Key-File-${version}: ssh-ed25519\r\nEncryption: ${encryption}\r\nComment: x\r\nPublic-Lines: 2\r\n${own.toString('base64').slice(0, 64)}\r\n${own.toString('base64').slice(64)}\r\nPrivate-Lines: 1\r\n${secret}\r\nPrivate-MAC: ${'0'.repeat(40)}\r\n`;
    const puttySecrets = [2, 3].map(() => randomBytes(36).toString('base64'));
    secrets.push({ name: 'putty', bytes: puttySecrets.map((text) => Buffer.from(text, 'base64')) });
    const ssh1 = Buffer.concat([
      Buffer.from('SSH PRIVATE KEY FILE FORMAT 1.1\n\0\0\0\0\0\0'),
      randomBytes(300),
    ]);
    secrets.push({ name: 'ssh1', bytes: [ssh1.subarray(45)] });
    const [seed, publicHalf] = [randomBytes(32), randomBytes(32)];
    const dropbear = Buffer.concat([
      Buffer.from([0, 0, 0, 11]),
      Buffer.from('ssh-ed25519'),
      Buffer.from([0, 0, 0, 64]),
      seed,
      publicHalf,
    ]);
    secrets.push({ name: 'dropbear', bytes: [seed] });
    // A FIDO handle: the public half says sk-, and nothing secret is in it.
    const word = (text: string | Uint8Array): Buffer => {
      const bytes = typeof text === 'string' ? Buffer.from(text) : text;
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return Buffer.concat([length, bytes]);
    };
    const sk = Buffer.concat([word('sk-ssh-ed25519@openssh.com'), word(randomBytes(32)), word('ssh:')]);
    const handle = Buffer.concat([
      Buffer.from('openssh-key-v1\0'),
      word('none'),
      word('none'),
      word(''),
      Buffer.from([0, 0, 0, 1]),
      word(sk),
      word(randomBytes(96)),
    ]);
    const skText = `-----BEGIN OPENSSH PRIVATE KEY-----\n${(handle.toString('base64').match(/.{1,70}/g) ?? []).join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`;

    await signKey(key('ca'), key('user'), { id: 'agt-resolver', principals: ['agt-resolver'], serial: 41 });
    renameSync(`${key('user')}-cert.pub`, key('cert-41'));
    await signKey(key('ca'), key('user'), { id: 'agt-other', principals: ['agt-other'], serial: 42 });
    renameSync(`${key('user')}-cert.pub`, key('cert-42'));
    const [one, two] = [read('cert-41').trim(), read('cert-42').trim()];

    for (const name of [
      'ed',
      'ed-enc',
      'ec',
      'rsa',
      'rsa-pem',
      'rsa-pem-enc',
      'ec-pem',
      'rsa-pkcs8',
      'ec-pkcs8-enc',
      'ed-pkcs8',
    ])
      copy(key(name), join(agent, '.ssh', name));
    copy(`${key('ec-pkcs8-enc')}.pub`, join(agent, '.ssh/ec-pkcs8-enc.pub'));
    plant(
      agent,
      {
        'putty2.ppk': putty(2, 'none', puttySecrets[0] ?? ''),
        'putty3.ppk': putty(3, 'aes256-cbc', puttySecrets[1] ?? ''),
        identity: ssh1,
        '.ssh/id_dropbear': dropbear,
        '.ssh/id_sk': skText,
        'odd/a name': read('ed'),
        'odd/line\nend': read('ed'),
        'odd/ünïcode': read('ed'),
        'odd/-n': read('ed'),
        'odd/a=b': read('ed'),
        'odd/crlf': read('ed').replaceAll('\n', '\r\n'),
        'odd/indented': read('rsa-pem').replaceAll(/^/gm, '    '),
        'odd/junk': Buffer.concat([junk(500), Buffer.from('\n'), Buffer.from(read('rsa-pem'))]),
        'odd/bundle.pem': `${read('rsa-pkcs8')}\ntext between\n${read('ec-pem')}${read('ed')}`,
        'odd/service.json': JSON.stringify({
          type: 'x',
          private_key: read('rsa-pkcs8'),
          signed_key: `${one}\n`,
        }),
        'odd/.env': `A=1\nKEY="${read('ed')}"\n`,
        'odd/vars.yml': `key: |\n${read('ed').replaceAll(/^/gm, '  ')}`,
        'odd/0644': read('rsa-pem'),
        'deep/1/2/3/key': read('ed'),
        'certs/two': `${one}\n# text\n${two}\n`,
        'certs/within.log': `2026-11-21 signed: ${one} ok\nand [${two}]\n`,
        'certs/binary': Buffer.concat([junk(2000), Buffer.from(`\n${one}\n`), junk(2000)]),
        'certs/cut': one.slice(0, 200),
        // Nothing of this is a key or certificate.
        'no/README':
          'Put -----BEGIN OPENSSH PRIVATE KEY-----\n... here ...\n-----END OPENSSH PRIVATE KEY-----\n',
        'no/code.js': "if (text.includes('-----BEGIN RSA PRIVATE KEY-----')) fail();\n",
        'no/empty.pem': '-----BEGIN RSA PRIVATE KEY-----\n-----END RSA PRIVATE KEY-----\n',
        'no/sshd_config': 'CASignatureAlgorithms ssh-ed25519-cert-v01@openssh.com,ssh-ed25519\n',
        'no/known_hosts': `@cert-authority * ${readFileSync(`${key('ca')}.pub`, 'utf8')}`,
      },
      0o600,
    );
    plant(tree, { 'srv/vault/key': read('ca'), 'srv/linked/id': read('ec'), 'opt/fifo-is-next': '' });
    spawnSync('mkfifo', [join(tree, 'opt/fifo')]);
    symlinkSync('/srv/vault/key', join(agent, '.ssh/link'));
    symlinkSync('/nowhere', join(agent, '.ssh/dangling'));
    symlinkSync('loop', join(agent, '.ssh/loop'));
    mkdirSync(join(tree, 'home/ops'), { recursive: true });
    symlinkSync('/mnt/ops-ssh', join(tree, 'home/ops/.ssh'));
    plantSchedules(tree);
    for (const shell of SHELLS) {
      runs.set(
        shell,
        collectActors(tree, {
          shell,
          before: 'mount -t tmpfs tmpfs /mnt; mkdir /mnt/ops-ssh; cp /srv/linked/id /mnt/ops-ssh/id_ecdsa',
        }),
      );
    }
  }, 300_000);
  afterAll(() => removeDirectory(directory));

  const evidence = () => {
    const run = runs.get('dash');
    if (!run) throw new Error('not collected');
    return run.evidence;
  };
  const found = (path: string): readonly FoundPrivateKey[] =>
    value(readPrivateKeys(evidence())).filter((one) => one.path === path);
  const at = (name: string): string => `/home/agt-resolver/${name}`;

  test.each(SHELLS)('%s runs the probes to the end and says nothing of its own', (shell) => {
    const run = runs.get(shell);
    expect(run?.evidence.failure).toBeUndefined();
    expect(run?.stderr).toBe('');
    const ends = Object.entries(run?.evidence.probes ?? {}).map(([name, { rc, cut, stderr }]) => [
      name,
      rc,
      cut,
      stderr,
    ]);
    expect(ends).toEqual(
      ['accounts', 'credentials', 'schedules', 'wrappers'].map((name) => [name, 0, false, '']),
    );
  });

  test('all shells tell the same', () => {
    const told = [...runs.values()].map(({ evidence: one }) =>
      ['credentials', 'schedules', 'wrappers'].map((name) =>
        one.probes[name]?.stdout
          .replace(/\b17\d{8}\b/g, 'T')
          .split('\n')
          .map((line) => line.replace(/^([fckpqbu]) \d+/, '$1'))
          .toSorted(),
      ),
    );
    for (const one of told) expect(one).toEqual(told[0]);
  });

  test('no gap: everything could be read', () => {
    // The certificate that was cut short is told.
    expect(gapsOf(readPrivateKeys(evidence()))).toEqual([]);
    expect(gapsOf(readCertificates(evidence()))).toEqual([
      expect.stringContaining('/certs/cut could not be read'),
    ]);
  });

  test.each(SHELLS)('no secret byte of any key leaves the host (%s)', (shell) => {
    const run = runs.get(shell);
    expect(secrets.flatMap(({ bytes }) => bytes).length).toBeGreaterThan(20);
    const decoded = Object.values(run?.evidence.probes ?? {}).map(({ stdout, stdoutEncoding, stderr }) =>
      Buffer.concat([Buffer.from(stdout, stdoutEncoding), Buffer.from(stderr)]),
    );
    expect(leaks(Buffer.concat([run?.stdout ?? Buffer.alloc(0), ...decoded]), secrets)).toEqual([]);
  });

  test.each([...Array(11).keys()])('the search sees secret %i in any wrapping', (index) => {
    const [number] = secrets[index]?.bytes ?? [];
    const text = Buffer.concat([randomBytes(index % 3), number ?? Buffer.alloc(0)]).toString('base64');
    const folded = (text.match(/.{1,64}/g) ?? []).join('\n');
    expect(
      leaks(
        Buffer.from(
          `o${Buffer.from(`x =${Buffer.from(`key: ${folded}`).toString('base64')}`).toString('base64')}`,
        ),
        secrets,
      ),
    ).toContain(`a secret number of ${secrets[index]?.name ?? ''}`);
  });

  test.each([
    ['.ssh/ed', 'ed', 'openssh', false, 'ssh-ed25519'],
    ['.ssh/ed-enc', 'ed-enc', 'openssh', true, 'ssh-ed25519'],
    ['.ssh/ec', 'ec', 'openssh', false, 'ecdsa-sha2-nistp256'],
    ['.ssh/rsa', 'rsa', 'openssh', false, 'ssh-rsa'],
    ['.ssh/rsa-pem', 'rsa-pem', 'pem', false, 'ssh-rsa'],
    ['.ssh/ec-pem', 'ec-pem', 'pem', false, 'ecdsa-sha2-nistp256'],
    ['.ssh/rsa-pkcs8', 'rsa-pkcs8', 'pkcs8', false, 'ssh-rsa'],
    ['.ssh/ec-pkcs8-enc', 'ec-pkcs8-enc', 'pkcs8', true, 'ecdsa-sha2-nistp256'],
    ['putty2.ppk', 'user', 'putty', false, 'ssh-ed25519'],
    ['putty3.ppk', 'user', 'putty', true, 'ssh-ed25519'],
    ['odd/a name', 'ed', 'openssh', false, 'ssh-ed25519'],
    ['odd/line\nend', 'ed', 'openssh', false, 'ssh-ed25519'],
    ['odd/ünïcode', 'ed', 'openssh', false, 'ssh-ed25519'],
    ['odd/-n', 'ed', 'openssh', false, 'ssh-ed25519'],
    ['odd/a=b', 'ed', 'openssh', false, 'ssh-ed25519'],
    ['odd/crlf', 'ed', 'openssh', false, 'ssh-ed25519'],
    ['odd/indented', 'rsa-pem', 'pem', false, 'ssh-rsa'],
    ['odd/junk', 'rsa-pem', 'pem', false, 'ssh-rsa'],
    ['odd/service.json', 'rsa-pkcs8', 'pkcs8', false, 'ssh-rsa'],
    ['odd/.env', 'ed', 'openssh', false, 'ssh-ed25519'],
    ['odd/vars.yml', 'ed', 'openssh', false, 'ssh-ed25519'],
    ['odd/0644', 'rsa-pem', 'pem', false, 'ssh-rsa'],
    ['deep/1/2/3/key', 'ed', 'openssh', false, 'ssh-ed25519'],
    ['.ssh/link', 'ca', 'openssh', false, 'ssh-ed25519'],
  ])('%j is the key %s', (path, name, format, encrypted, keyType) => {
    expect(found(at(path))).toEqual([
      expect.objectContaining({
        format,
        encrypted,
        keyType,
        hardwareBound: false,
        fingerprint: fingerprints.get(name),
        owner: path === '.ssh/link' ? 'root' : 'agt-resolver',
      }),
    ]);
  });

  test('keys whose public half nobody tells, and others', () => {
    expect(found(at('.ssh/rsa-pem-enc'))).toEqual([
      expect.objectContaining({ format: 'pem', encrypted: true, keyType: 'ssh-rsa' }),
    ]);
    expect(found(at('.ssh/rsa-pem-enc'))[0]).not.toHaveProperty('fingerprint');
    expect(found(at('identity'))).toEqual([expect.objectContaining({ format: 'ssh1', encrypted: false })]);
    expect(found(at('.ssh/id_dropbear'))).toEqual([
      expect.objectContaining({ format: 'other', keyType: 'ssh-ed25519' }),
    ]);
    expect(found(at('.ssh/id_sk'))).toEqual([
      expect.objectContaining({ hardwareBound: true, keyType: 'sk-ssh-ed25519@openssh.com' }),
    ]);
    const spki = createPublicKey(createPrivateKey(read('ed-pkcs8'))).export({ format: 'jwk' });
    expect(found(at('.ssh/ed-pkcs8'))).toEqual([
      expect.objectContaining({
        format: 'pkcs8',
        keyType: 'ssh-ed25519',
        fingerprint: expect.stringMatching(/^SHA256:/),
      }),
    ]);
    expect(spki.x).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(found('/srv/vault/key')).toEqual([
      expect.objectContaining({ fingerprint: fingerprints.get('ca') }),
    ]);
  });

  test('a folder behind a link that lies nowhere else is searched', () => {
    expect(found('/mnt/ops-ssh/id_ecdsa')).toEqual([
      expect.objectContaining({ fingerprint: fingerprints.get('ec') }),
    ]);
  });

  test('each key of a bundle, with its line', () => {
    const bundle = found(at('odd/bundle.pem'));
    expect(bundle.map(({ fingerprint: one }) => one)).toEqual(
      ['rsa-pkcs8', 'ec-pem', 'ed'].map((name) => fingerprints.get(name)),
    );
    expect(bundle[0]?.line).toBe(1);
    expect(bundle[1]?.line).toBeGreaterThan(20);
  });

  test('text about keys is no key', () => {
    expect(value(readPrivateKeys(evidence())).filter(({ path }) => path.includes('/no/'))).toEqual([]);
  });

  test('certificates under any name, several in a file, within other text', () => {
    const told = value(readCertificates(evidence())).map(({ path, line, certificate }) => [
      path.replace(at(''), ''),
      line,
      String(certificate.serial),
    ]);
    expect(told.toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual([
      ['certs/binary', expect.any(Number), '41'],
      ['certs/two', 1, '41'],
      ['certs/two', 3, '42'],
      ['certs/within.log', 1, '41'],
      ['certs/within.log', 2, '42'],
      ['odd/service.json', 1, '41'],
    ]);
    expect(value(readCertificates(evidence()))[0]).not.toHaveProperty('plainBlob');
  });

  test('the checks judge it: keys, jobs and the CA’s key are found, and nothing passes', () => {
    const facts = readFacts(evidence(), { wrappers: WRAPPERS });
    const fleet = {
      vault: not(),
      certificateLog: not(),
      siem: not(),
      attestations: ok([attestation('wrapper-review'), attestation('ca-custody')]),
    };
    const input = {
      host: facts,
      fleet,
      expected: expected({ ca: { trustedUserCaKeys: '/x', fingerprints: [fingerprints.get('ca') ?? ''] } }),
      policy: policy(),
      now: new Date(),
    };
    const subjects = findingsOf(actorWrapper.evaluate(input)).map(({ subject }) => subject);
    for (const subject of [
      '/home/agt-resolver/.ssh/ed',
      '/home/agt-resolver/.ssh/rsa-pem',
      '/etc/crontab:4',
      '/etc/cron.daily/sync:3',
      '/opt/direct.sh:2',
      'certificate "agt-resolver" (serial 41)',
    ])
      expect(subjects).toContain(subject);
    expect(subjects).not.toContain('/home/agt-resolver/.ssh/id_sk');
    expect(
      findingsOf(caSecurity.evaluate(input))
        .map(({ subject }) => subject)
        .toSorted(),
    ).toEqual(['/home/agt-resolver/.ssh/link', '/srv/vault/key']);
    expect(certificateLifetime.evaluate(input).status).toBe('unknown');
  });

  test('bounds: many keys, and what is left out is told', () => {
    const crowded = join(directory, 'crowded');
    for (let count = 0; count < 650; count += 1) plant(crowded, { [`home/ops/${count}`]: read('ed') });
    const run = collectActors(crowded, { probes: probesNamed('credentials') });
    const reading = readPrivateKeys(run.evidence);
    expect(value(reading)).toHaveLength(600);
    expect(gapsOf(reading)).toEqual([expect.stringContaining('more than 600 files')]);
  });

  test('what root itself cannot read is a gap', () => {
    const small = join(directory, 'small');
    plant(small, { 'home/ops/.ssh/id': read('ed') });
    const run = collectActors(small, {
      probes: probesNamed('credentials'),
      wrap: 'setpriv --bounding-set -all --inh-caps -all --reuid 65534 --regid 65534 --clear-groups',
      after: 'chmod 700 /home/ops',
    });
    expect(gapsOf(readPrivateKeys(run.evidence)).join()).toMatch(/could not read everything/);
  });

  test('nothing is written on the host', () => {
    const small = join(directory, 'read-only');
    plant(small, { 'home/ops/.ssh/id': read('rsa-pem') });
    const written =
      'find / -xdev -newer /run/mark; find /home /etc /root /run /tmp /usr/local /opt /srv /dev/shm -newer /run/mark';
    const run = collectActors(small, {
      after: 'touch /run/mark; sleep 0.1',
      shell: `sh -c 'sh -s; { ${written}; } >&2 2>/dev/null' x`,
    });
    expect(run.evidence.failure).toBeUndefined();
    expect(value(readPrivateKeys(run.evidence))).toHaveLength(1);
    const control = collectActors(small, {
      after: 'touch /run/mark; sleep 0.1',
      shell: `sh -c 'sh -s; touch /opt/x; { ${written}; } >&2 2>/dev/null' x`,
    });
    expect(
      [run, control].map(({ stderr }) =>
        stderr
          .split('\n')
          .filter((line) => !/^$|^\/(?:proc|sys|dev\/null|dev\/tty)/.test(line))
          .some((line) => /^\/(?:home|etc|root|opt|usr|srv|run|dev\/shm|var\/spool)/.test(line)),
      ),
    ).toEqual([false, true]);
  });
});
