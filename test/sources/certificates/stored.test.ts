import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { joinLogins } from '../../../checks/lib/joins.js';
import { readCertificates } from '../../../src/facts/sources/certificates/index.js';
import type { IssuanceLog, Login } from '../../../src/facts/types.js';
import type { Reading, SourceEvidence } from '../../../src/model.js';
import { defaultPolicy } from '../../../src/policy.js';
import { askSources, diagnoseSources } from '../../../src/sources/index.js';
import { fakeCloudwatch } from '../../fakes/cloudwatch.js';
import { fakeElasticsearch } from '../../fakes/elasticsearch.js';
import type { StoredLine } from '../../fakes/lines.js';
import { fakeLoki } from '../../fakes/loki.js';
import type { Served, Trouble } from '../../fakes/serve.js';
import { fakeSplunk } from '../../fakes/splunk.js';
import { startVault, type Running } from '../../fakes/vault.js';
import { sourceContext } from '../../helpers/source-context.js';
import { auditHash, auditLine, type SignedLine } from '../../helpers/vault-audit.js';
import { system, VAULT_TOKEN } from '../../helpers/vault-system.js';

const NOW = new Date('2026-11-21T02:00:00Z');
const TO = NOW.getTime() - 600_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const TOKEN = 'a-token-nobody-may-see';
const AUDIT = '{job="vault"}';

const iso = (time: number): string => new Date(time).toISOString();
const stored = (at: number, line: string): StoredLine => ({ at, host: 'vault-1', line });
/** One answer of Vault to a request to sign. */
const signed = (at: number, serial: string, more: Partial<SignedLine> = {}): StoredLine =>
  stored(
    at,
    auditLine({
      time: iso(at),
      id: `request-${serial}`,
      asked: { ttl: '8h', valid_principals: 'adm-full' },
      answered: { serial_number: serial },
      clear: ['serial_number', 'ttl'],
      ...more,
    }),
  );
/** Any other line of the device. */
const other = (at: number): StoredLine =>
  stored(at, `{"request":{"path":"sys/mounts"},"time":"${iso(at)}","type":"response"}`);
/** A device that writes all day. */
const beats = (from: number, to = TO): StoredLine[] =>
  Array.from({ length: Math.floor((to - from) / (6 * HOUR)) }, (_, index) =>
    other(from + index * 6 * HOUR + 1000),
  );

let server: Served | undefined;
let vault: Running | undefined;
beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'not-a-real-one');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server?.close();
  await vault?.stop();
  server = undefined;
  vault = undefined;
});

type Settings = Readonly<Record<string, unknown>>;
interface Store {
  readonly start: (lines: readonly StoredLine[], trouble?: Trouble) => Promise<Served>;
  readonly siem: Settings;
  readonly where: Settings;
}
const only = (trouble?: Trouble) => (trouble === undefined ? {} : { trouble });
const LOKI: Store = {
  start: (lines, trouble) => fakeLoki(lines, trouble),
  siem: { selector: '{job="sshd"}' },
  where: { selector: AUDIT },
};
const STORES: readonly (readonly [string, Store])[] = [
  ['loki', LOKI],
  [
    'elasticsearch',
    {
      start: (lines, trouble) => fakeElasticsearch(lines, only(trouble)),
      siem: { index: 'logs-*', query: 'sshd' },
      where: { index: 'vault-*' },
    },
  ],
  [
    'opensearch',
    {
      start: (lines, trouble) => fakeElasticsearch(lines, only(trouble)),
      siem: { index: 'logs-*' },
      where: { query: 'request' },
    },
  ],
  [
    'splunk',
    {
      start: (lines, trouble) => fakeSplunk(lines, only(trouble)),
      siem: { search: 'index=linux' },
      where: { search: 'index=vault' },
    },
  ],
  [
    'cloudwatch',
    {
      start: (lines, trouble) => fakeCloudwatch(lines, undefined, trouble),
      siem: { region: 'eu-central-1', log_groups: ['/hosts/auth'] },
      where: { log_groups: ['/vault/audit'] },
    },
  ],
];

