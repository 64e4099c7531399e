/** Bytes of one output stream, up to a limit. */

export interface Output {
  readonly limit: number;
  /** False once there is more than may be kept; what fits is kept. */
  take(chunk: Buffer): boolean;
  bytes(): Buffer;
}

/** What is set aside when the first output comes. Bytes. */
const FIRST_BUFFER = 16 * 1024;

/**
 * Keeps the bytes in one buffer that grows by doubling: thousands of small chunks would each cost an object, and a
 * reference to a chunk would keep a whole packet buffer alive.
 * @param limit bytes kept at most
 */
export function createOutput(limit: number): Output {
  let kept = Buffer.alloc(0);
  let size = 0;
  return {
    limit,
    take: (chunk) => {
      const fits = Math.min(chunk.length, limit - size);
      if (size + fits > kept.length) {
        const room = Math.max(FIRST_BUFFER, kept.length * 2, size + fits);
        const grown = Buffer.allocUnsafeSlow(Math.min(limit, room));
        kept.copy(grown, 0, 0, size);
        kept = grown;
      }
      chunk.copy(kept, size, 0, fits);
      size += fits;
      return chunk.length <= fits;
    },
    bytes: () => kept.subarray(0, size),
  };
}
