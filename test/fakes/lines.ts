/** What a fake log store holds. */
export interface StoredLine {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly host: string;
  readonly line: string;
}
