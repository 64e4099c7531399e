import { expect, it } from 'vitest';
import { expectationsOf } from '../../src/inventory/expectations.js';
import { loadInventory } from '../../src/inventory/load.js';

it('carries over what checks compare with, and nothing about how to log in', () => {
  const inventory = loadInventory({
    path: 'i',
    text: `ca: { trusted_user_ca_keys: /etc/ssh/other.pub }
hosts:
- { name: a, user: x, port: 2, environment: prod, tags: [t], principals: { ops: [adm-x] }, host_key: [] }
- { name: b, allowed_principals: { agt: [agt-x] } }
accounts: { agt: [agent] }`,
  });
  const ca = { trustedUserCaKeys: '/etc/ssh/other.pub', fingerprints: [] };
  const accounts = { adm: [], agt: ['agent'], atm: [] };
  expect(inventory.hosts.map((host) => expectationsOf(host, inventory))).toEqual([
    {
      host: 'a',
      environment: 'prod',
      tags: ['t'],
      allowedPrincipals: { adm: ['adm-x'], agt: [], atm: [] },
      principals: { ops: ['adm-x'] },
      accounts,
      ca,
    },
    { host: 'b', tags: [], allowedPrincipals: { adm: [], agt: ['agt-x'], atm: [] }, accounts, ca },
  ]);
});