async function evidenceOf(type: string, store: Store, more: Settings = {}, beside: Settings = {}) {
  const credential = type === 'cloudwatch' ? {} : { token_env: 'SIEM_TOKEN' };
  const sources = {
    siem: { type, url: server?.url, timeout: more['timeout'] ?? '20s', ...credential, ...store.siem },
    certificates: { type: 'siem', timeout: '20s', ...store.where, ...more },
    ...beside,
  };
  const context = sourceContext({ now: NOW, env: { SIEM_TOKEN: TOKEN, VAULT_TOKEN } });
  const evidence = (await askSources({ sources }, context)).find(({ source }) => source === 'certificates');
  if (evidence === undefined) throw new Error('nothing was asked');
  expect(JSON.stringify(evidence)).not.toContain(TOKEN);
  return evidence;
}
function whole(evidence: SourceEvidence): IssuanceLog {
  const reading = readCertificates(evidence);
  if (!reading.ok) throw new Error(reading.detail);
  expect(reading.gaps).toEqual([]);
  return reading.value;
}
const gapsOf = (reading: Reading<unknown>): string =>
  reading.ok ? reading.gaps.join('\n') : `${reading.reason}: ${reading.detail}`;

describe.each(STORES)('an audit log that %s holds', (type, store) => {
  test('its issuances, newest first, and the window as what the log covers', async () => {
    server = await store.start([
      ...beats(TO - 17 * DAY),
      signed(TO - 15 * DAY, 'a1'),
      signed(TO - 2 * HOUR, 'f65ed2fd21443d5c'),
      signed(TO - 3 * HOUR, 'b2', { type: 'request' }),
      signed(TO - 4 * HOUR, 'c3', { mount: 'pki/', mountType: 'pki' }),
      signed(NOW.getTime() - 1000, 'd4'),
    ]);
    const evidence = await evidenceOf(type, store);
    const { issuances, coverage, remarks } = whole(evidence);
    expect(issuances).toMatchObject([
      {
        serial: '17752858765767753052',
        issuedAt: TO - 2 * HOUR,
        lifetimeSeconds: 28_800n,
        role: 'ssh/sign/adm',
        by: 'ldap-bernd',
        from: `${type} ${iso(TO - 2 * HOUR)}`,
      },
      { serial: '161' },
    ]);
    expect(coverage).toEqual({ from: TO - 17 * DAY, to: TO });
    expect(remarks).toEqual([]);
    expect(JSON.stringify(evidence)).not.toMatch(/client_token|accessor/);
  });

  test('nothing was signed: an empty log that covers the window', async () => {
    server = await store.start(beats(TO - 2 * DAY));
    const log = whole(await evidenceOf(type, store, { window: '2d' }));
    expect(log).toMatchObject({ issuances: [], coverage: { from: TO - 2 * DAY, to: TO } });
  });

  test('no line at all: nothing is known', async () => {
    server = await store.start([]);
    const reading = readCertificates(await evidenceOf(type, store));
    expect(gapsOf(reading)).toMatch(/^failed: .*shows no line of the audit log since/);
  });

  test('a day without lines ends what the log covers, on either side', async () => {
    const lines = [...beats(TO - 10 * DAY, TO - 7 * DAY), ...beats(TO - 4 * DAY, TO - 2 * DAY)];
    server = await store.start([...lines, signed(TO - 3 * DAY, '1'), signed(TO - 8 * DAY, '2')]);
    const { issuances, coverage, remarks } = whole(await evidenceOf(type, store));
    expect(issuances.map(({ serial }) => serial)).toEqual(['1', '2']);
    expect(Math.abs((coverage.from ?? 0) - (TO - 4 * DAY))).toBeLessThanOrEqual(HOUR);
    expect(coverage.to).toBeLessThan(TO - 2 * DAY);
    expect(remarks).toEqual([
      expect.stringContaining('no line of the audit log since'),
      expect.stringContaining('more than a day of the audit log is missing'),
    ]);
  });

  test('a wrapped line is understood, another program’s is passed over, a damaged one is a gap', async () => {
    const at = TO - HOUR;
    const whole = signed(at, '1').line;
    const lines = [
      stored(at, JSON.stringify({ log: `${signed(at, '2').line}\n`, stream: 'stdout' })),
      stored(at + 1, JSON.stringify({ MESSAGE: signed(at, '3').line, _HOSTNAME: 'vault-1' })),
      stored(at + 2, JSON.stringify({ event: { original: signed(at, '4').line } })),
      stored(at + 3, `2026-11-21T01:00:00Z stdout F ${signed(at, '5').line}`),
      stored(at + 4, '10.0.0.5 - - "GET /issue/42 HTTP/1.1" 200'),
      stored(at + 5, '{"level":"info","msg":"see /sign/in"}'),
      stored(at + 6, whole.slice(0, -40)),
      stored(at + 7, JSON.stringify({ log: whole.slice(0, -40) })),
    ];
    server = await store.start([...beats(TO - DAY), ...lines]);
    const reading = readCertificates(await evidenceOf(type, store, { window: '1d' }));
    expect(gapsOf(reading)).toBe(
      `2 lines of the SIEM (${type}) tell of signing, but no issuance that could be read, the first at ${iso(at + 6)}`,
    );
    expect(reading.ok && reading.value.issuances.map(({ serial }) => serial).toSorted()).toEqual([
      '2',
      '3',
      '4',
      '5',
    ]);
  });

  test.each<[Trouble, RegExp]>([
    [401, /^denied: .*(401|Unknown)/],
    [403, /^denied: .*(403|Unknown)/],
    [429, /^failed: .*(429|Unknown)/],
    ['html', /./],
    ['truncated', /./],
    ['silent', /./],
  ])('%s is a reason, never an empty log', async (trouble, says) => {
    server = await store.start([], trouble);
    const reading = readCertificates(await evidenceOf(type, store, { timeout: '2s' }));
    expect(gapsOf(reading)).toMatch(type === 'cloudwatch' ? /^(failed|denied): / : says);
    expect(reading.ok && reading.value.coverage.from !== null).toBe(false);
  });

  test('doctor says whether the audit log can be seen', async () => {
    const lines = async (): Promise<string> => {
      const credential = type === 'cloudwatch' ? {} : { token_env: 'SIEM_TOKEN' };
      const siem = { type, url: server?.url, ...credential, ...store.siem };
      const sources = { siem, certificates: { type: 'siem', ...store.where } };
      const context = sourceContext({ now: NOW, env: { SIEM_TOKEN: TOKEN } });
      const found = (await diagnoseSources({ sources }, context)).find(
        ({ source }) => source === 'certificates',
      );
      return (found?.lines ?? []).map(({ level, text }) => `${level}: ${text}`).join('\n');
    };
    server = await store.start(beats(TO - DAY));
    expect(await lines()).toMatch(/^ok: it can be read, and has lines in 3 of the last 24 hours/);
    await server.close();
    server = await store.start([]);
    expect(await lines()).toMatch(/^problem: it can be asked, but shows no line/);
  });
});

