/** The second look: what no host shows alone, once all of them were judged. Pure; nothing of a host is read again. */
import { messageOf } from './errors.js';
import { waysOf } from './crossings.js';
import { resultOf, type JudgeContext, type JudgedHost } from './evaluate.js';
import type { FleetHost, FleetIndex } from './facts/types.js';
import type { Inventory } from './inventory/load.js';
import type { AnyCheck, CheckResult, FleetLook, HostReport, Outcome, RunInfo } from './model.js';
import { createSharing } from './sharing.js';

/** Characters of JSON: outcomes of a comparison are few, and short. */
const REMEMBERED = 256 * 1024;

type Comparing = Pick<JudgeContext, 'plugins' | 'guidance'> & {
  readonly inventory: Pick<Inventory, 'policy'>;
};

/**
 * The hosts' reports, outcomes of checks that compare hosts looked at again. A comparison can take a pass away, or say
 * more of what is wrong; what could not be proven on the host itself it never makes a pass.
 */
export function lookAgain(
  judged: readonly JudgedHost[],
  { plugins, guidance, inventory }: Comparing,
  run: RunInfo,
): readonly HostReport[] {
  const comparing = new Map(
    [...plugins, ...guidance]
      .filter((check) => check.compare !== undefined)
      .map((check) => [check.meta.id, check]),
  );
  if (comparing.size === 0) return judged.map(({ report }) => report);
  const known = new Map(judged.map((one) => [one.report.name, fleetHost(one)]));
  const fleet: FleetIndex = {
    hosts: [...known.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    inventoryHosts: run.inventory.hosts,
  };
  const context = { policy: inventory.policy, now: new Date(run.now) };
  const share = createSharing(REMEMBERED);
  return judged.map(({ report }) => {
    const host = known.get(report.name);
    const again = (result: CheckResult): CheckResult => {
      const check = comparing.get(result.id);
      if (!check || !host) return result;
      const look = { host, outcome: result.outcome, fleet, ...context };
      const outcome = compared(check, look);
      return outcome === result.outcome ? result : share(resultOf(check, host.name, outcome, context));
    };
    return { ...report, extra: report.extra.map(again), guidance: report.guidance.map(again) };
  });
}

function compared(check: AnyCheck, look: FleetLook): Outcome {
  try {
    const outcome = check.compare?.(look) ?? look.outcome;
    return outcome.status === 'pass' && look.outcome.status !== 'pass' ? look.outcome : outcome;
  } catch (error) {
    return {
      status: 'unknown',
      reason: 'check-crashed',
      detail: `the check ${check.meta.id} crashed while it compared hosts: ${messageOf(error)}`,
    };
  }
}

function fleetHost({ report, summary }: JudgedHost): FleetHost {
  const { name, environment, connection, failure, access } = report;
  // Another program logged in for Ansible's evidence: how, it does not say.
  const known = connection && connection.transport !== 'ansible';
  return {
    name,
    ...(environment !== undefined && { environment }),
    reached: access !== undefined || failure === undefined,
    ...(connection && { address: `${connection.address}:${connection.port}` }),
    ...(known && { ways: waysOf(connection) }),
    hostKeys: [
      ...new Set([...(connection?.hostKey ? [connection.hostKey.fingerprint] : []), ...summary.hostKeys]),
    ],
    privateKeys: summary.privateKeys,
    staticKeys: access?.staticKeys ?? [],
    keysWhole:
      !summary.privateKeysPartial && access !== undefined && !access.partial && failure === undefined,
  };
}
