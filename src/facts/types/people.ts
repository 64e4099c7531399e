/** Who is here and who has left, as a file in the inventory's repository says. */

export interface Person {
  /**
   * What they go by in access: key IDs, principals, accounts, comments and `SHA256:…` fingerprints of their keys. The
   * first is how findings name them.
   */
  readonly names: readonly [string, ...string[]];
  /** `left` also without a day; null: only the day says. */
  readonly status: 'active' | 'left' | null;
  /** Milliseconds since the epoch: the end of the last day. Null: the file names none. */
  readonly left: number | null;
  /** `people.csv:3`. */
  readonly from: string;
}
