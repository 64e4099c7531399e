/** Pinned host keys: what the inventory may hold, and what to say when it holds something else. */
import { parsePublicKeyLine } from '../openssh/public-key.js';
import { quoted } from './problem.js';
import { fingerprintProblem } from './values.js';

const EXPECTED =
  'expected SHA256:… or a public key line like "ssh-ed25519 AAAA…"; print it with: ssh-keyscan HOST';

/** Null for `SHA256:…` and for a public key line; else one line. Never repeats private key text. */
export function hostKeyProblem(text: string): string | null {
  if (text.includes('PRIVATE KEY'))
    return `this is a private key, which belongs in no inventory: ${EXPECTED}`;
  if (/[\r\n]/.test(text)) return `one host key per list entry: ${EXPECTED}`;
  if (!/\s/.test(text)) return fingerprintProblem(text);
  const key = parsePublicKeyLine(text);
  if (key === null) return `${quoted(text)} is not a public key: ${EXPECTED}`;
  if (key.type.includes('-cert-'))
    return `a certificate cannot be pinned, it changes: give the key itself or trust its CA with @cert-authority in known_hosts`;
  return null;
}
