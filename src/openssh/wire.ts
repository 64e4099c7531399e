/**
 * The byte grammar every SSH blob is written in (RFC 4251 section 5), read with sshd's strictness:
 * nothing is read past the end, integers are exact, text with a NUL inside is refused.
 */

/** The bytes are not what the format says. The message tells what was being read. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

/** OpenSSH's own limit on one integer: 16384 bits. */
const MAX_MPINT_BYTES = 2048;

/** Reads one blob from front to back. Every method throws {@link WireError} rather than read too far. */
export class WireReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** How many bytes were read. */
  get offset(): number {
    return this.#offset;
  }

  get done(): boolean {
    return this.#offset === this.#bytes.length;
  }

  /** Exactly `count` bytes: a view, not a copy. */
  bytes(count: number): Buffer {
    if (count > this.#bytes.length - this.#offset) {
      throw new WireError(
        `cut short: ${String(count)} bytes wanted at offset ${String(this.#offset)}, ` +
          `${String(this.#bytes.length - this.#offset)} left`,
      );
    }
    const start = this.#offset;
    this.#offset += count;
    return this.#bytes.subarray(start, this.#offset);
  }

  /** Everything that is left: a view, not a copy. */
  rest(): Buffer {
    return this.bytes(this.#bytes.length - this.#offset);
  }

  u8(): number {
    return this.bytes(1).readUInt8();
  }

  u32(): number {
    return this.bytes(4).readUInt32BE();
  }

  u64(): bigint {
    return this.bytes(8).readBigUInt64BE();
  }

  /** `string`: uint32 length, then that many bytes. */
  string(): Buffer {
    return this.bytes(this.u32());
  }

  /** A `string` decoded as UTF-8. Bytes that are not UTF-8 become U+FFFD, so nothing is hidden. */
  text(): string {
    return this.string().toString('utf8');
  }

  /**
   * A `string` as OpenSSH reads names (sshbuf_get_cstring): a NUL inside is refused, because C code would see
   * a shorter name than other readers do; one NUL at the very end is dropped.
   */
  name(): string {
    const bytes = this.string();
    const nul = bytes.indexOf(0);
    if (nul === -1) return bytes.toString('utf8');
    if (nul !== bytes.length - 1) throw new WireError('a NUL byte inside a text');
    return bytes.toString('utf8', 0, nul);
  }

  /** A non-negative `mpint` as its magnitude, big-endian without leading zeros (0 is no bytes). */
  mpint(): Buffer {
    const bytes = this.string();
    if ((bytes[0] ?? 0) & 0x80) throw new WireError('a negative integer');
    let start = 0;
    while (start < bytes.length && bytes[start] === 0) start += 1;
    if (bytes.length - start > MAX_MPINT_BYTES) throw new WireError('an integer of more than 16384 bits');
    return bytes.subarray(start);
  }
}

/** `uint32`, big-endian. `value` must be an integer from 0 to 2^32-1. */
export function wireU32(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(value);
  return out;
}

/** `uint64`, big-endian. `value` must be from 0 to 2^64-1. */
export function wireU64(value: bigint): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigUInt64BE(value);
  return out;
}

/** `string`: length and bytes; text is written as UTF-8. */
export function wireString(value: Uint8Array | string): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  return Buffer.concat([wireU32(bytes.length), bytes]);
}

/** `mpint` of a non-negative magnitude: shortest form, with a zero byte in front when the top bit is set. */
export function wireMpint(magnitude: Uint8Array): Buffer {
  let start = 0;
  while (start < magnitude.length && magnitude[start] === 0) start += 1;
  const bytes = magnitude.subarray(start);
  const padded = (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
  return wireString(padded);
}
