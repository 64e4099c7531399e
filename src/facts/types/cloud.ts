/** Credentials of a cloud. No secret is in them, and no whole key ID: `AKIA…WXYZ`. */

/** A long-lived access key of AWS on a host. Source: IAM user guide, "IAM identifiers" (AKIA). */
export interface CloudKey {
  readonly id: string;
  /** Something that looks like its secret stands in the same file or environment. */
  readonly secret: boolean;
  /** The file, or the name of the program whose environment holds it. */
  readonly place: 'file' | 'process';
  readonly path: string;
  readonly line?: number;
  readonly owner: string;
}

/** What the auditor's own environment and AWS files hold. */
export interface AuditorCloud {
  readonly keys: readonly {
    readonly id: string;
    /** `the environment`, `~/.aws/credentials:2 [prod]`. */
    readonly from: string;
    readonly longLived: boolean;
    /** Milliseconds since the epoch; null: nothing says. */
    readonly expires: number | null;
  }[];
  /** Sessions that profiles ask for: `duration_seconds`. */
  readonly sessions: readonly { readonly from: string; readonly seconds: number }[];
}
