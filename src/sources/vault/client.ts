/** Requests to Vault and OpenBao: `/v1/`, token and namespace in headers, LIST as `GET ?list=true`. */
import { createHttp } from '../http.js';
import type { Http, HttpResult } from '../http-types.js';
import { SourceProblem } from '../problem.js';
import { resolveSecret } from '../secret.js';
import type { VaultSettings } from '../settings/vault.js';
import type { SourceContext } from '../source.js';

export interface VaultClient {
  /** @param namespace empty for the root namespace. */
  get(namespace: string, path: string, options?: { accept?: readonly string[] }): Promise<HttpResult>;
  list(namespace: string, path: string): Promise<HttpResult>;
  post(namespace: string, path: string, body: unknown): Promise<HttpResult>;
  close(): Promise<void>;
}

/** @throws SourceProblem without a token, or when a file it needs cannot be read. */
export async function openVault(settings: VaultSettings, context: SourceContext): Promise<VaultClient> {
  const token = await tokenOf(settings, context);
  const http = await createHttp(settings, context, {
    // Agents and proxies of Vault may insist on the second header (require_request_header).
    headers: { 'x-vault-token': token, 'x-vault-request': 'true' },
    secrets: [token],
  });
  return clientOver(http);
}

function clientOver(http: Http): VaultClient {
  const within = (namespace: string): Record<string, string> =>
    namespace === '' ? {} : { 'x-vault-namespace': `${namespace}/` };
  return {
    get: (namespace, path, { accept } = {}) =>
      http.get(`v1/${escaped(path)}`, { headers: within(namespace), ...(accept && { accept }) }),
    list: (namespace, path) =>
      http.get(`v1/${escaped(path)}`, { headers: within(namespace), query: { list: 'true' } }),
    post: (namespace, path, body) =>
      http.post(`v1/${escaped(path)}`, { headers: within(namespace), body, retry: true }),
    close: () => http.close(),
  };
}

/** Names come from the other side: none may lead out of its place. A dot segment would be resolved away. */
function escaped(path: string): string {
  return path
    .split('/')
    .map((segment) =>
      /^\.{1,2}$/.test(segment) ? segment.replaceAll('.', '%252E') : encodeURIComponent(segment),
    )
    .join('/');
}

/** The settings' credential, else what the vault and bao programs themselves look at. */
async function tokenOf(settings: VaultSettings, context: SourceContext): Promise<string> {
  const given = await resolveSecret(settings, context);
  const names = settings.type === 'openbao' ? ['BAO_TOKEN', 'VAULT_TOKEN'] : ['VAULT_TOKEN'];
  const name = names.find((one) => context.env[one]);
  const token = given ?? (name === undefined ? null : await resolveSecret({ token_env: name }, context));
  if (token !== null) return token;
  throw new SourceProblem({
    code: 'credential',
    detail: 'there is no token',
    hint: `name token_env, token_file or token_command in sources.vault, or set ${names.join(' or ')}`,
  });
}
