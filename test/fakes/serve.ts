/** A loopback HTTP server for fakes, and the ways in which a real one misbehaves. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Request {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | object;
}

export interface Served {
  readonly url: string;
  readonly requests: readonly Request[];
  close(): Promise<void>;
}

/** For every request, or for some. */
export type Troubles = Trouble | ((request: Request) => Trouble | undefined);
export type Trouble =
  | 'truncated'
  | 'html'
  | 'endless'
  | 'silent'
  /** A byte now and then, for ever. */
  | 'drip'
  | number
  | { readonly redirect: string };

/** @param trouble what requests get instead of an answer, all of them or some; a number is a status. */
export async function serve(reply: (request: Request) => Reply, trouble?: Troubles): Promise<Served> {
  const requests: Request[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const url = new URL(incoming.url ?? '/', 'http://fake');
      const body = Buffer.concat(chunks).toString();
      const request = { method: incoming.method ?? '', url, headers: incoming.headers, body };
      requests.push(request);
      const wrong = typeof trouble === 'function' ? trouble(request) : trouble;
      if (wrong === undefined) send(response, reply(request));
      else misbehave(response, wrong);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

function send(response: ServerResponse, { status = 200, headers = {}, body }: Reply): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

function misbehave(response: ServerResponse, trouble: Trouble): void {
  if (typeof trouble === 'number')
    return send(response, {
      status: trouble,
      headers: trouble === 429 ? { 'retry-after': '99' } : {},
      body: {},
    });
  if (typeof trouble === 'object')
    return send(response, { status: 307, headers: { location: trouble.redirect }, body: {} });
  if (trouble === 'truncated')
    return send(response, { body: '{"data":{"resultType":"streams","result":[{"str' });
  if (trouble === 'html')
    return send(response, { headers: { 'content-type': 'text/html' }, body: '<h1>Login</h1>' });
  if (trouble === 'silent') return;
  response.writeHead(200, { 'content-type': 'application/json' });
  if (trouble === 'drip') {
    const timer = setInterval(() => response.write(' '), 50);
    return void response.on('close', () => clearInterval(timer));
  }
  const more = (): void => {
    while (!response.destroyed && response.write('x'.repeat(1 << 20)));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
}
