/** What the auditor should know of its own AWS access before it is used. */
import { pause } from '../ssh/stop.js';
import type { Advice } from '../transport.js';
import { callerText, lifeText, type Account, type Place } from './account.js';
import { awsFailure } from './errors.js';

/** A session that ends sooner may end within the run. */
const SHORT_MS = 30 * 60_000;
/** No run waits longer than this for a statement about itself. */
const PATIENCE_MS = 20_000;

/** Never rejects: what cannot be told now shows at every host. */
export async function adviceOf(
  opening: Promise<Account>,
  { region, roleArn }: Place,
  now: () => number,
  signal: AbortSignal,
): Promise<readonly Advice[]> {
  const where = [region, roleArn].filter((part) => part !== undefined).join(', ');
  const named = where === '' ? '' : ` (${where})`;
  const answered = new AbortController();
  try {
    const caller = await Promise.race([
      opening.then((account) => account.caller()),
      pause(PATIENCE_MS, AbortSignal.any([signal, answered.signal])).then(() => null),
    ]);
    if (caller === null) return [{ level: 'problem', text: `AWS does not answer${named}` }];
    const left = caller.expiresAt === undefined ? undefined : caller.expiresAt - now();
    const life = left === undefined ? '' : `; the session ends in ${lifeText(left)}`;
    return [
      { level: 'ok', text: `${callerText(caller)}${named}${life}` },
      ...(left !== undefined && left < SHORT_MS
        ? [
            {
              level: 'warning',
              text: `the AWS session ends in ${lifeText(left)}: sign in again first`,
            } as const,
          ]
        : []),
      ...(caller.longLived
        ? [
            {
              level: 'warning',
              text: 'the auditor uses a long-lived AWS access key (AKIA…), which the directive would not accept of others: use a role or single sign-on',
            } as const,
          ]
        : []),
    ];
  } catch (error) {
    return [{ level: 'problem', text: awsFailure(error, 'login', `AWS${named}`).detail }];
  } finally {
    answered.abort();
  }
}
