/** Parts of a fleet for several machines: which host belongs to which depends on its name alone. */
import { createHash } from 'node:crypto';
import { UserError } from '../errors.js';

/** `index` counts from 1. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

const MOST = 1000;

/** `2/4`. @throws UserError for anything but 1 <= i <= n <= 1000. */
export function parseShard(text: string): Shard {
  const [, index, of] = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(text) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  if (shard.index <= shard.of && shard.of <= MOST) return shard;
  throw new UserError('bad-option', `--shard: expected I/N with 1 <= I <= N <= ${MOST}, got "${text}"`, {
    hint: 'for example --shard 2/4: the second of four parts',
  });
}

/**
 * The first 48 bits of the SHA-256 of the lower-cased name, modulo N: adding or removing a host moves no other, on
 * any machine and in any version.
 */
export function inShard(host: string, shard: Shard): boolean {
  const hash = createHash('sha256').update(host.toLowerCase()).digest();
  return (hash.readUIntBE(0, 6) % shard.of) + 1 === shard.index;
}
