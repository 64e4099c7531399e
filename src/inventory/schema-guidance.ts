/** What the guidance is judged by: the `guidance:` part of a policy. Defaults are in src/policy.ts. */
import { z } from 'zod';
import type { GuidancePolicy } from '../model.js';
import { line, wholeNumber } from './fields.js';

export const guidanceSchema = z
  .strictObject({
    strict: z
      .boolean()
      .describe('Let guidance count for the exit code, as --strict-guidance does. Default: false.')
      .optional(),
    shell_accounts: z
      .array(line)
      .describe(
        'Accounts that need a shell besides those of administrators; "*" and "?" are wildcards. Default: none.',
      )
      .optional(),
    tunnel_accounts: z
      .array(line)
      .describe('Accounts that are for port forwarding alone; "*" and "?" are wildcards. Default: none.')
      .optional(),
    root_sessions: wholeNumber(0, 100_000)
      .describe(
        'How many logins as root and root shells of people a host may see in the login window. Default: 0.',
      )
      .optional(),
    privileged_sessions: wholeNumber(0, 100_000)
      .describe(
        'In how many sessions people may run something as root on a host in the login window. Default: 5.',
      )
      .optional(),
    session_hours: wholeNumber(1, 8760)
      .describe('How many hours a session over SSH may last. Default: 12.')
      .optional(),
    cloud_session_hours: wholeNumber(1, 8760)
      .describe('How many hours credentials of AWS may live that are not an access key. Default: 8.')
      .optional(),
  })
  .describe('What the guidance is judged by: checks beyond the ten, shown apart and never scored.');

/** `given` has passed the schema. */
export function guidanceFrom(
  given: z.output<typeof guidanceSchema> = {},
  defaults: GuidancePolicy,
): GuidancePolicy {
  return {
    strict: given.strict ?? defaults.strict,
    shellAccounts: given.shell_accounts ?? defaults.shellAccounts,
    tunnelAccounts: given.tunnel_accounts ?? defaults.tunnelAccounts,
    rootSessions: given.root_sessions ?? defaults.rootSessions,
    privilegedSessions: given.privileged_sessions ?? defaults.privilegedSessions,
    sessionHours: given.session_hours ?? defaults.sessionHours,
    cloudSessionHours: given.cloud_session_hours ?? defaults.cloudSessionHours,
  };
}
