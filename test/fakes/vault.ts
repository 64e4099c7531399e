/**
 * A Vault or OpenBao on loopback: the answers of its API documentation over real HTTP(S). What it holds is a plain
 * object; what it does wrong is switched on by path.
 */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface FakeMount {
  readonly type: string;
  readonly publicKey?: string;
  readonly managedKey?: string;
  /** OpenBao: names of further keys to their public halves. */
  readonly issuers?: Readonly<Record<string, string>>;
  readonly roles?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly maxLease?: number;
}

interface FakeNamespace {
  readonly mounts: Readonly<Record<string, FakeMount>>;
  readonly audit: Readonly<Record<string, unknown>>;
  readonly policies: Readonly<Record<string, string>>;
  readonly children?: readonly string[];
}

export interface FakeVault {
  readonly token: string;
  /** By name; the root namespace is the empty text. */
  readonly namespaces: Readonly<Record<string, FakeNamespace>>;
  readonly seal?: Readonly<Record<string, unknown>>;
  /** The `data` of auth/token/lookup-self. */
  readonly self?: Readonly<Record<string, unknown>>;
  /** What sys/audit-hash answers for a text; without it no device has a salt. */
  readonly hash?: (text: string) => string;
  /** Capabilities by path, for sys/capabilities-self. */
  readonly capabilities?: (path: string) => readonly string[];
  /** A path (without `/v1/`) to what happens there instead. */
  readonly wrong?: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>>;
}

export interface Running {
  readonly url: string;
  /** `GET /v1/…` of every request, in order. */
  readonly asked: readonly string[];
  stop(): Promise<void>;
}

export const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
};

export const errors =
  (status: number, ...messages: string[]) =>
  (_: IncomingMessage, response: ServerResponse): void =>
    json(response, status, { errors: messages });

