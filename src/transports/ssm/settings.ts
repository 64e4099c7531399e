/** What the caller decides for all hosts that are reached by AWS Run Command. */

export interface SsmSettings {
  /** The environment the AWS SDK reads too; a switch against its notice about old Node versions is set in it. */
  readonly env: NodeJS.ProcessEnv;
  /** Milliseconds since the epoch: the clock sessions are judged by. */
  readonly now: () => number;
  /** Log group for output that is longer than Run Command hands out itself. */
  readonly logGroup?: string;
  /**
   * Finds an installed package and throws when it is absent, as `require.resolve` does. Given by tests, which cannot
   * uninstall one.
   */
  readonly findPackage?: (name: string) => void;
}

/** Name of the variable with the external ID for `role_arn`: it is agreed with the owner of the role, so no flag. */
export const EXTERNAL_ID = 'SSH_SCORECARD_AWS_EXTERNAL_ID';
