import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ServerOptions } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createHttp } from '../../src/sources/http.js';
import type { EndpointSettings, Http, HttpOptions } from '../../src/sources/http-types.js';
import type { SourceContext } from '../../src/sources/source.js';
import { makeTls, type TestTls } from '../fakes/tls.js';
import { json, serve, type Running } from '../fakes/vault.js';
import { needs, title } from '../helpers/needs.js';
import { sourceContext } from '../helpers/source-context.js';

const SECRET = 'hvs.s3cr3t/token+value';
type Listener = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function running(listener: Listener, tls?: ServerOptions): Promise<Running> {
  const server = await serve((request, response) => void listener(request, response), tls);
  closing.push(() => server.stop());
  return server;
}
async function client(
  endpoint: EndpointSettings,
  options: HttpOptions = {},
  context: Partial<SourceContext> = {},
): Promise<Http> {
  const http = await createHttp(endpoint, sourceContext(context), {
    headers: { 'x-token': SECRET },
    secrets: [SECRET],
    backOff: 1,
    ...options,
  });
  closing.push(() => http.close());
  return http;
}

describe('answers', () => {
  test('are kept whole, with what was asked and their hash, and the credential is sent', async () => {
    const server = await running((request, response) =>
      json(response, 200, { sent: request.headers['x-own'] }),
    );
    const http = await client({ url: `${server.url}/base/` });
    const result = await http.get('/v1/a b', {
      query: { list: 'true', q: ['1', 2].map(String) },
      headers: { 'x-own': 'x' },
    });
    expect(result).toMatchObject({
      ok: true,
      answer: {
        asked: `GET ${server.url}/base/v1/a%20b?list=true&q=1&q=2`,
        status: 200,
        body: '{"sent":"x"}',
        encoding: 'utf8',
        bytes: 12,
        cut: false,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    });
  });
  test('a credential that is sent back is masked, in every form', async () => {
    const server = await running((request, response) =>
      json(response, 200, {
        id: request.headers['x-token'],
        url: encodeURIComponent(SECRET),
        b: Buffer.from(SECRET).toString('base64'),
      }),
    );
    const result = await (await client({ url: server.url })).get('self', { query: { token: SECRET } });
    expect(JSON.stringify(result)).not.toMatch(/s3cr3t/);
    expect(JSON.stringify(result)).not.toContain(Buffer.from(SECRET).toString('base64'));
    expect(result.answer?.body).toContain('[redacted]');
  });
  test('a body is sent as JSON and recorded without secrets', async () => {
    const server = await running(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      json(response, 200, { type: request.headers['content-type'], body });
    });
    const result = await (
      await client({ url: server.url })
    ).post('q', { body: { paths: ['a'], key: SECRET } });
    expect(result.answer?.body).toContain('application/json');
    expect(result.answer?.asked).toContain('{"paths":["a"],"key":"[redacted]"}');
  });
  test('bytes that are no text are kept as base64; a cut never splits a character', async () => {
    const server = await running((request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(request.url === '/b' ? Buffer.from([0xff, 0xfe, 0]) : `"${'é'.repeat(100)}"`);
    });
    const http = await client({ url: server.url }, { maxBytes: 8 });
    expect((await http.get('b')).answer).toMatchObject({ encoding: 'base64', body: '//4A' });
    expect(await http.get('t')).toMatchObject({
      ok: false,
      failure: { code: 'too-much' },
      answer: { cut: true, encoding: 'utf8', body: '"ééé' },
    });
  });
});

