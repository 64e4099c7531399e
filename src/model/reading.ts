/** Facts: typed values parsed from evidence. */

export type UnreadableReason =
  'missing-tool' | 'denied' | 'failed' | 'truncated' | 'not-collected' | 'not-configured';

/**
 * A fact: the whole value with what is known to be missing from it, or why it could not be read.
 * A gap turns a would-be pass into unknown and leaves a fail standing.
 */
export type Reading<T> =
  | { readonly ok: true; readonly value: T; readonly gaps: readonly string[] }
  | { readonly ok: false; readonly reason: UnreadableReason; readonly detail: string };
