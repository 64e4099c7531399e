/** `collector`: the script as a file, for Ansible or a rescue shell, or to be a forced command on the hosts. */
import { resolve } from 'node:path';
import { forcedScript } from '../collector/forced.js';
import { standaloneScript } from '../collector/standalone.js';
import { UserError } from '../errors.js';
import { loadInventory } from '../inventory/load.js';
import { policyFrom } from '../inventory/policy.js';
import { loadPolicyFile } from '../policy-file.js';
import { resolveSettings } from '../settings.js';
import type { CommandInput } from './command.js';

export async function collector({ args, flags, io }: CommandInput): Promise<number> {
  const { settings } = resolveSettings(flags, io.env, io.cwd);
  const path = args['inventory'];
  const policy = settings.policy === undefined ? undefined : resolve(io.cwd, settings.policy);
  if (settings['forced-command']) {
    if (path !== undefined || policy !== undefined)
      throw new UserError('usage', 'the forced command is the same for every inventory', {
        hint: 'leave out the inventory and --policy: each run sends its own parameters',
      });
    await io.out(forcedScript());
    return 0;
  }
  const parameters =
    path !== undefined
      ? loadInventory(path, { ...(policy !== undefined && { policy }), plugins: true, cwd: io.cwd }).policy
      : policy === undefined
        ? policyFrom(undefined)
        : loadPolicyFile(policy, { plugins: true }).policy;
  await io.out(standaloneScript(parameters));
  return 0;
}
