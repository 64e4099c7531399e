/** Hosts that no answer comes for: lost jobs are given out again, and what cannot be had is a row with its reason. */
import type { GatherFailure } from '../model.js';
import { give, troubled, withdraw, workerThere, type Lane, type Out } from './lane.js';
import { giveUp, takeAnswers, type State } from './take.js';

/** How often one host is put into the queue, lost ones included. */
const MOST_GIVEN = 3;
/** What BullMQ says of a job whose worker was lost too often. */
const STALLED = /stalled/;
/** How often {@link look} is called. Milliseconds. */
export const LOOK_EVERY_MS = 1000;

/** Jobs that are lost or failed, and environments nobody works for. */
export async function look(state: State, stop: AbortSignal): Promise<void> {
  const { link, options } = state;
  for (const lane of state.lanes) {
    if (lane.out.size === 0) continue;
    const { missing, failed: broken } = await troubled(lane);
    // What is missing may just have been answered: what is there is taken first.
    if (missing.length > 0) await takeAnswers(state, stop);
    const again: [string, Out][] = [];
    for (const id of missing) {
      const one = lane.out.get(id);
      if (one && one.given < MOST_GIVEN) again.push([id, one]);
      else if (one)
        await giveUp(state, lane, id, lost('its answers could not be used, or got lost on the way'));
    }
    await give(lane, again, options.queueKey);
    for (const [id, why] of broken) {
      const one = lane.out.get(id);
      await withdraw(lane, [id]);
      if (one && !one.alone && STALLED.test(why)) {
        one.alone = true;
        await give(lane, [[id, one]], options.queueKey);
      } else await giveUp(state, lane, id, lost(why));
    }
    const now = performance.now();
    if (await workerThere(link, lane.queue)) lane.seen = now;
    if (now - lane.seen <= options.waitMs) continue;
    const ids = [...lane.out.keys()];
    await withdraw(lane, ids);
    for (const id of ids) await giveUp(state, lane, id, nobody(lane, options.waitMs));
  }
}

function lost(why: string): GatherFailure {
  const detail = STALLED.test(why)
    ? 'every worker that took this host was lost while it asked it, also when it had no other in hand'
    : `no worker could answer for this host: ${why.slice(0, 500)}`;
  return {
    code: 'worker-lost',
    phase: 'run',
    detail,
    hint: 'gather this host alone, with gather --host, and see what it does',
  };
}

function nobody({ environment }: Lane, waitMs: number): GatherFailure {
  const who = environment === undefined ? 'hosts without an environment' : `environment ${environment}`;
  return {
    code: 'no-worker',
    phase: 'connect',
    detail: `no worker for ${who} was there for ${Math.round(waitMs / 1000)} s`,
    hint: startHint(environment),
  };
}

function startHint(environment: string | undefined): string {
  return `start one: ssh-scorecard worker --queue URL${environment === undefined ? '' : ` --environment ${environment}`}`;
}

export function remind({ lanes, options }: State, now: number): void {
  for (const { out, environment, seen } of lanes)
    if (out.size > 0 && now - seen > 3 * LOOK_EVERY_MS)
      options.say(`${out.size} hosts wait for a worker: ${startHint(environment)}`);
}