/** Starts a server of any kind on a free loopback port. */
export async function serve(listener: RequestListener, tls?: ServerOptions): Promise<Running> {
  const asked: string[] = [];
  const handle: RequestListener = (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    listener(request, response);
  };
  const server = tls === undefined ? createServer(handle) : createTlsServer(tls, handle);
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    asked,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

export function startVault(fake: FakeVault, tls?: ServerOptions): Promise<Running> {
  return serve((request, response) => answer(fake, request, response), tls);
}

function answer(fake: FakeVault, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const path = decodeURIComponent(url.pathname).replace(/^\/v1\//, '');
  const wrong = fake.wrong?.[path];
  if (wrong !== undefined) return wrong(request, response);
  if (path === 'sys/seal-status') return json(response, 200, { ...SEAL, ...fake.seal });
  const name = String(request.headers['x-vault-namespace'] ?? '').replace(/\/$/, '');
  const flat = Object.keys(fake.namespaces).join() === '';
  const namespace = fake.namespaces[flat ? '' : name];
  const publicKey = Object.entries(namespace?.mounts ?? {}).find(([mount]) => path === `${mount}public_key`);
  if (publicKey !== undefined) return plainKey(publicKey[1], response);
  if (request.headers['x-vault-token'] !== fake.token || namespace === undefined) {
    return json(response, 403, { errors: ['permission denied'] });
  }
  if (path === 'auth/token/lookup-self')
    return json(response, 200, envelope({ id: fake.token, ...fake.self }));
  if (path === 'sys/capabilities-self') return void capabilities(fake, request, response);
  if (path.startsWith('sys/audit-hash/')) return void hashed(fake, namespace, path, request, response);
  if (path === 'sys/namespaces' && flat && namespace.children === undefined)
    return json(response, 404, { errors: ['enterprise-only feature'] });
  if (
    path.endsWith('/config/ca') &&
    namespace.mounts[path.slice(0, -'config/ca'.length)]?.publicKey === undefined
  )
    return json(response, 400, { errors: ["keys haven't been configured yet"] });
  const data = dataOf(namespace, path, url.searchParams.get('list') === 'true');
  if (data === null) {
    const mounted = Object.keys(namespace.mounts).some((mount) => path.startsWith(mount));
    const errors =
      mounted || path.startsWith('sys/') ? [] : [`no handler for route "${path}". route entry not found.`];
    return json(response, 404, { errors });
  }
  // Tables of the system stand beside `data`, too.
  const beside = /^sys\/(?:mounts|audit|auth)(?:\/|$)/.test(path) ? data : {};
  json(response, 200, { ...(beside as object), ...(envelope(data) as object) });
}

const SEAL = {
  type: 'shamir',
  initialized: true,
  sealed: false,
  t: 3,
  n: 5,
  progress: 0,
  nonce: '',
  version: '1.17.6',
  migration: false,
  cluster_name: 'vault-cluster-1',
  recovery_seal: false,
  storage_type: 'raft',
};

function envelope(data: unknown): unknown {
  const common = { request_id: '7c3d2c1e', lease_id: '', renewable: false, lease_duration: 0 };
  return { ...common, data, wrap_info: null, warnings: null, auth: null, mount_type: 'system' };
}

function dataOf({ mounts, audit, policies, children }: FakeNamespace, path: string, list: boolean): unknown {
  if (path === 'sys/mounts') {
    return Object.fromEntries(
      Object.entries(mounts).map(([mount, { type }]) => [
        mount,
        { type, accessor: `${type}_1`, config: { default_lease_ttl: 0, max_lease_ttl: 0 }, options: null },
      ]),
    );
  }
  if (path === 'sys/audit') return audit;
  if (path === 'sys/auth') return { 'token/': { type: 'token' }, 'ldap/': { type: 'ldap' } };
  if (path === 'sys/namespaces') return list && children ? { keys: children.map((one) => `${one}/`) } : null;
  if (path === 'sys/policies/acl') return list ? { keys: ['root', ...Object.keys(policies)] } : null;
  if (path.startsWith('sys/policies/acl/')) {
    const name = path.slice('sys/policies/acl/'.length);
    return Object.hasOwn(policies, name) ? { name, policy: policies[name] } : null;
  }
  for (const [mount, one] of Object.entries(mounts)) {
    if (path === `sys/mounts/${mount}tune`) {
      return {
        default_lease_ttl: 2_764_800,
        max_lease_ttl: one.maxLease ?? 2_764_800,
        force_no_cache: false,
      };
    }
    if (one.type !== 'ssh' || !path.startsWith(mount)) continue;
    const rest = path.slice(mount.length);
    if (rest === 'issuers') return list && one.issuers ? issuersOf(one.issuers) : null;
    if (rest === 'roles') {
      const keys = Object.keys(one.roles ?? {});
      const info = keys.map((name) => [name, { key_type: one.roles?.[name]?.['key_type'] }]);
      return list && keys.length > 0 ? { keys, key_info: Object.fromEntries(info) as object } : null;
    }
    if (rest.startsWith('roles/')) return one.roles?.[rest.slice('roles/'.length)] ?? null;
    if (rest === 'config/ca' && one.publicKey !== undefined) {
      return { public_key: one.publicKey, ...(one.managedKey && { managed_key_name: one.managedKey }) };
    }
  }
  return null;
}

function issuersOf(issuers: Readonly<Record<string, string>>): unknown {
  const ids = Object.keys(issuers).map((_, index) => `3f0a-${index}`);
  const info = Object.entries(issuers).map(([name, key], index) => [
    ids[index] ?? '',
    { issuer_name: name, is_default: index === 0, public_key: key },
  ]);
  return { keys: ids, key_info: Object.fromEntries(info) as object };
}

function plainKey({ publicKey }: FakeMount, response: ServerResponse): void {
  if (publicKey === undefined) return json(response, 404, { errors: [] });
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.end(publicKey);
}

/** Any text of a device that is there; the answer stands in `data` and beside it. */
async function hashed(
  { hash }: FakeVault,
  { audit }: FakeNamespace,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const { input = '' } = JSON.parse(body) as { input?: string };
  const device = path.slice('sys/audit-hash/'.length);
  if (hash === undefined || !Object.hasOwn(audit, `${device}/`))
    return json(response, 400, { errors: [`unknown audit backend ${device}/`] });
  if (input === '') return json(response, 400, { errors: ["the 'input' parameter is empty"] });
  const data = { hash: hash(input) };
  json(response, 200, { ...data, ...(envelope(data) as object) });
}

async function capabilities(
  fake: FakeVault,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const { paths } = JSON.parse(body) as { paths: string[] };
  const held = Object.fromEntries(paths.map((path) => [path, fake.capabilities?.(path) ?? ['deny']]));
  json(response, 200, { ...(envelope(held) as object), ...held });
}
