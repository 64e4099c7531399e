/** What hosts that are reached by AWS Run Command must say together. */
import { quoted, type Problem } from './problem.js';
import type { InventoryInput } from './schema.js';
import type { YamlFile } from './yaml.js';

export function awsProblems({ hosts, defaults = {} }: InventoryInput, file: YamlFile): Problem[] {
  const first = new Map<string, string>();
  return hosts.flatMap((host, index): Problem[] => {
    if ((host.transport ?? defaults.transport) !== 'ssm') return [];
    const at = ['hosts', index];
    if (host.instance === undefined)
      return [
        {
          at: file.locate([...at, 'name']),
          message: `host ${host.name} has transport ssm and no instance`,
          hint: 'add instance: i-…, or write entries with: ssh-scorecard inventory import aws',
        },
      ];
    const key = JSON.stringify([
      host.instance,
      host.region ?? defaults.region,
      host.role_arn ?? defaults.role_arn,
    ]);
    const earlier = first.get(key);
    first.set(key, host.name);
    if (earlier === undefined) return [];
    return [
      {
        at: file.locate([...at, 'instance']),
        message: `the instance ${quoted(host.instance)} is the one of host ${earlier}`,
        hint: 'give every instance one entry',
      },
    ];
  });
}
