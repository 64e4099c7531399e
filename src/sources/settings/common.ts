/** Settings that sources share: where to connect, and where the credential comes from. No secrets in the inventory. */
import { z } from 'zod';
import { duration, line, path } from '../../inventory/fields.js';
import { quoted } from '../../inventory/problem.js';

const HOUR = 3600;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Null for a good one. Plain HTTP would show the credential to the network and let it answer in the server's place. */
function urlProblem(text: string): string | null {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    return `${quoted(text)} is not a URL: expected https://host[:port][/path]`;
  }
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    return 'a URL must not hold a login: use token_env, token_file or token_command';
  }
  if (url.search !== '' || url.hash !== '') return `${quoted(text)}: expected a URL without "?" and "#"`;
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    return `${quoted(text)}: expected https://; plain http is accepted for loopback addresses only`;
  }
  return null;
}

export const url = z
  .string()
  .superRefine((value, context) => {
    const message = urlProblem(value);
    if (message !== null) context.addIssue({ code: 'custom', message });
  })
  .meta({
    minLength: 1,
    maxLength: 2000,
    pattern: '^https?://',
    examples: ['https://vault.example.com:8200'],
  })
  .describe('Base URL of the API. Plain http is accepted for loopback addresses only.');

/** Spread into a strictObject. */
export const endpoint = {
  url,
  ca_file: path
    .describe(
      'PEM file of the CA that signed the certificate of the server. Relative to the inventory. Absent: the CAs of Node.',
    )
    .optional(),
  client_certificate_file: path.describe('PEM file of a client certificate (mutual TLS).').optional(),
  client_key_file: path.describe('PEM file of the key of the client certificate.').optional(),
};

const variable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'expected the name of an environment variable, not its value');

/** Spread into a strictObject; give the object to {@link atMostOneToken} afterwards. */
export const credential = {
  token_env: variable.describe('Environment variable that holds the token.').optional(),
  token_file: path
    .describe('File that holds the token and nothing else; it must not be readable by everybody.')
    .optional(),
  token_command: z
    .array(line)
    .min(1)
    .describe('Program and arguments that print the token. No shell.')
    .optional(),
};

/** Spread into a strictObject. */
export const patience = {
  timeout: duration(1, HOUR).describe('Time for the whole source, 1s to 1h. Default: 2m.').optional(),
};

/** For `superRefine`. */
export function atMostOneToken(
  given: {
    readonly token_env?: string | undefined;
    readonly token_file?: string | undefined;
    readonly token_command?: readonly string[] | undefined;
  },
  context: z.RefinementCtx,
): void {
  const named = (['token_env', 'token_file', 'token_command'] as const).filter(
    (key) => given[key] !== undefined,
  );
  if (named.length < 2) return;
  context.addIssue({
    code: 'custom',
    path: [named[1] ?? 'token_file'],
    message: `${named.join(' and ')} exclude each other: expected one`,
  });
}
