import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readSiem } from '../../../src/facts/sources/siem/index.js';
import { defaultPolicy } from '../../../src/policy.js';
import { askSource } from '../../../src/sources/run.js';
import { fakeCloudwatch } from '../../fakes/cloudwatch.js';
import type { StoredLine } from '../../fakes/lines.js';
import type { Served } from '../../fakes/serve.js';
import { makeTls } from '../../fakes/tls.js';
import { json, serve } from '../../fakes/vault.js';
import { needs, title } from '../../helpers/needs.js';

const NOW = Date.parse('2026-11-21T02:00:00Z');
const CA = 'SHA256:esmI1S6VuEZbC3sX6ukrRHWZr/xKkl85jG9f4ka84Pk';
const stored = (at: number, serial: number): StoredLine => ({
  at,
  host: 'web-1',
  line: `sshd[${serial}]: Accepted publickey for ops from 10.0.0.9 port 4 ssh2: ED25519-CERT ${CA} ID adm-b (serial ${serial}) CA ED25519 ${CA}`,
});

let server: Served | undefined;
beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'not-a-real-one');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server?.close();
});

async function read(more: object = {}, env: Record<string, string> = {}) {
  const settings = {
    type: 'cloudwatch',
    region: 'eu-central-1',
    log_groups: ['/hosts/auth'],
    url: server?.url,
    timeout: '30s',
    ...more,
  };
  const evidence = await askSource('siem', settings, {
    env,
    cwd: '/',
    inventoryPath: '/inventory.yaml',
    now: new Date(NOW),
    signal: new AbortController().signal,
  });
  return readSiem(evidence, defaultPolicy());
}

test('the logins of the closed window', async () => {
  server = await fakeCloudwatch([stored(NOW - 3_600_000, 1), stored(NOW - 60_000, 2)]);
  expect(await read()).toMatchObject({
    ok: true,
    gaps: [],
    value: { logins: [{ at: NOW - 3_600_000, host: 'web-1', pid: 1 }], coversTo: NOW - 600_000 },
  });
});

test('a full answer is asked again in halves', async () => {
  const many = Array.from({ length: 12_000 }, (_, index) =>
    stored(NOW - 3_600_000 - index * 5000, index + 1),
  );
  server = await fakeCloudwatch(many);
  const reading = await read();
  expect(reading).toMatchObject({ ok: true, gaps: [] });
  expect(reading.ok && reading.value.logins).toHaveLength(12_000);
});

test('a refusal', async () => {
  server = await fakeCloudwatch([], 'AccessDeniedException');
  expect(await read()).toMatchObject({ ok: false, reason: 'denied' });
});

describe('the way there', () => {
  test('the proxy of the environment', async () => {
    server = await fakeCloudwatch([stored(NOW - 3_600_000, 1)]);
    const through: (string | undefined)[] = [];
    const proxy = createServer().on('connect', (request, socket, head) => {
      through.push(request.url);
      const [host = '', port = ''] = (request.url ?? '').split(':');
      const upstream = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.write(head);
        upstream.pipe(socket).pipe(upstream);
      });
      for (const one of [upstream, socket]) one.on('error', () => upstream.destroy());
    });
    await new Promise<void>((done) => {
      proxy.listen(0, '127.0.0.1', done);
    });
    const { port } = proxy.address() as AddressInfo;
    try {
      const reading = await read({}, { HTTP_PROXY: `http://127.0.0.1:${port}` });
      expect(reading).toMatchObject({ ok: true, gaps: [], value: { logins: [{ pid: 1 }] } });
      expect(through).toContain(new URL(server.url).host);
    } finally {
      proxy.closeAllConnections();
      proxy.close();
    }
  });

  test('an answer without end is left, and no memory is filled with it', async () => {
    server = await fakeCloudwatch([], undefined, 'endless');
    const reading = await read();
    expect(reading).toMatchObject({ ok: false, detail: expect.stringContaining('larger than') });
  });

  const openssl = needs.program('openssl', 'openssl');
  test.skipIf(openssl)(title('an own CA, where one is named', openssl), async () => {
    const tls = makeTls();
    const refusing = await serve(
      (_, response) => json(response, 400, { __type: 'AccessDeniedException', message: 'refused' }),
      { key: tls.key, cert: tls.cert },
    );
    try {
      expect(await read({ url: refusing.url })).toMatchObject({
        ok: false,
        detail: expect.stringContaining('as ca_file'),
      });
      expect(refusing.asked).toEqual([]);
      expect(await read({ url: refusing.url, ca_file: tls.caFile })).toMatchObject({
        ok: false,
        reason: 'denied',
      });
      expect(refusing.asked).not.toEqual([]);
    } finally {
      await refusing.stop();
      tls.remove();
    }
  });
});
