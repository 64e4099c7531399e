import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyIndex } from '../../../../checks/guidance/lib/key-index.js';
import { hostFindings } from '../../../../checks/guidance/lib/shared.js';
import type { FleetHost } from '../../../../src/facts/types.js';
import { defaultPolicy } from '../../../../src/policy.js';

const NOW = new Date('2026-11-21T00:00:00Z');

function host(index: number, address: string | undefined, hostKeys: readonly string[]): FleetHost {
  return {
    name: `h${String(index).padStart(3, '0')}`,
    reached: true,
    ...(address !== undefined && { address }),
    hostKeys,
    privateKeys: [],
    staticKeys: [],
    keysWhole: true,
  };
}

function told(one: FleetHost, hosts: readonly FleetHost[]): readonly string[] {
  const policy = defaultPolicy();
  const fleet = { hosts, inventoryHosts: hosts.length };
  const outcome = { status: 'pass', because: '', evidence: [] } as const;
  return hostFindings({ host: one, outcome, fleet, policy, now: NOW }, keyIndex(fleet, policy, NOW)).map(
    ({ message }) => message.replace(/: they are .*/, ''),
  );
}

/** The same, by asking every host of every other one. */
function plainly(one: FleetHost, hosts: readonly FleetHost[]): readonly string[] {
  const lists = one.hostKeys.flatMap((key) => {
    const same = hosts.filter(
      ({ name, address, hostKeys }) =>
        hostKeys.includes(key) && (name === one.name || address === undefined || address !== one.address),
    );
    if (same.length < 2) return [];
    const names = same.map(({ name }) => name);
    const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
    return [{ key, count: names.length, text: names.slice(0, 5).join(', ') + more }];
  });
  const first = new Map(lists.toReversed().map((list) => [list.text, list]));
  return lists
    .filter((list) => first.get(list.text) === list)
    .map(({ key, count, text }) => `${count} hosts have the same host key ${key}, ${text}`);
}

test('hosts with one host key are told as if each were compared with each', () => {
  const address = fc.option(fc.constantFrom('10.0.0.1:22', '10.0.0.2:22', '10.0.0.3:22'), { nil: undefined });
  const keys = fc.uniqueArray(fc.constantFrom('SHA256:a', 'SHA256:b', 'SHA256:c'));
  fc.assert(
    fc.property(fc.array(fc.tuple(address, keys), { maxLength: 30 }), (specs) => {
      const hosts = specs.map(([at, own], index) => host(index, at, own));
      for (const one of hosts) expect(told(one, hosts)).toEqual(plainly(one, hosts));
    }),
    { seed: 20261121, numRuns: 500 },
  );
});

test('ten thousand copies of one image do not take a look at each other', () => {
  let asked = 0;
  const hosts = Array.from({ length: 10_000 }, (_, index) => {
    const own = host(index, undefined, ['SHA256:image']);
    return {
      ...own,
      get address() {
        asked += 1;
        return `10.0.${index >> 8}.${index & 255}:22`;
      },
    };
  });
  const policy = defaultPolicy();
  const fleet = { hosts, inventoryHosts: hosts.length };
  const outcome = { status: 'pass', because: '', evidence: [] } as const;
  const last = hosts.map((one) =>
    hostFindings({ host: one, outcome, fleet, policy, now: NOW }, keyIndex(fleet, policy, NOW)),
  );
  expect(last.at(-1)?.[0]?.message).toMatch(/^10000 hosts .* h000, h001, h002, h003, h004 and 9995 more:/);
  expect(asked).toBeLessThan(50 * hosts.length);
});
