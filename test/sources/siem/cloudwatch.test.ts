import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readSiem } from '../../../src/facts/sources/siem/index.js';
import { defaultPolicy } from '../../../src/policy.js';
import { askSource } from '../../../src/sources/run.js';
import { fakeCloudwatch } from '../../fakes/cloudwatch.js';
import type { StoredLine } from '../../fakes/lines.js';
import type { Served } from '../../fakes/serve.js';

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

async function read() {
  const settings = {
    type: 'cloudwatch',
    region: 'eu-central-1',
    log_groups: ['/hosts/auth'],
    url: server?.url,
    timeout: '30s',
  };
  const evidence = await askSource('siem', settings, {
    env: {},
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
