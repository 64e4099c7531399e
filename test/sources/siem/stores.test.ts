import { afterEach, describe, expect, test } from 'vitest';
import { readSiem } from '../../../src/facts/sources/siem/index.js';
import type { SourceEvidence } from '../../../src/model.js';
import { defaultPolicy } from '../../../src/policy.js';
import { askSource } from '../../../src/sources/run.js';
import { fakeElasticsearch } from '../../fakes/elasticsearch.js';
import type { StoredLine } from '../../fakes/lines.js';
import { fakeLoki } from '../../fakes/loki.js';
import type { Served, Trouble } from '../../fakes/serve.js';
import { fakeSplunk } from '../../fakes/splunk.js';

const NOW = Date.parse('2026-11-21T02:00:00Z');
const HOUR = 3_600_000;
const CA = 'SHA256:esmI1S6VuEZbC3sX6ukrRHWZr/xKkl85jG9f4ka84Pk';
const TOKEN = 'a-token-nobody-may-see';

function stored(at: number, serial: number): StoredLine {
  const message = `Accepted publickey for ops from 10.0.0.9 port ${40_000 + (serial % 20_000)} ssh2: ED25519-CERT ${CA} ID adm-bernd (serial ${serial}) CA ED25519 ${CA}`;
  return {
    at,
    host: 'web-1',
    line: `${new Date(at).toISOString().replace('Z', '000+00:00')} web-1 sshd[${serial}]: ${message}`,
  };
}

const inside = stored(NOW - HOUR, 1);
const early = stored(NOW - 25 * HOUR, 2);
const young = stored(NOW - 60_000, 3);

let server: Served | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

type Fake = (lines: readonly StoredLine[], trouble?: Trouble) => Promise<Served>;
const elasticsearch: Fake = (lines, trouble) =>
  fakeElasticsearch(lines, trouble === undefined ? {} : { trouble });
const splunk: Fake = (lines, trouble) => fakeSplunk(lines, trouble === undefined ? {} : { trouble });
const STORES: readonly [string, Fake, Record<string, unknown>, string][] = [
  ['loki', fakeLoki, { selector: '{job="sshd"}', tenant: 'ops' }, `Bearer ${TOKEN}`],
  ['elasticsearch', elasticsearch, { index: 'logs-*' }, `ApiKey ${TOKEN}`],
  ['opensearch', elasticsearch, { index: 'logs-*' }, `Bearer ${TOKEN}`],
  ['splunk', splunk, { search: 'index=linux' }, `Bearer ${TOKEN}`],
];

async function ask(type: string, more: Record<string, unknown>): Promise<SourceEvidence> {
  const settings = { type, url: server?.url, token_env: 'SIEM_TOKEN', timeout: '5s', ...more };
  return askSource('siem', settings, {
    env: { SIEM_TOKEN: TOKEN },
    cwd: '/',
    inventoryPath: '/inventory.yaml',
    now: new Date(NOW),
    signal: new AbortController().signal,
  });
}

describe.each(STORES)('%s', (type, fake, settings, authorization) => {
  test('the logins of the closed window, and no others', async () => {
    server = await fake([inside, early, young]);
    const evidence = await ask(type, { ...settings, hosts: { 'WEB-1': 'prod-web-01' } });
    expect(readSiem(evidence, defaultPolicy())).toMatchObject({
      ok: true,
      gaps: [],
      value: {
        coversFrom: NOW - 24 * HOUR - 600_000,
        coversTo: NOW - 600_000,
        logins: [
          { at: inside.at, pid: 1, host: 'prod-web-01', label: 'web-1', certificate: { serial: '1' } },
        ],
      },
    });
    expect(server.requests[0]?.headers.authorization).toBe(authorization);
    expect(JSON.stringify(evidence)).not.toContain(TOKEN);
  });

  test.each<[Trouble, string]>([
    [401, 'denied'],
    [403, 'denied'],
    [404, 'failed'],
    [429, 'failed'],
    ['html', 'failed'],
    ['endless', 'failed'],
  ])('%s is no answer', async (trouble, reason) => {
    server = await fake([], trouble);
    const reading = readSiem(await ask(type, settings), defaultPolicy());
    if (reading.ok) expect(reading.gaps).not.toEqual([]);
    else expect(reading.reason).toBe(reason);
  });

  test('truncated JSON is a gap, never an empty store', async () => {
    server = await fake([], 'truncated');
    const reading = readSiem(await ask(type, settings), defaultPolicy());
    expect(reading.ok ? reading.gaps : [reading.detail]).toEqual(
      expect.arrayContaining([expect.stringContaining('understood')]),
    );
  });

  test('silence ends with the time it is given', async () => {
    server = await fake([], 'silent');
    const evidence = await ask(type, { ...settings, timeout: '1s' });
    expect(readSiem(evidence, defaultPolicy())).toMatchObject({ ok: false, reason: 'failed' });
  });
});

describe('paging', () => {
  const many = Array.from({ length: 12_001 }, (_, index) =>
    stored(NOW - 2 * HOUR + Math.floor(index / 3) * 1000, index + 1),
  );

  test.each([STORES[0], STORES[1]].filter((one) => one !== undefined))(
    '%s reads all pages, and each line once',
    async (type, fake, settings) => {
      server = await fake(many);
      const reading = readSiem(await ask(type, { ...settings, window: '3h' }), defaultPolicy());
      const before = many.filter(({ at }) => at < NOW - 600_000).length;
      expect(reading).toMatchObject({ ok: true, gaps: [] });
      expect(reading.ok && reading.value.logins).toHaveLength(before);
      expect(server.requests.length).toBeGreaterThan(1);
    },
  );

  test('more lines in one instant than a page holds are a gap', async () => {
    server = await fakeLoki(Array.from({ length: 6000 }, (_, index) => stored(NOW - HOUR, index + 1)));
    const reading = readSiem(await ask('loki', STORES[0]?.[2] ?? {}), defaultPolicy());
    expect(reading.ok && reading.gaps.join()).toContain('more than 5000 lines');
  });
});

test('shards that failed and a last row that is missing are gaps', async () => {
  server = await fakeElasticsearch([inside], { failedShards: 1 });
  const one = readSiem(await ask('elasticsearch', { index: 'logs' }), defaultPolicy());
  expect(one.ok && one.gaps.join()).toContain('shards');
  await server.close();
  server = await fakeSplunk([inside], { cut: true });
  const other = readSiem(await ask('splunk', { search: 'index=linux' }), defaultPolicy());
  expect(other.ok && other.gaps.join()).toContain('last row');
});
