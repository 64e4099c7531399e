import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCertificates } from '../../../src/facts/sources/certificates/index.js';
import type { IssuanceLog } from '../../../src/facts/types.js';
import type { Reading, SourceEvidence } from '../../../src/model.js';
import { settings as schema, sourceTypes } from '../../../src/sources/certificates/index.js';
import type { SourceContext, SourceType } from '../../../src/sources/source.js';
import { issuer, parsed, type Issuer } from '../../helpers/issued-certificates.js';
import { needs, title } from '../../helpers/needs.js';
import { auditHash, auditLine, type SignedLine } from '../../helpers/vault-audit.js';

const NOW = new Date('2026-11-21T02:00:00Z');
const WINDOW = '20261120120000Z:20261120200000Z';
const MAX_SERIAL = '18446744073709551615';

describe.skipIf(needs.sshKeygen)(title('the certificate log, from files', needs.sshKeygen), () => {
  let ca: Issuer;
  beforeAll(() => {
    ca = issuer();
  });
  afterAll(() => ca.remove());

  let folders = 0;
  /** A folder with an inventory in it, and files by their names. */
  function place(files: Readonly<Record<string, string | Buffer>>): string {
    folders += 1;
    const folder = join(ca.folder, `place-${folders}`);
    mkdirSync(folder);
    let age = 1_000_000;
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, name);
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, content);
      // Listed oldest first.
      age += 1000;
      utimesSync(path, age, age);
    }
    return folder;
  }
  function contextOf(folder: string): SourceContext {
    return {
      env: {},
      cwd: '/',
      inventoryPath: join(folder, 'inventory.yaml'),
      now: NOW,
      signal: new AbortController().signal,
    };
  }
  async function evidenceOf(
    folder: string,
    given: Readonly<Record<string, unknown>>,
  ): Promise<SourceEvidence> {
    const settings = schema.parse(given);
    const types: readonly SourceType[] = sourceTypes;
    const type = types.find((one) => one.type === settings.type);
    if (!type) throw new Error('no such type');
    const { answers, failures } = await type.ask(settings as never, contextOf(folder));
    const clock = NOW.toISOString();
    return {
      schema: 1,
      source: 'certificates',
      type: settings.type,
      startedAt: clock,
      finishedAt: clock,
      configuration: { ...settings },
      failures,
      answers,
    };
  }
  async function read(
    folder: string,
    given: Readonly<Record<string, unknown>>,
  ): Promise<Reading<IssuanceLog>> {
    return readCertificates(await evidenceOf(folder, given));
  }
  function whole(reading: Reading<IssuanceLog>): IssuanceLog {
    expect(reading).toMatchObject({ ok: true, gaps: [] });
    if (!reading.ok) throw new Error(reading.detail);
    return reading.value;
  }

  describe('jsonl', () => {
    test('certificates, words and other spellings; newest first; serials exact', async () => {
      const certificate = ca.sign('adm-bernd', MAX_SERIAL, 'adm-full', WINDOW);
      const folder = place({
        'issued.jsonl': [
          JSON.stringify({ issued_at: '2026-11-20T11:59:00Z', certificate, by: 'bernd', serial: 1 }),
          '',
          `{"time": "2026-11-20T13:00:00.123456789+01:00", "serial": ${MAX_SERIAL}, "keyId": "agt-x", "valid_principals": "agt-x,agt-y", "ttl": "1h30m", "requester": "ci"}`,
          JSON.stringify({
            timestamp: 1_795_176_000,
            serial: '0x10',
            identity: 'atm-y',
            principals: ['atm-y'],
            valid_after: 'always',
            valid_before: 'forever',
          }),
          JSON.stringify({
            issued_at: '2026-11-20T12:00:00',
            serial: 5,
            type: 'host',
            private_key: 'SECRET',
          }),
        ].join('\r\n'),
      });
      const evidence = await evidenceOf(folder, { type: 'jsonl', path: 'issued.jsonl' });
      expect(JSON.stringify(evidence)).not.toContain('SECRET');
      const { issuances, coverage } = whole(readCertificates(evidence));
      expect(issuances).toMatchObject([
        {
          serial: MAX_SERIAL,
          keyId: 'agt-x',
          principals: ['agt-x', 'agt-y'],
          lifetimeSeconds: 5400n,
          by: 'ci',
          from: 'issued.jsonl:3',
        },
        { serial: '16', keyId: 'atm-y', validAfter: 0n, lifetimeSeconds: 2n ** 64n - 1n },
        { serial: MAX_SERIAL, keyId: 'adm-bernd', lifetimeSeconds: 28_800n, by: 'bernd', kind: 'user' },
        // Without a zone a time is none.
        { serial: '5', kind: 'host', issuedAt: null },
      ]);
      expect(issuances[2]?.certificate?.signatureValid).toBe(true);
      expect(coverage).toEqual({
        from: Date.parse('2026-11-20T11:59:00Z'),
        to: Date.parse('2026-11-20T12:00:00.123Z'),
      });
    });

    test('lines that tell nothing are a gap with their place', async () => {
      const folder = place({
        log: [
          '{"serial":"1"}',
          'not json',
          '{"half":',
          '[1]',
          '{"serial":null}',
          `{"x":"${'y'.repeat(2 << 20)}"}`,
        ].join('\n'),
      });
      expect(await read(folder, { type: 'jsonl', path: 'log' })).toMatchObject({
        ok: true,
        gaps: ['5 lines of log tell no issuance that could be read, the first at line 2'],
        value: { issuances: [{ serial: '1' }] },
      });
    });

    test('a certificate that cannot be read is a gap, never a certificate', async () => {
      const certificate = ca.sign('adm-x', '1', 'adm-full', WINDOW);
      const folder = place({ log: JSON.stringify({ serial: 1, certificate: certificate.slice(0, -40) }) });
      expect(await read(folder, { type: 'jsonl', path: 'log' })).toMatchObject({
        ok: true,
        gaps: ['1 kept lines of the certificate log could not be read'],
        value: { issuances: [] },
      });
    });

    test('complete_since and live say what the lines cannot', async () => {
      const folder = place({ log: '{"serial":"1","issued_at":"2026-11-20T12:00:00Z"}' });
      const given = { type: 'jsonl', path: 'log', complete_since: '2026-11-01T00:00:00Z', live: true };
      expect(whole(await read(folder, given)).coverage).toEqual({
        from: Date.parse('2026-11-01T00:00:00Z'),
        to: NOW.getTime(),
      });
    });
  });

  describe('files', () => {
    const line = (serial: number, hour: number): string =>
      JSON.stringify({ serial, issued_at: `2026-11-20T${String(hour).padStart(2, '0')}:00:00Z` });
    test('globs, folders, lists, gzip whatever the name; newest first', async () => {
      const folder = place({
        'logs/issued.log.2': gzipSync(line(1, 1)),
        'logs/issued.log.1.gz': gzipSync(`${line(2, 2)}\n${line(3, 3)}\n`),
        'logs/issued.log': line(4, 4),
        'logs/.hidden': line(9, 9),
        'other.log': line(5, 5),
      });
      const serials = async (path: string | readonly string[]): Promise<(string | null)[]> =>
        whole(await read(folder, { type: 'jsonl', path })).issuances.map(({ serial }) => serial);
      expect(await serials('logs/issued.log*')).toEqual(['4', '3', '2', '1']);
      expect(await serials('logs')).toEqual(['4', '3', '2', '1']);
      expect(await serials(['other.log', 'logs/*.gz'])).toEqual(['5', '3', '2']);
      expect(await serials(join(folder, 'other.log'))).toEqual(['5']);
    });

    test('what is not there, not to be read, cut or no file is said', async () => {
      const folder = place({
        'cut.gz': gzipSync(line(1, 1).repeat(50)).subarray(0, 40),
        'ok.log': line(2, 2),
      });
      execFileSync('mkfifo', [join(folder, 'pipe')]);
      expect(await read(folder, { type: 'jsonl', path: 'gone.log' })).toEqual({
        ok: false,
        reason: 'failed',
        detail: 'the certificate log could not be read: not-found: gone.log does not exist',
      });
      expect(await read(folder, { type: 'jsonl', path: '*.none' })).toMatchObject({
        ok: false,
        detail: expect.stringContaining('no file matches'),
      });
      expect(await read(folder, { type: 'jsonl', path: 'pipe' })).toMatchObject({
        ok: false,
        detail: expect.stringContaining('neither a file nor a folder'),
      });
      const half = await read(folder, { type: 'jsonl', path: ['ok.log', 'cut.gz'] });
      expect(half).toMatchObject({
        ok: true,
        gaps: [
          expect.stringMatching(/cut\.gz: unexpected end of file/),
          'cut.gz could not be read to its end',
        ],
        value: { issuances: [{ serial: '2' }] },
      });
    });

    test('doctor says what there is', async () => {
      const folder = place({ 'a.log': line(1, 1), 'b.log': line(2, 2) });
      const [type]: readonly SourceType[] = sourceTypes;
      const tell = (path: string) =>
        type?.diagnose(schema.parse({ type: 'jsonl', path }) as never, contextOf(folder));
      expect(await tell('.')).toEqual([
        { level: 'ok', text: '2 files, the newest b.log of 1970-01-12T14:20:00.000Z' },
      ]);
      expect(await tell('x')).toMatchObject([
        { level: 'problem', text: 'x does not exist. Correct sources.certificates.path.' },
        { level: 'problem' },
      ]);
    });
  });

  describe('directory', () => {
    test('every certificate under any name, once; nothing else of any file is kept', async () => {
      const one = ca.sign('adm-a', '1', 'adm-full', WINDOW);
      const two = ca.sign('agt-b', '2', 'agt-x', '20261120130000Z:20261120140000Z');
      const host = ca.sign('web-1', '3', 'web-1', WINDOW, '-h');
      const folder = place({
        'issued/a-cert.pub': `${one}\n`,
        'issued/copy of a': one,
        'issued/host-cert.pub': host,
        'issued/README': 'nothing',
        'issued/key': '-----BEGIN OPENSSH PRIVATE KEY-----\nSECRET\n',
        'issued/deep/er/two': `# comment\n${two} someone@example.org\n`,
        'outside/x-cert.pub': ca.sign('adm-x', '9', 'adm-full', WINDOW),
      });
      symlinkSync('..', join(folder, 'issued', 'loop'));
      const evidence = await evidenceOf(folder, { type: 'directory', path: 'issued', recursive: true });
      expect(JSON.stringify(evidence)).not.toMatch(/SECRET|someone/);
      const { issuances, coverage } = whole(readCertificates(evidence));
      expect(issuances.map(({ keyId, kind, serial }) => [keyId, kind, serial])).toEqual([
        ['agt-b', 'user', '2'],
        ['web-1', 'host', '3'],
        ['adm-a', 'user', '1'],
      ]);
      // A folder alone does not say that it is complete.
      expect(coverage.from).toBeNull();
      const flat = await read(folder, {
        type: 'directory',
        path: 'issued',
        complete_since: '2026-11-01T00:00:00Z',
      });
      expect(whole(flat)).toMatchObject({
        issuances: { length: 2 },
        coverage: { from: Date.parse('2026-11-01') },
      });
    });
    test('a damaged certificate is a gap', async () => {
      const damaged = ca.sign('adm-a', '1', 'adm-full', WINDOW).slice(0, -60);
      const folder = place({ 'a-cert.pub': damaged });
      expect(await read(folder, { type: 'directory', path: '.' })).toMatchObject({
        ok: true,
        gaps: [expect.stringContaining('1 lines of . (a-cert.pub) tell no issuance')],
      });
    });
  });

  describe('step-ca', () => {
    test('exports of the table ssh_certs, whatever the nesting, X.509 passed over', async () => {
      const line = ca.sign('adm-a', MAX_SERIAL, 'adm-full', WINDOW);
      const other = ca.sign('agt-b', '7', 'agt-x', WINDOW);
      const raw = (text: string): string => text.split(' ')[1] ?? '';
      const folder = place({
        'export.json': JSON.stringify(
          {
            x509_certs: { '1': 'MIIB'.repeat(100) },
            ssh_certs: { [MAX_SERIAL]: raw(line) },
            more: [{ crt: raw(other) }],
          },
          null,
          2,
        ),
        'lines.json': `{"key":"1","value":"${raw(line)}"}\n{"key":"2","value":"${raw(other)}"}\n`,
        'bad.json': '{"ssh_certs": {',
      });
      for (const path of ['export.json', 'lines.json'])
        expect(
          whole(await read(folder, { type: 'step-ca', path }))
            .issuances.map(({ keyId, serial }) => [keyId, serial])
            .sort(),
        ).toEqual([
          ['adm-a', MAX_SERIAL],
          ['agt-b', '7'],
        ]);
      expect(await read(folder, { type: 'step-ca', path: 'bad.json' })).toMatchObject({
        ok: true,
        gaps: [expect.stringContaining('1 lines of bad.json')],
      });
    });
  });

  describe('vault-audit', () => {
    const hex = (serial: string): string => BigInt(serial).toString(16);
    const signed = (serial: string, time: string, more: Partial<SignedLine> = {}): string => {
      const key = ca.sign('adm-bernd', serial, 'adm-full', WINDOW);
      return auditLine({
        time,
        asked: { public_key: ca.publicKey, valid_principals: 'adm-full', key_id: 'adm-bernd', ttl: '8h' },
        answered: { serial_number: hex(serial), signed_key: `${key}\n` },
        ...more,
      });
    };
    const AT = '2026-11-20T12:00:00.123456789Z';

    test.each([
      ['as Vault 1.21', '{"request":{"path":"sys/mounts"},"time":"2026-11-20T14:00:00Z","type":"response"}'],
      ['as OpenBao', '{"time":"2026-11-20T14:00:00Z","type":"response","request":{"path":"sys/mounts"}}'],
    ])('%s: the certificate itself, who asked, of which role', async (_, other) => {
      const folder = place({
        'audit.log': [
          signed('17752858765767753052', AT, { clear: ['signed_key', 'serial_number'] }),
          other,
        ].join('\n'),
      });
      const { issuances, coverage } = whole(await read(folder, { type: 'vault-audit', path: 'audit.log' }));
      expect(issuances).toMatchObject([
        {
          issuedAt: Date.parse('2026-11-20T12:00:00.123Z'),
          serial: '17752858765767753052',
          keyId: 'adm-bernd',
          by: 'ldap-bernd',
          role: 'ssh/sign/adm',
          hashed: [],
          from: 'audit.log:1',
        },
      ]);
      expect(issuances[0]?.certificate?.signatureValid).toBe(true);
      // Any line of the device shows that it was on.
      expect(coverage.to).toBe(Date.parse('2026-11-20T14:00:00Z'));
    });

    test('hashed: what is hidden is named; a number may stay clear; answers of audit-hash open it', async () => {
      const folder = place({
        'audit.log': [
          signed('26', AT),
          auditLine({
            time: AT,
            id: 'n',
            asked: { ttl: 3600 },
            answered: { serial_number: '1b' },
            clear: ['serial_number'],
            timeFirst: true,
          }),
        ].join('\n'),
        'hashes.jsonl': ['1a', 'adm-bernd', 'adm-full', '8h', 'x']
          .map((input) => JSON.stringify({ input, hash: auditHash(input) }))
          .join('\n'),
      });
      const hidden = whole(await read(folder, { type: 'vault-audit', path: 'audit.log' })).issuances;
      expect(hidden).toMatchObject([
        {
          serial: null,
          keyId: null,
          principals: null,
          lifetimeSeconds: null,
          hashed: ['certificate', 'serial', 'keyId', 'principals', 'lifetime', 'key'],
        },
        { serial: '27', lifetimeSeconds: 3600n, kind: 'user', hashed: [] },
      ]);
      const open = whole(
        await read(folder, { type: 'vault-audit', path: 'audit.log', audit_hash: 'hashes.jsonl' }),
      ).issuances;
      expect(open[0]).toMatchObject({
        serial: '26',
        keyId: 'adm-bernd',
        principals: ['adm-full'],
        lifetimeSeconds: 28_800n,
        hashed: ['certificate', 'key'],
      });
    });

    test('a time within somebody’s data is not the line’s own', async () => {
      const data = '"data":{"time":"2026-11-25T00:00:00Z"}';
      const folder = place({
        'audit.log': [
          `{"auth":{},"request":{${data},"path":"x"},"time":"2026-11-20T14:00:00Z","type":"request"}`,
          `{"auth":{},"request":{${data},"path":"x"}}`,
          `{"auth":{},"request":{"path":"x",${data}}}`,
        ].join('\n'),
      });
      const { coverage } = whole(await read(folder, { type: 'vault-audit', path: 'audit.log' }));
      const at = Date.parse('2026-11-20T14:00:00Z');
      expect(coverage).toEqual({ from: at, to: at });
    });

    test('only answers of SSH mounts that signed something', async () => {
      const clear = ['serial_number', 'signed_key'];
      const folder = place({
        'audit.log': [
          signed('1', AT, { clear, type: 'request' }),
          signed('2', AT, { clear, error: '1 error occurred: permission denied' }),
          signed('3', AT, { clear, mount: 'pki/', mountType: 'pki' }),
          auditLine({
            time: AT,
            mount: 'pki/',
            mountType: null,
            answered: { serial_number: '4', certificate: 'x' },
            clear,
          }),
          signed('5', AT, { clear, mount: 'ssh-legacy/', verb: 'issue' }),
          `prefix ${signed('6', AT, { clear, mountType: null })}`,
        ].join('\n'),
      });
      const serials = async (more: object): Promise<(string | null)[]> =>
        whole(await read(folder, { type: 'vault-audit', path: 'audit.log', ...more }))
          .issuances.map(({ serial }) => serial)
          .sort();
      expect(await serials({})).toEqual(['5', '6']);
      expect(await serials({ mounts: 'ssh-legacy' })).toEqual(['5']);
      expect(await serials({ mounts: ['ssh/'] })).toEqual(['6']);
    });

    test('private keys and tokens of a device without HMACs are not kept', async () => {
      const folder = place({
        'audit.log': signed('1', AT, {
          verb: 'issue',
          answered: { serial_number: '1', private_key: 'PRIVATE', private_key_type: 'ed25519' },
          asked: { password: 'PASSWORD' },
          clear: ['serial_number', 'private_key', 'password'],
        }),
      });
      const evidence = await evidenceOf(folder, { type: 'vault-audit', path: 'audit.log' });
      expect(JSON.stringify(evidence)).not.toMatch(/PRIVATE|PASSWORD|client_token|accessor/);
      expect(whole(readCertificates(evidence)).issuances).toMatchObject([{ serial: '1' }]);
    });

    test('rotated files; the same request in two devices once, the clearer one; a hole ends the coverage', async () => {
      const first = '2026-11-20T00:00:00Z';
      const folder = place({
        'old/audit.log.2.gz': gzipSync(signed('1', '2026-11-10T12:00:00Z', { clear: ['serial_number'] })),
        'old/audit.log.1.gz': gzipSync(signed('2', first, { clear: ['serial_number'] })),
        'old/audit.log': signed('3', AT, { id: 'same' }),
        'old/audit-2.log': signed('3', AT, { id: 'same', clear: ['serial_number'] }),
      });
      const { issuances, coverage, remarks } = whole(
        await read(folder, { type: 'vault-audit', path: 'old' }),
      );
      expect(issuances.map(({ serial }) => serial)).toEqual(['3', '2', '1']);
      expect(coverage.from).toBe(Date.parse(first));
      expect(remarks).toEqual([expect.stringContaining('more than a day is missing')]);
    });

    test('a line cut in the middle is a gap', async () => {
      const folder = place({ 'audit.log': signed('1', AT).slice(0, -30) });
      expect(await read(folder, { type: 'vault-audit', path: 'audit.log' })).toMatchObject({
        ok: true,
        gaps: [expect.stringContaining('1 lines of audit.log')],
        value: { issuances: [] },
      });
    });
  });

  test('the certificate decides, not the words beside it', async () => {
    const certificate = ca.sign('adm-real', '4', 'adm-full', WINDOW);
    const folder = place({
      log: JSON.stringify({
        certificate,
        serial: 9,
        key_id: 'agt-said',
        principals: ['x'],
        ttl: 5,
        type: 'host',
      }),
    });
    expect(whole(await read(folder, { type: 'jsonl', path: 'log' })).issuances).toMatchObject([
      { serial: '4', keyId: 'adm-real', principals: ['adm-full'], kind: 'user', lifetimeSeconds: 28_800n },
    ]);
    expect(parsed(certificate).keyId).toBe('adm-real');
  });
});

test.each([
  [{ type: 'jsonl' }, 'path'],
  [{ type: 'jsonl', path: 'x', recursive: true }, 'recursive'],
  [{ type: 'directory', path: 'x', complete_since: '2026-11-01' }, 'complete_since'],
  [{ type: 'other', path: 'x' }, 'type'],
  [{ type: 'vault-audit', path: 'x', token: 'x' }, 'token'],
])('settings are strict: %j', (given, says) => {
  expect(JSON.stringify(schema.safeParse(given).error?.issues)).toContain(says);
});