describe('bounds', () => {
  const pagesAsked = () =>
    server?.requests.filter(({ url }) => (url.searchParams.get('query') ?? '').includes('|~')).length;

  test('pages of a day, each line once', async () => {
    const many = Array.from({ length: 2500 }, (_, index) =>
      signed(TO - DAY + index * 30_000, (index + 1).toString(16)),
    );
    server = await fakeLoki(many);
    const { issuances } = whole(await evidenceOf('loki', LOKI, { window: '1d' }));
    expect(issuances).toHaveLength(2500);
    expect(pagesAsked()).toBe(3);
  });

  test('a day that breaks off is a reason, and what the newer days hold is kept', async () => {
    const lines = [...beats(TO - 3 * DAY), signed(TO - HOUR, '1'), signed(TO - 26 * HOUR, '2')];
    const broken = (start: bigint): boolean => start < BigInt(TO - DAY) * 1_000_000n;
    server = await fakeLoki(lines, ({ url }) =>
      (url.searchParams.get('query') ?? '').includes('|~') &&
      broken(BigInt(url.searchParams.get('start') ?? '0'))
        ? 500
        : undefined,
    );
    const reading = readCertificates(await evidenceOf('loki', LOKI, { window: '3d' }));
    expect(gapsOf(reading)).toMatch(/was not read whole: unreachable: .*500/);
    expect(reading).toMatchObject({
      ok: true,
      value: { issuances: [{ serial: '1' }], coverage: { from: TO - DAY } },
    });
  });

  test('days in which the store has nothing are not asked for', async () => {
    server = await fakeLoki([...beats(TO - DAY), signed(TO - HOUR, '1')]);
    whole(await evidenceOf('loki', LOKI));
    expect(pagesAsked()).toBe(1);
  });

  test('the same request twice, through two devices, is one issuance', async () => {
    const at = TO - HOUR;
    server = await fakeLoki([
      ...beats(TO - DAY),
      signed(at, '1f'),
      { ...signed(at, '1f', { clear: [] }), at: at + 1 },
    ]);
    expect(whole(await evidenceOf('loki', LOKI, { window: '1d' })).issuances).toMatchObject([
      { serial: '31' },
    ]);
  });
});

