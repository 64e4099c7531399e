/** What the stores with an HTTP API share: the credential and the connection. */
import { createHttp } from '../http.js';
import type { EndpointSettings, Http } from '../http-types.js';
import { SourceProblem } from '../problem.js';
import { resolveSecret } from '../secret.js';
import type { SecretSpec, SourceContext } from '../source.js';

const MiB = 1024 * 1024;

export async function openStore(
  settings: EndpointSettings & SecretSpec & { readonly username?: string | undefined },
  context: SourceContext,
  scheme: 'Bearer' | 'ApiKey',
  headers: Readonly<Record<string, string>> = {},
): Promise<Http> {
  const token = await resolveSecret(settings, context);
  const { username } = settings;
  if (username !== undefined && token === null)
    throw new SourceProblem({
      code: 'credential',
      detail: 'there is a username, but no token to go with it',
    });
  const basic = Buffer.from(`${username ?? ''}:${token ?? ''}`).toString('base64');
  const authorization = username === undefined ? `${scheme} ${token ?? ''}` : `Basic ${basic}`;
  return createHttp(settings, context, {
    headers: { ...headers, ...(token !== null && { authorization }) },
    secrets: token === null ? [] : [token, basic],
    maxBytes: 32 * MiB,
  });
}