describe('failures', () => {
  test.each([
    [401, 'denied'],
    [403, 'denied'],
    [404, 'not-found'],
    [400, 'bad-answer'],
    [500, 'unreachable'],
  ])('status %i is %s, asked once, and its answer is kept', async (status, code) => {
    const server = await running((_, response) => json(response, status, { errors: [`no ${SECRET}`] }));
    const result = await (await client({ url: server.url })).get('x');
    expect(result).toMatchObject({ ok: false, failure: { code }, answer: { status } });
    expect(JSON.stringify(result)).not.toContain(SECRET);
    expect(server.asked).toHaveLength(1);
  });
  test('a redirect is never followed: the token stays', async () => {
    const other = await running((_, response) => json(response, 200, {}));
    const server = await running((_, response) => {
      response.writeHead(307, { location: `${other.url}/x` });
      response.end();
    });
    expect(await (await client({ url: server.url })).get('x')).toMatchObject({
      ok: false,
      failure: { code: 'bad-answer', detail: expect.stringContaining('a redirect to') },
    });
    expect(other.asked).toEqual([]);
  });
  test('a link out of the origin is refused before anything is sent', async () => {
    const other = await running((_, response) => json(response, 200, {}));
    const server = await running((_, response) => json(response, 200, {}));
    const http = await client({ url: server.url });
    expect(await http.get(`${other.url}/next`)).toMatchObject({ ok: false, failure: { code: 'bad-answer' } });
    expect(await http.get(`${server.url.replace('//', '//u:p@')}/next`)).toMatchObject({ ok: false });
    expect(await http.get(`${server.url}/next?page=2`)).toMatchObject({ ok: true });
    expect(other.asked).toEqual([]);
  });
  test('a web page with status 200 is no answer', async () => {
    const server = await running((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<html>login</html>');
    });
    const http = await client({ url: server.url });
    expect(await http.get('x')).toMatchObject({
      ok: false,
      failure: {
        code: 'bad-answer',
        detail: expect.stringContaining('text/html, expected application/json'),
      },
    });
    expect(await http.get('x', { accept: null })).toMatchObject({ ok: true });
  });
  test('slow and endless answers end', async () => {
    const server = await running((request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      if (request.url === '/slow') return void response.write('{');
      const pour = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536))) {
          // until the other side has had enough
        }
      };
      response.on('drain', pour);
      pour();
    });
    const http = await client({ url: server.url }, { requestTimeout: 300 });
    expect(await http.get('slow')).toMatchObject({ ok: false, failure: { code: 'timeout' } });
    const much = await http.get('endless', { maxBytes: 100_000 });
    expect(much).toMatchObject({ ok: false, failure: { code: 'too-much' }, answer: { cut: true } });
    expect(much.answer?.body).toHaveLength(100_000);
  });
  test('nobody there, an aborted run, and the time of the source over', async () => {
    const server = await serve(() => undefined);
    await server.stop();
    expect(await (await client({ url: server.url })).get('x')).toMatchObject({
      ok: false,
      failure: { code: 'unreachable' },
    });
    const silent = await running(() => undefined);
    const cancel = new AbortController();
    const asked = (await client({ url: silent.url }, {}, { signal: cancel.signal })).get('x');
    setTimeout(() => cancel.abort(), 20);
    expect(await asked).toMatchObject({ ok: false, failure: { code: 'cancelled' } });
    const late = (await client({ url: silent.url }, {}, { signal: AbortSignal.timeout(20) })).get('x');
    expect(await late).toMatchObject({ ok: false, failure: { code: 'timeout' } });
  });
});

