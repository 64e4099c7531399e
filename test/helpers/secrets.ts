/** Whether anything secret of a key stands in an output, however often it was encoded. */
import { createPrivateKey, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { WireReader } from '../../src/openssh/wire.js';

/** The secret numbers of a key, or its encrypted half: nothing of them may leave the host. */
export interface Secret {
  readonly name: string;
  readonly bytes: readonly Buffer[];
}

/** Binary, but of one line: tools differ in what a NUL does to the count of lines. */
export function junk(length: number): Buffer {
  return Buffer.from(randomBytes(length).map((byte) => (byte === 10 || byte === 0 ? 255 : byte)));
}

function bodyOf(text: string): string[] {
  return text.split('\n').filter((line) => /^[A-Za-z0-9+/=]{8,}$/.test(line));
}

/** Everything behind the public half of an OpenSSH key that is no copy of it (PROTOCOL.key). */
export function opensshSecret(path: string): Secret {
  const lines = bodyOf(readFileSync(path, 'utf8'));
  const blob = Buffer.from(lines.join(''), 'base64');
  const reader = new WireReader(blob.subarray(15));
  const cipher = reader.string().toString();
  reader.string();
  reader.string();
  reader.u32();
  const publicHalf = reader.string();
  const rest = reader.string();
  const bytes = cipher === 'none' ? openNumbers(rest, publicHalf) : [rest];
  return { name: path, bytes };
}

function openNumbers(section: Buffer, publicHalf: Buffer): Buffer[] {
  const reader = new WireReader(section.subarray(8));
  const type = reader.string().toString();
  if (type.startsWith('sk-')) return [];
  if (type === 'ssh-ed25519') {
    reader.string();
    return [reader.string().subarray(0, 32)];
  }
  const fields: Buffer[] = [];
  while (!reader.done && fields.length < (type === 'ssh-rsa' ? 6 : 3)) fields.push(reader.string());
  return fields.filter((field) => field.length > 8 && !publicHalf.includes(field));
}

export function pemSecret(path: string): Secret {
  const text = readFileSync(path, 'utf8');
  const lines = bodyOf(text);
  if (/ENCRYPTED/.test(text)) return { name: path, bytes: [Buffer.from(lines.join(''), 'base64')] };
  const jwk = createPrivateKey(text).export({ format: 'jwk' });
  const bytes = [jwk.d, jwk.p, jwk.q, jwk.dp].flatMap((number) =>
    number === undefined ? [] : [Buffer.from(number, 'base64url')],
  );
  return { name: path, bytes };
}

/** All bytes of the output, and everything in it that is encoded, to any depth. */
function everyLayer(bytes: Buffer): Buffer[] {
  const layers = [bytes];
  for (let at = 0; at < layers.length; at += 1) {
    if (layers.length > 200_000) throw new Error('too many layers to search them all');
    const text = layers[at]?.toString('latin1') ?? '';
    for (const [run] of text.matchAll(/[A-Za-z0-9+/]{20,}={0,2}/g)) {
      for (let shift = 0; shift < 4 && run.length - shift >= 16; shift += 1)
        layers.push(Buffer.from(run.slice(shift), 'base64'));
    }
    for (const [run] of text.matchAll(/\b[0-9a-f]{20,}\b/g)) layers.push(Buffer.from(run, 'hex'));
  }
  return layers;
}

export function leaks(output: Buffer, secrets: readonly Secret[]): string[] {
  const layers = everyLayer(output);
  return secrets.flatMap(({ name, bytes }) =>
    bytes.flatMap((secret) => {
      const windows = Array.from({ length: Math.max(1, secret.length - 11) }, (_, at) =>
        secret.subarray(at, at + 12),
      ).filter((_, at) => at % 4 === 0);
      return windows.some((window) => layers.some((layer) => layer.includes(window)))
        ? [`a secret number of ${name}`]
        : [];
    }),
  );
}
