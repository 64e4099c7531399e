import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCertificates, readPrivateKeys } from '../../src/facts/credentials.js';
import { readSchedules } from '../../src/facts/schedules.js';
import type { FoundPrivateKey, ScheduledCommand } from '../../src/facts/types.js';
import { readWrappers } from '../../src/facts/wrappers.js';
import type { Reading } from '../../src/model.js';
import { fingerprint, parsePublicKeyLine } from '../../src/openssh/public-key.js';
import { WireReader } from '../../src/openssh/wire.js';
import { collectActors, copy, keygen, plant, SHELLS, WRAPPERS } from '../helpers/actors-host.js';
import { collectNeeds, probesNamed, type Collected } from '../helpers/collect.js';
import { needs, title } from '../helpers/needs.js';
import { removeDirectory, signKey, temporaryDirectory } from '../helpers/sshd.js';

describe.skipIf(needs.shellcheck)(title('shellcheck', needs.shellcheck), () => {
  test.each(['credentials', 'schedules', 'wrappers'])('probe %s is clean together with what runs before it', (name) => {
    const setups = probesNamed(name)[0]?.setup ?? [];
    const input = ['prelude', ...setups, name].map((part) => readFileSync(`src/collector/probes/${part}.sh`, 'utf8')).join('\n');
    const { stdout } = spawnSync('shellcheck', ['-s', 'sh', '-e', 'SC2034', '-'], { input });
    expect(stdout.toString()).toBe('');
  });
});

const need = collectNeeds() ?? needs.program('openssl', 'openssl');
const value = <T>(reading: Reading<T>): T => {
  if (!reading.ok) throw new Error(reading.detail);
  return reading.value;
};
const gapsOf = (reading: Reading<unknown>): readonly string[] => (reading.ok ? reading.gaps : [reading.detail]);

/** The secret numbers of a key, or its encrypted half: nothing of them may leave the host. */
interface Secret {
  readonly name: string;
  readonly bytes: readonly Buffer[];
}

/** Binary, but of one line: tools differ in what a NUL does to the count of lines. */
function junk(length: number): Buffer {
  return Buffer.from(randomBytes(length).map((byte) => (byte === 10 || byte === 0 ? 255 : byte)));
}

function bodyOf(text: string): string[] {
  return text.split('\n').filter((line) => /^[A-Za-z0-9+/=]{8,}$/.test(line));
}

/** Everything behind the public half of an OpenSSH key that is no copy of it (PROTOCOL.key). */
function opensshSecret(path: string): Secret {
  const lines = bodyOf(readFileSync(path, 'utf8'));
  const blob = Buffer.from(lines.join(''), 'base64');
  const reader = new WireReader(blob.subarray(15));
  const cipher = reader.string().toString();
  reader.string();
  reader.string();
  reader.u32();
  const publicHalf = reader.string();
  const rest = reader.string();
  const bytes = cipher === 'none' ? openNumbers(rest, publicHalf) : [rest];
  return { name: path, bytes };
}

function openNumbers(section: Buffer, publicHalf: Buffer): Buffer[] {
  const reader = new WireReader(section.subarray(8));
  const type = reader.string().toString();
  if (type.startsWith('sk-')) return [];
  if (type === 'ssh-ed25519') {
    reader.string();
    return [reader.string().subarray(0, 32)];
  }
  const fields: Buffer[] = [];
  while (!reader.done && fields.length < (type === 'ssh-rsa' ? 6 : 3)) fields.push(reader.string());
  return fields.filter((field) => field.length > 8 && !publicHalf.includes(field));
}

function pemSecret(path: string): Secret {
  const text = readFileSync(path, 'utf8');
  const lines = bodyOf(text);
  if (/ENCRYPTED/.test(text)) return { name: path, bytes: [Buffer.from(lines.join(''), 'base64')] };
  const jwk = createPrivateKey(text).export({ format: 'jwk' });
  const bytes = [jwk.d, jwk.p, jwk.q, jwk.dp].flatMap((number) => (number === undefined ? [] : [Buffer.from(number, 'base64url')]));
  return { name: path, bytes };
}

