/** Section 6.1, first condition: ten of ten on every host of the inventory. */
import type { ClosureInput } from './input.js';
import type { Condition, EvidenceRef } from '../model.js';
import { plural } from '../plural.js';

export function scorecard({
  hosts,
  inventoryHosts,
  checks,
}: Pick<ClosureInput, 'hosts' | 'inventoryHosts' | 'checks'>): Condition {
  const base = { id: 'scorecard-complete', title: 'The scorecard passes 10/10 on every host' };
  const failing = hosts.filter((host) => host.results.some(({ outcome }) => outcome.status === 'fail'));
  const evidence = [...failing, ...hosts.filter((host) => !failing.includes(host))]
    .slice(0, 20)
    .map((host): EvidenceRef => ({
      probe: 'scorecard',
      path: host.name,
      excerpt: [
        `${host.score}/10`,
        ...host.results.flatMap(({ id, outcome }) => (outcome.status === 'fail' ? [`${id} fails`] : [])),
      ].join(', '),
    }));
  if (failing.length > 0)
    return {
      ...base,
      evidence,
      state: 'not-met',
      because: `${plural(failing.length, 'host')} of ${inventoryHosts} ${failing.length === 1 ? 'fails' : 'fail'} a check`,
    };
  if (inventoryHosts === 0)
    return {
      ...base,
      state: 'unproven',
      because: 'the inventory names no host',
      provide: 'add hosts to the inventory',
    };
  const complete = hosts.filter((host) => host.score === 10).length;
  if (complete === inventoryHosts)
    return { ...base, evidence, state: 'met', because: `all ${inventoryHosts} hosts score 10/10` };
  const left = [
    checks < 10 ? `only ${checks} of the ten checks were run` : '',
    hosts.length < inventoryHosts
      ? `${inventoryHosts - hosts.length} hosts of the inventory were not selected`
      : '',
    `${complete} of ${inventoryHosts} hosts score 10/10`,
  ].filter(Boolean);
  return {
    ...base,
    evidence,
    state: 'unproven',
    because: left.join('; '),
    provide: 'the evidence each unknown outcome names',
  };
}
