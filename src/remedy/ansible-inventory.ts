/** The hosts of a plan as an Ansible inventory in YAML, with the groups of the playbook. Source: Ansible, ssh connection. */
import { Document } from 'yaml';
import { shellQuote } from './shell-quote.js';
import type { HostPlan, Reach, RemedyPlan } from './types.js';

export function ansibleInventory({ run, hosts, groups }: RemedyPlan): string {
  const entries = hosts.map(({ host, reach }) => [host, variables(reach)] as const);
  const children = groups.map(({ name, hosts: names }) => [
    name,
    { hosts: Object.fromEntries(names.map((host) => [host, null])) },
  ]);
  const document = new Document({
    all: { hosts: Object.fromEntries(entries), children: Object.fromEntries(children) as object },
  });
  document.commentBefore = ` The hosts of run ${run}, grouped by what is wrong. Written by ssh-scorecard remediate.`;
  return document.toString({ lineWidth: 0 });
}

/** Values come from the inventory, which is the user's own; they go through Ansible's templates all the same. */
function variables(reach: Reach): Readonly<Record<string, string | number | boolean>> {
  return {
    ansible_host: reach.address,
    ...(reach.port !== undefined && { ansible_port: reach.port }),
    ...(reach.user !== undefined && { ansible_user: reach.user }),
    ...(reach.become && { ansible_become_method: 'sudo' }),
    ...(reach.identityFile !== undefined && { ansible_ssh_private_key_file: reach.identityFile }),
    ...sshArguments(reach),
  };
}

function sshArguments({ certificateFile, jump }: HostPlan['reach']): { ansible_ssh_common_args?: string } {
  const words = [
    ...(certificateFile === undefined
      ? []
      : ['-o', `CertificateFile=${certificateFile}`, '-o', 'IdentitiesOnly=yes']),
    ...(jump.length > 0 ? ['-J', jump.join(',')] : []),
  ];
  return words.length > 0 ? { ansible_ssh_common_args: words.map(shellQuote).join(' ') } : {};
}