/** All bytes of the output, and everything in it that is encoded, to any depth. */
function everyLayer(bytes: Buffer): Buffer[] {
  const layers = [bytes];
  for (let at = 0; at < layers.length; at += 1) {
    if (layers.length > 200_000) throw new Error('too many layers to search them all');
    const text = layers[at]?.toString('latin1') ?? '';
    for (const [run] of text.matchAll(/[A-Za-z0-9+/]{20,}={0,2}/g)) {
      for (let shift = 0; shift < 4 && run.length - shift >= 16; shift += 1) layers.push(Buffer.from(run.slice(shift), 'base64'));
    }
    for (const [run] of text.matchAll(/\b[0-9a-f]{20,}\b/g)) layers.push(Buffer.from(run, 'hex'));
  }
  return layers;
}

function leaks(output: Buffer, secrets: readonly Secret[]): string[] {
  const layers = everyLayer(output);
  return secrets.flatMap(({ name, bytes }) =>
    bytes.flatMap((secret) => {
      const windows = Array.from({ length: Math.max(1, secret.length - 11) }, (_, at) => secret.subarray(at, at + 12)).filter((_, at) => at % 4 === 0);
      return windows.some((window) => layers.some((layer) => layer.includes(window))) ? [`a secret number of ${name}`] : [];
    }),
  );
}

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
      ['ed', '-t', 'ed25519', '-N', ''], ['ed-enc', '-t', 'ed25519', '-N', 'secret'], ['ec', '-t', 'ecdsa', '-N', ''], ['rsa', '-t', 'rsa', '-b', '2048', '-N', ''],
      ['rsa-pem', '-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', ''], ['rsa-pem-enc', '-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', 'secret'], ['ec-pem', '-t', 'ecdsa', '-m', 'PEM', '-N', ''],
      ['rsa-pkcs8', '-t', 'rsa', '-b', '2048', '-m', 'PKCS8', '-N', ''], ['ec-pkcs8-enc', '-t', 'ecdsa', '-m', 'PKCS8', '-N', 'secret'], ['ca', '-t', 'ed25519', '-N', ''], ['user', '-t', 'ed25519', '-N', ''],
    ] as const) {
      keygen(key(name), ...args);
      const line = parsePublicKeyLine(readFileSync(`${key(name)}.pub`, 'utf8'));
      fingerprints.set(name, line ? fingerprint(line.blob) : '');
      secrets.push(/pem|pkcs8/.test(name) ? pemSecret(key(name)) : opensshSecret(key(name)));
    }
    execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', key('ed-pkcs8')], { stdio: 'ignore' });
    secrets.push(pemSecret(key('ed-pkcs8')));
    const own = parsePublicKeyLine(readFileSync(`${key('user')}.pub`, 'utf8'))?.blob ?? Buffer.alloc(0);
    const putty = (version: number, encryption: string, secret: string): string =>
      `PuTTY-User-Key-File-${version}: ssh-ed25519\r\nEncryption: ${encryption}\r\nComment: x\r\nPublic-Lines: 2\r\n${own.toString('base64').slice(0, 64)}\r\n${own.toString('base64').slice(64)}\r\nPrivate-Lines: 1\r\n${secret}\r\nPrivate-MAC: ${'0'.repeat(40)}\r\n`;
    const puttySecrets = [2, 3].map(() => randomBytes(36).toString('base64'));
    secrets.push({ name: 'putty', bytes: puttySecrets.map((text) => Buffer.from(text, 'base64')) });
    const ssh1 = Buffer.concat([Buffer.from('SSH PRIVATE KEY FILE FORMAT 1.1\n\0\0\0\0\0\0'), randomBytes(300)]);
    secrets.push({ name: 'ssh1', bytes: [ssh1.subarray(45)] });
    const [seed, publicHalf] = [randomBytes(32), randomBytes(32)];
    const dropbear = Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.from([0, 0, 0, 64]), seed, publicHalf]);
    secrets.push({ name: 'dropbear', bytes: [seed] });
    // A FIDO handle: the public half says sk-, and nothing secret is in it.
    const word = (text: string | Buffer): Buffer => { const bytes = Buffer.from(text); const length = Buffer.alloc(4); length.writeUInt32BE(bytes.length); return Buffer.concat([length, bytes]); };
    const sk = Buffer.concat([word('sk-ssh-ed25519@openssh.com'), word(randomBytes(32)), word('ssh:')]);
    const handle = Buffer.concat([Buffer.from('openssh-key-v1\0'), word('none'), word('none'), word(''), Buffer.from([0, 0, 0, 1]), word(sk), word(randomBytes(96))]);
    const skText = `-----BEGIN OPENSSH PRIVATE KEY-----\n${(handle.toString('base64').match(/.{1,70}/g) ?? []).join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`;

    await signKey(key('ca'), key('user'), { id: 'agt-resolver', principals: ['agt-resolver'], serial: 41 });
    renameSync(`${key('user')}-cert.pub`, key('cert-41'));
    await signKey(key('ca'), key('user'), { id: 'agt-other', principals: ['agt-other'], serial: 42 });
    renameSync(`${key('user')}-cert.pub`, key('cert-42'));
    const [one, two] = [read('cert-41').trim(), read('cert-42').trim()];

    for (const name of ['ed', 'ed-enc', 'ec', 'rsa', 'rsa-pem', 'rsa-pem-enc', 'ec-pem', 'rsa-pkcs8', 'ec-pkcs8-enc', 'ed-pkcs8']) copy(key(name), join(agent, '.ssh', name));
    copy(`${key('ec-pkcs8-enc')}.pub`, join(agent, '.ssh/ec-pkcs8-enc.pub'));
    plant(agent, {
      'putty2.ppk': putty(2, 'none', puttySecrets[0] ?? ''),
      'putty3.ppk': putty(3, 'aes256-cbc', puttySecrets[1] ?? ''),
      'identity': ssh1,
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
      'odd/service.json': JSON.stringify({ type: 'x', private_key: read('rsa-pkcs8'), signed_key: `${one}\n` }),
      'odd/.env': `A=1\nKEY="${read('ed')}"\n`,
      'odd/vars.yml': `key: |\n${read('ed').replaceAll(/^/gm, '  ')}`,
      'odd/0644': read('rsa-pem'),
      'deep/1/2/3/key': read('ed'),
      'certs/two': `${one}\n# text\n${two}\n`,
      'certs/within.log': `2026-11-21 signed: ${one} ok\nand [${two}]\n`,
      'certs/binary': Buffer.concat([junk(2000), Buffer.from(`\n${one}\n`), junk(2000)]),
      'certs/cut': one.slice(0, 200),
      // Nothing of this is a key or certificate.
      'no/README': 'Put -----BEGIN OPENSSH PRIVATE KEY-----\n... here ...\n-----END OPENSSH PRIVATE KEY-----\n',
      'no/code.js': "if (text.includes('-----BEGIN RSA PRIVATE KEY-----')) fail();\n",
      'no/empty.pem': '-----BEGIN RSA PRIVATE KEY-----\n-----END RSA PRIVATE KEY-----\n',
      'no/sshd_config': 'CASignatureAlgorithms ssh-ed25519-cert-v01@openssh.com,ssh-ed25519\n',
      'no/known_hosts': `@cert-authority * ${readFileSync(`${key('ca')}.pub`, 'utf8')}`,
    }, 0o600);
    plant(tree, { 'srv/vault/key': read('ca'), 'srv/linked/id': read('ec'), 'opt/fifo-is-next': '' });
    spawnSync('mkfifo', [join(tree, 'opt/fifo')]);
    symlinkSync('/srv/vault/key', join(agent, '.ssh/link'));
    symlinkSync('/nowhere', join(agent, '.ssh/dangling'));
    symlinkSync('loop', join(agent, '.ssh/loop'));
    mkdirSync(join(tree, 'home/ops'), { recursive: true });
    symlinkSync('/data-elsewhere/ops-ssh', join(tree, 'home/ops/.ssh'));
    plantSchedules(tree);
    for (const shell of SHELLS) {
      runs.set(shell, collectActors(tree, { shell, before: 'mkdir -p /run/elsewhere /data-elsewhere 2>/dev/null; mount -t tmpfs tmpfs /data-elsewhere; mkdir /data-elsewhere/ops-ssh; cp /srv/linked/id /data-elsewhere/ops-ssh/id_ecdsa', after: '' }));
    }
  }, 300_000);
  afterAll(() => {
    removeDirectory(directory);
    rmSync('/data-elsewhere', { recursive: true, force: true });
  });

  const evidence = () => {
    const run = runs.get('dash');
    if (!run) throw new Error('not collected');
    return run.evidence;
  };
  const found = (path: string): readonly FoundPrivateKey[] => value(readPrivateKeys(evidence())).filter((one) => one.path === path);
  const at = (name: string): string => `/home/agt-resolver/${name}`;

  test.each(SHELLS)('%s runs the probes to the end and says nothing of its own', (shell) => {
    const run = runs.get(shell);
    expect(run?.evidence.failure).toBeUndefined();
    expect(run?.stderr).toBe('');
    const ends = Object.entries(run?.evidence.probes ?? {}).map(([name, { rc, cut, stderr }]) => [name, rc, cut, stderr]);
    expect(ends).toEqual(['accounts', 'credentials', 'schedules', 'wrappers'].map((name) => [name, 0, false, '']));
  });

  test('all shells tell the same', () => {
    const told = [...runs.values()].map(({ evidence: one }) => ['credentials', 'schedules', 'wrappers'].map((name) => one.probes[name]?.stdout.replace(/\b17\d{8}\b/g, 'T').split('\n').map((line) => line.replace(/^([fckpqbu]) \d+/, '$1')).toSorted()));
    for (const one of told) expect(one).toEqual(told[0]);
  });

  test('no gap: everything could be read', () => {
    // The certificate that was cut short is told.
    expect(gapsOf(readPrivateKeys(evidence()))).toEqual([]);
    expect(gapsOf(readCertificates(evidence()))).toEqual([expect.stringContaining('/certs/cut could not be read')]);
    expect(gapsOf(readSchedules(evidence(), WRAPPERS))).toEqual([]);
    expect(gapsOf(readWrappers(evidence()))).toEqual([]);
  });

  test.each(SHELLS)('no secret byte of any key leaves the host (%s)', (shell) => {
    const run = runs.get(shell);
    expect(secrets.flatMap(({ bytes }) => bytes).length).toBeGreaterThan(20);
    const decoded = Object.values(run?.evidence.probes ?? {}).map(({ stdout, stdoutEncoding, stderr }) => Buffer.concat([Buffer.from(stdout, stdoutEncoding), Buffer.from(stderr)]));
    expect(leaks(Buffer.concat([run?.stdout ?? Buffer.alloc(0), ...decoded]), secrets)).toEqual([]);
  });

  test.each([...Array(11).keys()])('the search sees secret %i in any wrapping', (index) => {
    const [number] = secrets[index]?.bytes ?? [];
    const text = Buffer.concat([randomBytes(index % 3), number ?? Buffer.alloc(0)]).toString('base64');
    const folded = (text.match(/.{1,64}/g) ?? []).join('\n');
    expect(leaks(Buffer.from(`o${Buffer.from(`x =${Buffer.from(`key: ${folded}`).toString('base64')}`).toString('base64')}`), secrets)).toContain(`a secret number of ${secrets[index]?.name ?? ''}`);
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
    expect(found(at(path))).toEqual([expect.objectContaining({ format, encrypted, keyType, hardwareBound: false, fingerprint: fingerprints.get(name), owner: path === '.ssh/link' ? 'root' : 'agt-resolver' })]);
  });

  test('keys whose public half nobody tells, and others', () => {
    expect(found(at('.ssh/rsa-pem-enc'))).toEqual([expect.objectContaining({ format: 'pem', encrypted: true, keyType: 'ssh-rsa' })]);
    expect(found(at('.ssh/rsa-pem-enc'))[0]).not.toHaveProperty('fingerprint');
    expect(found(at('identity'))).toEqual([expect.objectContaining({ format: 'ssh1', encrypted: false })]);
    expect(found(at('.ssh/id_dropbear'))).toEqual([expect.objectContaining({ format: 'other', keyType: 'ssh-ed25519' })]);
    expect(found(at('.ssh/id_sk'))).toEqual([expect.objectContaining({ hardwareBound: true, keyType: 'sk-ssh-ed25519@openssh.com' })]);
    const spki = createPublicKey(createPrivateKey(read('ed-pkcs8'))).export({ format: 'jwk' });
    expect(found(at('.ssh/ed-pkcs8'))).toEqual([expect.objectContaining({ format: 'pkcs8', keyType: 'ssh-ed25519', fingerprint: expect.stringMatching(/^SHA256:/) })]);
    expect(spki.x).toBeDefined();
    expect(found('/srv/vault/key')).toEqual([expect.objectContaining({ fingerprint: fingerprints.get('ca') })]);
  });

  test('a folder behind a link that lies nowhere else is searched', () => {
    expect(found('/data-elsewhere/ops-ssh/id_ecdsa')).toEqual([expect.objectContaining({ fingerprint: fingerprints.get('ec') })]);
  });

  test('each key of a bundle, with its line', () => {
    const bundle = found(at('odd/bundle.pem'));
    expect(bundle.map(({ fingerprint: one }) => one)).toEqual(['rsa-pkcs8', 'ec-pem', 'ed'].map((name) => fingerprints.get(name)));
    expect(bundle[0]?.line).toBe(1);
    expect(bundle[1]?.line).toBeGreaterThan(20);
  });

  test('text about keys is no key', () => {
    expect(value(readPrivateKeys(evidence())).filter(({ path }) => path.includes('/no/'))).toEqual([]);
  });

  test('certificates under any name, several in a file, within other text', () => {
    const told = value(readCertificates(evidence())).map(({ path, line, certificate }) => [path.replace(at(''), ''), line, String(certificate.serial)]);
    expect(told.toSorted()).toEqual([
      ['certs/binary', expect.any(Number), '41'], ['certs/two', 1, '41'], ['certs/two', 3, '42'], ['certs/within.log', 1, '41'], ['certs/within.log', 2, '42'], ['odd/service.json', 1, '41'],
    ]);
    expect(value(readCertificates(evidence()))[0]).not.toHaveProperty('plainBlob');
  });

  describe('schedules', () => {
    const all = (): readonly ScheduledCommand[] => value(readSchedules(evidence(), WRAPPERS));
    const jobs = (path: string): readonly ScheduledCommand[] => all().filter((job) => job.path === path);
    const bad = (path: string): unknown[] => jobs(path).filter(({ callsSsh }) => callsSsh.length > 0).map(({ line, account, kind, callsSsh }) => [line, account, kind, ...callsSsh]);

    test('crontabs', () => {
      expect(bad('/etc/crontab')).toEqual([[4, 'root', 'cron', 'ssh'], [5, 'atm-backup', 'cron', 'rsync'], [8, 'root', 'cron', 'ssh']]);
      expect(jobs('/etc/crontab').find(({ line }) => line === 6)).toMatchObject({ callsSsh: [], callsWrapper: ['/usr/local/bin/ops-ssh-wrapper'] });
      expect(bad('/etc/cron.d/jobs')).toEqual([[1, 'atm-backup', 'cron', 'scp'], [2, 'root', 'cron', 'sftp']]);
      expect(bad('/var/spool/cron/crontabs/atm-backup')).toEqual([[2, 'atm-backup', 'cron', 'ssh']]);
      expect(bad('/etc/anacrontab')).toEqual([[2, 'root', 'anacron', 'ssh']]);
      expect(bad('/etc/cron.daily/sync')).toEqual([[3, 'root', 'script', 'rsync']]);
      expect(jobs('/etc/cron.daily/not-executable')).toEqual([]);
    });

    test('at', () => expect(bad('/var/spool/cron/atjobs/a0000101')).toEqual([[5, 'ops', 'at', 'ssh']]));

    test('systemd units, drop-ins and user units', () => {
      expect(bad('/etc/systemd/system/push.service')).toEqual([[5, 'atm-backup', 'systemd', 'ssh']]);
      expect(bad('/etc/systemd/system/other.service.d/x.conf')).toEqual([[3, 'root', 'systemd', 'autossh']]);
      expect(bad('/home/agt-resolver/.config/systemd/user/loop.service')).toEqual([[2, 'agt-resolver', 'user-systemd', 'ssh']]);
      expect(jobs('/etc/systemd/system/good.service')[0]).toMatchObject({ callsSsh: [], callsWrapper: ['/usr/local/bin/atm-wrapper.sh'] });
    });

    test('scripts that schedules call', () => {
      const scripts = ['/opt/direct.sh', '/opt/by-sh', '/opt/dir/run.sh', '/home/atm-backup/bin/home.sh', '/usr/local/bin/bare-name', '/opt/parts/one', '/opt/x.py', '/opt/with blank/run.sh', '/opt/unit/relative.sh'];
      for (const path of scripts) expect([path, bad(path).length]).toEqual([path, 1]);
      expect(bad('/home/atm-backup/bin/home.sh')).toEqual([[2, 'atm-backup', 'script', 'ssh']]);
    });

    test('a script that only runs behind a wrapper, and the wrappers themselves, call ssh rightly', () => {
      expect(jobs('/opt/wrapped.sh')).toEqual([]);
      expect(jobs('/usr/local/bin/ops-ssh-wrapper')).toEqual([]);
      expect(bad('/opt/data.conf')).toEqual([]);
    });
  });

  test('wrappers are read, and those that ask the CA are known', () => {
    const wrappers = value(readWrappers(evidence()));
    expect(wrappers.map(({ file, asksCa }) => [file.path, file.status, asksCa.length])).toEqual([['/usr/local/bin/atm-wrapper.sh', 'missing', 0], ['/usr/local/bin/ops-ssh-wrapper', 'ok', 1]]);
    expect(wrappers[1]?.file.parents.map(({ path }) => path)).toEqual(['/', '/usr', '/usr/local', '/usr/local/bin']);
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
    const run = collectActors(small, { probes: probesNamed('credentials'), wrap: 'setpriv --bounding-set -all --inh-caps -all --reuid 65534 --regid 65534 --clear-groups', after: 'chmod 700 /home/ops' });
    expect(gapsOf(readPrivateKeys(run.evidence)).join()).toMatch(/could not read everything/);
  });

  test('nothing is written on the host', () => {
    const small = join(directory, 'read-only');
    plant(small, { 'home/ops/.ssh/id': read('rsa-pem') });
    const mark = 'find / -xdev -newer /run/mark -type f 2>/dev/null; find /home /etc /root /run /tmp /usr/local /opt /var/tmp /dev/shm -newer /run/mark 2>/dev/null';
    const run = collectActors(small, { after: 'touch /run/mark; sleep 0.1', shell: `sh -c 'sh -s; { ${mark}; } | grep -v -e "^/proc" -e "^/sys" >&2' #` });
    expect(run.stderr.split('\n').filter((line) => /^\/(?:home|etc|root|opt|usr|srv|var\/spool|dev\/shm)/.test(line))).toEqual([]);
  });
});

