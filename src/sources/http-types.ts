/** What the HTTP client of the sources takes and gives. */
import type { SourceAnswer, SourceFailure } from '../model.js';

/** The part of a source's settings that says where and how to connect (settings/common.ts `endpoint`). */
export interface EndpointSettings {
  readonly url: string;
  readonly ca_file?: string | undefined;
  readonly client_certificate_file?: string | undefined;
  readonly client_key_file?: string | undefined;
}

export interface HttpOptions {
  /** Sent with every request: the credential belongs here. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Values that must not appear in what is kept or said. */
  readonly secrets?: readonly string[];
  /** Milliseconds for one request, its body included. */
  readonly requestTimeout?: number;
  /** Bytes of one answer that are read; default 8 MiB. */
  readonly maxBytes?: number;
  /** Milliseconds before the first repetition; doubles each time. */
  readonly backOff?: number;
}

export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | readonly string[]>>;
  /** Media types an answer may have; null for any. Default: JSON. */
  readonly accept?: readonly string[] | null;
  readonly maxBytes?: number;
  /** Whether to repeat after 429, 502, 503, 504 and lost connections. Default: for GET only. */
  readonly retry?: boolean;
}

export interface PostOptions extends RequestOptions {
  /** Text is sent as it is; anything else as JSON. */
  readonly body?: unknown;
}

/** `answer` is there whenever the server sent one, also with a failure. Header names are lower case. */
export type HttpResult =
  | {
      readonly ok: true;
      readonly answer: SourceAnswer;
      readonly headers: Readonly<Record<string, string>>;
    }
  | {
      readonly ok: false;
      readonly failure: SourceFailure;
      readonly answer?: SourceAnswer;
      readonly headers: Readonly<Record<string, string>>;
    };

export interface Http {
  /** @param path below the endpoint's URL, or a whole URL of the same origin (for paging links). */
  get(path: string, options?: RequestOptions): Promise<HttpResult>;
  post(path: string, options?: PostOptions): Promise<HttpResult>;
  delete(path: string, options?: RequestOptions): Promise<HttpResult>;
  close(): Promise<void>;
}
