/**
 * How the AWS SDK connects for a source: as every other source does, through the proxy of the environment, with an own CA
 * where one is named, without redirects, and bounded in bytes. The SDK's own client knows neither proxies nor bounds.
 */
import { Readable } from 'node:stream';
import { request } from 'undici';
import { dispatcherFor } from '../http.js';
import type { SourceContext } from '../source.js';

/** The part of a request of the SDK that is sent (smithy, HttpRequest). */
interface AwsRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly body?: string | Uint8Array;
}

interface AwsResponse {
  readonly response: {
    readonly statusCode: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Readable;
  };
}

export interface AwsHandler {
  handle(given: AwsRequest, options?: { readonly abortSignal?: AbortSignal }): Promise<AwsResponse>;
  destroy(): void;
}

/** @throws SourceProblem when a certificate file cannot be read, or the proxy is none. */
export async function awsHandler(
  settings: { readonly ca_file?: string | undefined },
  context: SourceContext,
  maxBytes: number,
): Promise<AwsHandler> {
  const dispatcher = await dispatcherFor(settings, context);
  return {
    handle: async ({ protocol, hostname, port, path, method, headers, query = {}, body }, options = {}) => {
      const url = new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`);
      for (const [name, values] of Object.entries(query))
        for (const value of [values ?? ''].flat()) url.searchParams.append(name, value);
      const { abortSignal = context.signal } = options;
      const answer = await request(url, {
        method: method as 'POST',
        headers: { ...headers },
        dispatcher,
        signal: AbortSignal.any([abortSignal, context.signal]),
        ...(body !== undefined && { body }),
      });
      const bytes = await bounded(answer.body, maxBytes);
      const plain = Object.entries(answer.headers).map(([name, value]) => [
        name,
        [value ?? ''].flat().join(', '),
      ]);
      return {
        response: {
          statusCode: answer.statusCode,
          headers: Object.fromEntries(plain) as Record<string, string>,
          body: Readable.from([bytes]),
        },
      };
    },
    destroy: () => void dispatcher.destroy(),
  };
}

/** @throws when there is more: half an answer of the SDK's is none. */
async function bounded(body: AsyncIterable<unknown>, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of body) {
    chunks.push(chunk as Buffer);
    total += (chunk as Buffer).length;
    if (total > most) throw new Error(`the answer is larger than ${most} bytes`);
  }
  return Buffer.concat(chunks);
}
