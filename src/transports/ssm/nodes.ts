/** Which of the instances Systems Manager can reach now. Source: DescribeInstanceInformation, API reference. */
import type { GatherFailure } from '../../model.js';
import { failure } from '../ssh/failure.js';
import type { Account } from './account.js';
import { nameOf } from './errors.js';

/** Most instances of one SendCommand, and of one page of answers. */
export const BATCH = 50;

export interface Node {
  readonly agentVersion?: string;
  readonly failure?: GatherFailure;
}

/**
 * One answer for every instance that is asked for. AWS refuses the whole question when one ID in it is wrong, so it is
 * then halved until that one is alone. @throws the SDK's error
 */
export async function describeNodes(
  account: Account,
  instances: readonly string[],
  abortSignal: AbortSignal,
): Promise<Map<string, Node>> {
  const found = new Map<string, Node>();
  try {
    let NextToken: string | undefined;
    // A page holds all of them; the bound is for an answer that has no end.
    for (let page = 0; page < 20; page += 1) {
      const answer = await account.ssm.send(
        new account.sdk.ssm.DescribeInstanceInformationCommand({
          Filters: [{ Key: 'InstanceIds', Values: [...instances] }],
          MaxResults: BATCH,
          NextToken,
        }),
        { abortSignal },
      );
      for (const one of answer.InstanceInformationList ?? []) {
        const { InstanceId: id = '', PingStatus: ping = '', PlatformType: platform = '' } = one;
        found.set(id, {
          ...(one.AgentVersion !== undefined && { agentVersion: one.AgentVersion }),
          ...reachable(id, ping, platform, one.LastPingDateTime),
        });
      }
      NextToken = answer.NextToken;
      if (NextToken === undefined || NextToken === '') break;
    }
  } catch (error) {
    if (nameOf(error) !== 'InvalidInstanceId' && nameOf(error) !== 'InvalidFilterValue') throw error;
    if (instances.length > 1) {
      const middle = Math.ceil(instances.length / 2);
      for (const half of [instances.slice(0, middle), instances.slice(middle)])
        for (const [id, node] of await describeNodes(account, half, abortSignal)) found.set(id, node);
    }
  }
  for (const id of instances) if (!found.has(id)) found.set(id, { failure: notManaged(id) });
  return found;
}

export function notManaged(instance: string): GatherFailure {
  return failure(
    'ssm-not-managed',
    'connect',
    `${instance} is not known to Systems Manager in this account and region, or is stopped`,
    'Check instance, region and role_arn; the instance needs a running SSM agent and an instance profile.',
  );
}

function reachable(
  id: string,
  ping: string,
  platform: string,
  last: Date | undefined,
): { readonly failure?: GatherFailure } {
  if (platform === 'Windows')
    return {
      failure: failure(
        'ssm-invalid-platform',
        'connect',
        `${id} is a Windows instance`,
        'Only Linux and macOS can be audited.',
      ),
    };
  if (ping === 'Online' || ping === '') return {};
  const since = last === undefined || Number.isNaN(last.getTime()) ? '' : ` since ${last.toISOString()}`;
  return {
    failure: failure(
      'ssm-agent-offline',
      'connect',
      `the SSM agent of ${id} does not answer${since} (${ping.slice(0, 40)})`,
      'Start the instance or its agent (systemctl status amazon-ssm-agent), and look at its way to AWS.',
    ),
  };
}