describe('logins, held against an audit log in the SIEM', () => {
  const CA = `SHA256:${'A'.repeat(43)}`;
  const at = TO - HOUR;
  const states = async (): Promise<readonly string[]> => {
    const reading = readCertificates(await evidenceOf('loki', LOKI));
    const login = (serial: string, when: number): Login => ({
      at: when,
      method: 'publickey',
      account: 'ops',
      from: '10.0.0.9',
      port: 1,
      pid: 1,
      trusted: true,
      identityLost: false,
      certificate: { keyId: 'adm-bernd', serial, caFingerprint: CA },
    });
    const logins = [login('161', at), login('9', at), login('9', TO - 13 * DAY)];
    const log = { source: 'journal' as const, logins, coversFrom: TO - 14 * DAY, coversTo: TO };
    const ca = { trustedUserCaKeys: '/etc/ssh/ca.pub', fingerprints: [CA] };
    return joinLogins(log, reading, ca, defaultPolicy()).map(({ state }) => state);
  };

  test('whole: what it explains, and what somebody signed past it', async () => {
    server = await fakeLoki([...beats(TO - 17 * DAY), signed(at - 60_000, 'a1')]);
    expect(await states()).toEqual(['explained', 'out-of-band', 'out-of-band']);
  });
  test('with a hole: before it nothing is out-of-band', async () => {
    server = await fakeLoki([
      ...beats(TO - 17 * DAY, TO - 9 * DAY),
      ...beats(TO - 7 * DAY),
      signed(at - 60_000, 'a1'),
    ]);
    expect(await states()).toEqual(['explained', 'out-of-band', 'older']);
  });
  test('cut by its shipper: what it explains is explained, the rest is not known', async () => {
    const { line } = signed(at - 60_000, 'ff');
    const cut = stored(at - 60_000, line.slice(0, -30));
    server = await fakeLoki([...beats(TO - 17 * DAY), signed(at - 60_000, 'a1'), cut]);
    expect(await states()).toEqual(['explained', 'incomplete', 'incomplete']);
  });
});