describe('repetition', () => {
  const flaky = (status: number, headers: Record<string, string>, times: number) => {
    let count = 0;
    return running((_, response) => {
      count += 1;
      if (count > times) return json(response, 200, { count });
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end('{}');
    });
  };
  test.each([429, 502, 503, 504])('after %i a reading request is made again', async (status) => {
    const server = await flaky(status, {}, 2);
    expect(await (await client({ url: server.url })).get('x')).toMatchObject({ ok: true });
    expect(server.asked).toHaveLength(3);
  });
  test('a bounded number of times, and never for POST unless said', async () => {
    const server = await flaky(503, {}, 100);
    const http = await client({ url: server.url });
    expect(await http.get('x')).toMatchObject({ ok: false });
    expect(server.asked).toHaveLength(4);
    await http.post('x', { body: {} });
    expect(server.asked).toHaveLength(5);
    await http.post('x', { body: {}, retry: true });
    expect(server.asked).toHaveLength(9);
  });
  test('Retry-After is waited for, and a long one reported instead', async () => {
    const short = await flaky(429, { 'retry-after': '0' }, 1);
    expect(await (await client({ url: short.url })).get('x')).toMatchObject({ ok: true });
    const long = await flaky(429, { 'retry-after': '3600' }, 1);
    expect(await (await client({ url: long.url })).get('x')).toMatchObject({
      ok: false,
      failure: { code: 'throttled', hint: expect.stringContaining('3600') },
    });
    expect(long.asked).toHaveLength(1);
    const dated = await flaky(429, { 'retry-after': 'Fri, 31 Dec 2100 00:00:00 GMT' }, 1);
    expect(await (await client({ url: dated.url })).get('x')).toMatchObject({ ok: false });
  });
  test('a 403 that asks to wait is throttling, as GitHub’s secondary limit is', async () => {
    const short = await flaky(403, { 'retry-after': '0' }, 1);
    expect(await (await client({ url: short.url })).get('x')).toMatchObject({ ok: true });
    const long = await flaky(403, { 'retry-after': '3600' }, 1);
    expect(await (await client({ url: long.url })).get('x')).toMatchObject({
      ok: false,
      failure: { code: 'throttled' },
    });
    expect(long.asked).toHaveLength(1);
  });
  test('a connection that is lost is tried again', async () => {
    let count = 0;
    const server = await running((request, response) => {
      count += 1;
      if (count === 1) return void request.socket.destroy();
      json(response, 200, {});
    });
    expect(await (await client({ url: server.url })).get('x')).toMatchObject({ ok: true });
  });
});

const openssl = needs.program('openssl', 'openssl');
describe.skipIf(openssl)(title('TLS', openssl), () => {
  let tls: TestTls;
  beforeAll(() => {
    tls = makeTls();
  });
  afterAll(() => tls.remove());
  const hello = (_: unknown, response: Parameters<typeof json>[0]): void => json(response, 200, {});

  test('a server with a CA of its own is refused without it, and taken with it', async () => {
    const server = await running(hello, { key: tls.key, cert: tls.cert });
    expect(await (await client({ url: server.url })).get('x')).toMatchObject({
      ok: false,
      failure: { code: 'tls', hint: expect.stringContaining('ca_file') },
    });
    expect(server.asked).toEqual([]);
    expect(await (await client({ url: server.url, ca_file: tls.caFile })).get('x')).toMatchObject({
      ok: true,
    });
    await expect(client({ url: server.url, ca_file: '/nowhere.pem' })).rejects.toMatchObject({
      failure: { code: 'tls', detail: expect.stringContaining('/nowhere.pem') },
    });
  });
  test('a client certificate is shown when it is named', async () => {
    const { readFileSync } = await import('node:fs');
    const server = await running(hello, {
      key: tls.key,
      cert: tls.cert,
      ca: readFileSync(tls.caFile),
      requestCert: true,
      rejectUnauthorized: true,
    });
    expect(await (await client({ url: server.url, ca_file: tls.caFile })).get('x')).toMatchObject({
      ok: false,
    });
    const endpoint = {
      url: server.url,
      ca_file: tls.caFile,
      client_certificate_file: tls.clientCertFile,
      client_key_file: tls.clientKeyFile,
    };
    expect(await (await client(endpoint)).get('x')).toMatchObject({ ok: true });
  });
  test('a proxy from the environment carries it without seeing the token; NO_PROXY goes past', async () => {
    const server = await running(hello, { key: tls.key, cert: tls.cert });
    const seen: string[] = [];
    const proxy: Server = createServer();
    proxy.on('connect', (request, socket, head) => {
      seen.push(JSON.stringify([request.url, request.headers]));
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
    closing.push(
      () =>
        new Promise((done) => {
          proxy.close(() => done());
          proxy.closeAllConnections();
        }),
    );
    const env = { HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
    const endpoint = { url: server.url, ca_file: tls.caFile };
    const direct = await client(endpoint, {}, { env: { ...env, NO_PROXY: '127.0.0.1' } });
    expect(await direct.get('x')).toMatchObject({ ok: true });
    expect(seen).toEqual([]);
    const through = await client(endpoint, {}, { env });
    expect(await through.get('x')).toMatchObject({ ok: true });
    expect(seen).toHaveLength(1);
    expect(seen[0]).not.toContain('s3cr3t');
    await through.close();
  });
});
