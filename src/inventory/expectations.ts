/** What the inventory says must be true on one host: the checks' side of a comparison. */
import type { Expectations, Host } from '../model.js';
import type { Inventory } from './load.js';

export function expectationsOf(host: Host, inventory: Pick<Inventory, 'ca'>): Expectations {
  return {
    host: host.name,
    ...(host.environment === undefined ? {} : { environment: host.environment }),
    tags: host.tags,
    allowedPrincipals: host.allowedPrincipals,
    ...(host.principals === undefined ? {} : { principals: host.principals }),
    ...(host.accounts === undefined ? {} : { accounts: host.accounts }),
    ...(host.unlisted && { unlisted: true as const }),
    ...((host.instance !== undefined || host.transport === 'ssm') && { managedNode: true as const }),
    ca: inventory.ca,
  };
}