function plantSchedules(tree: string): void {
  plant(tree, {
    'etc/crontab': 'SHELL=/bin/sh\nPATH=/usr/local/bin:/usr/bin\n# 1 2 * * * root ssh commented\n17 * * * * root /usr/bin/ssh h uptime\n@reboot atm-backup rsync -a /x h:/y\n*/5 * * * * root ops-ssh-wrapper ssh h\n0 0 * * * root echo ssh h\n0 0 * * * root /bin/sh%ssh h\n'
      + '1 1 * * * root /opt/direct.sh\n1 1 * * * root sh /opt/by-sh arg\n1 1 * * * root cd /opt/dir && ./run.sh\n1 1 * * * atm-backup $HOME/bin/home.sh\n1 1 * * * root bare-name --now\n1 1 * * * root run-parts /opt/parts\n1 1 * * * root python3 /opt/x.py\n1 1 * * * root "/opt/with blank/run.sh"\n1 1 * * * root /usr/local/bin/ops-ssh-wrapper /opt/wrapped.sh\n1 1 * * * root cat /opt/data.conf\n',
    'etc/cron.d/jobs': '0 1 * * * atm-backup scp /a h:\n@daily\troot\tsftp -b - h\n0 2 * * * root rsync -a /a /b\n0 2 * * * root systemctl restart ssh\n',
    'etc/anacrontab': 'RANDOM_DELAY=5\n1 5 backup ssh h true\n',
    'cron/crontabs/atm-backup': 'MAILTO=x\n0 1 * * * ssh h\n0 1 * * * ssh-keygen -l -f k\n',
    'etc/systemd/system/push.service': '[Service]\nUser=atm-backup\nWorkingDirectory=/opt/unit\n# ExecStart=/usr/bin/scp x h:\nExecStart=-/usr/bin/env \\\n  # a comment between\n  ssh -N \\\n  h\n',
    'etc/systemd/system/relative.service': '[Service]\nWorkingDirectory=/opt/unit\nExecStart=/bin/sh relative.sh\n',
    'etc/systemd/system/push.timer': '[Timer]\nOnCalendar=daily\n',
    'etc/systemd/system/other.service.d/x.conf': '[Service]\nExecStart=\nExecStart=+/usr/bin/autossh -M 0 h\n',
    'etc/systemd/system/good.service': '[Service]\nExecStart=/usr/local/bin/atm-wrapper.sh ssh h\n',
    'home/agt-resolver/.config/systemd/user/loop.service': '[Service]\nExecStart=/usr/bin/timeout 5 ssh h\n',
    'opt/data.conf': 'ssh h\n',
  });
  plant(tree, { 'etc/cron.daily/not-executable': '#!/bin/sh\nssh h\n' });
  plant(tree, { 'cron/atjobs/a0000101': '#!/bin/sh\n# atrun uid=2001\numask 22\nSSH_CLIENT=x; export SSH_CLIENT\nssh h uptime\n' }, 0o700);
  plant(
    tree,
    {
      'etc/cron.daily/sync': '#!/bin/sh\n# rsync to h\nrsync -a /x \\\n  backup@h:/y\n',
      'opt/direct.sh': '#!/bin/bash\nssh h\n',
      'opt/dir/run.sh': '#!/bin/bash\nssh h\n',
      'home/atm-backup/bin/home.sh': '#!/bin/bash\nssh h\n',
      'usr-local/bin/bare-name': '#!/bin/bash\nssh h\n',
      'opt/parts/one': '#!/bin/bash\nssh h\n',
      'opt/with blank/run.sh': '#!/bin/bash\nssh h\n',
      'opt/wrapped.sh': '#!/bin/bash\nssh h\n',
      'usr-local/bin/ops-ssh-wrapper': '#!/bin/sh\nset -e\ncert=$(vault write -field=signed_key ssh/sign/agt-role public_key="$SSH_PUBKEY")\nexec ssh -o CertificateFile="$cert" "$@"\n',
    },
    0o755,
  );
  plant(tree, { 'opt/by-sh': 'ssh h\n', 'opt/x.py': 'import subprocess\nsubprocess.run(["ssh", "h"])\n', 'opt/unit/relative.sh': 'ssh h\n' });
  writeFileSync(join(tree, 'etc/cron.d/.placeholder'), '* * * * * root ssh h\n');
  spawnSync('chown', ['2001', join(tree, 'cron/atjobs/a0000101')]);
}