describe('hashed values', () => {
  const CA = 'SHA256:esmI1S6VuEZbC3sX6ukrRHWZr/xKkl85jG9f4ka84Pk';
  const login: StoredLine = {
    at: TO - HOUR,
    host: 'web-1',
    line: `sshd[7]: Accepted publickey for ops from 10.0.0.9 port 4 ssh2: ED25519-CERT ${CA} ID adm-bernd (serial 26) CA ED25519 ${CA}`,
  };
  const hidden = signed(TO - 2 * HOUR, '1a', {
    asked: { ttl: '8h', key_id: 'adm-bernd', cert_type: 'user' },
    clear: [],
  });
  const fake = { ...system(), hash: auditHash };

  test('stay hidden, and are named', async () => {
    server = await fakeLoki([...beats(TO - DAY), hidden, login]);
    expect(whole(await evidenceOf('loki', LOKI, { window: '1d' })).issuances).toMatchObject([
      {
        serial: null,
        keyId: null,
        kind: 'unknown',
        hashed: ['kind', 'serial', 'keyId', 'lifetime'],
      },
    ]);
  });

  test('are opened by the device, for the logins the store holds', async () => {
    server = await fakeLoki([...beats(TO - DAY), hidden, login]);
    vault = await startVault(fake);
    const beside = { vault: { type: 'vault', url: vault.url } };
    const evidence = await evidenceOf('loki', LOKI, { window: '1d', audit_device: 'file/' }, beside);
    expect(whole(evidence).issuances).toMatchObject([
      { serial: '26', keyId: 'adm-bernd', kind: 'user', lifetimeSeconds: 28_800n, hashed: [] },
    ]);
    expect(JSON.stringify(evidence)).not.toContain(VAULT_TOKEN);
    expect(vault.asked.filter((line) => !line.startsWith('GET '))).toContain('POST /v1/sys/audit-hash/file');
  });

  test('a device that is not there, or may not be asked, is a gap; the log is read all the same', async () => {
    for (const [device, says] of [
      ['syslog', /400 .*unknown audit backend/],
      ['file', /403 .*permission denied/],
    ] as const) {
      server = await fakeLoki([...beats(TO - DAY), hidden, login]);
      vault = await startVault(device === 'file' ? { ...fake, token: 'another' } : fake);
      const beside = { vault: { type: 'vault', url: vault.url } };
      const reading = readCertificates(
        await evidenceOf('loki', LOKI, { window: '1d', audit_device: device }, beside),
      );
      expect(gapsOf(reading)).toMatch(says);
      expect(reading).toMatchObject({ ok: true, value: { issuances: [{ serial: null }] } });
      await server.close();
      await vault.stop();
    }
  });

  test('nothing hidden is nothing asked', async () => {
    server = await fakeLoki([...beats(TO - DAY), signed(TO - HOUR, '1'), login]);
    vault = await startVault(fake);
    const beside = { vault: { type: 'vault', url: vault.url } };
    whole(await evidenceOf('loki', LOKI, { window: '1d', audit_device: 'file' }, beside));
    expect(vault.asked.filter((line) => line.startsWith('POST '))).toEqual([]);
  });
});

describe('what it needs beside it', () => {
  test.each<[Settings, RegExp]>([
    [
      { certificates: { type: 'siem', selector: AUDIT } },
      /it asks the system of sources\.siem, which is not configured/,
    ],
    [
      { certificates: { type: 'siem' }, siem: { type: 'loki', url: 'https://l.example', selector: AUDIT } },
      /sources\.siem is of type loki: expected selector/,
    ],
    [
      {
        certificates: { type: 'siem', search: 'index=x' },
        siem: { type: 'loki', url: 'https://l.example', selector: AUDIT },
      },
      /\.search: sources\.siem is of type loki, which has no search/,
    ],
  ])('%j', async (sources, says) => {
    const evidence = (
      await askSources({ sources }, sourceContext({ now: NOW, signal: AbortSignal.abort() }))
    ).find(({ source }) => source === 'certificates');
    expect(evidence && gapsOf(readCertificates(evidence))).toMatch(says);
  });
});
