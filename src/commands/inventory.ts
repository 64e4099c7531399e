/** `inventory import KIND …`: another tool's list of hosts as an inventory, printed to be reviewed and committed. */
import { UserError } from '../errors.js';
import { formatProblem } from '../inventory/problem.js';
import { loadInventory } from '../inventory/load.js';
import { resolveSettings } from '../settings.js';
import type { Settings } from '../options.js';
import type { CommandInput } from './command.js';

interface Imported {
  readonly yaml: string;
  readonly hosts: number;
  readonly notes: readonly string[];
}

/** Each loads its own module: what one kind needs, the others do not. */
const KINDS: Readonly<
  Record<string, (path: string | undefined, settings: Settings, input: CommandInput) => Promise<Imported>>
> = {
  ansible: async (path, { host, tag, environment }, { io }) => {
    if (path === undefined)
      throw new UserError('usage', 'an argument is missing: the Ansible inventory', {
        hint: 'a file, a folder, or - for what ansible-inventory --list prints',
      });
    const { importAnsible } = await import('../inventory/import/ansible/index.js');
    return importAnsible(path, { host, tag, environment }, io.cwd);
  },
  aws: async (path, settings, { io }) => {
    if (path !== undefined || settings.host.length > 0)
      throw new UserError(
        'usage',
        'inventory import aws takes --region, --tag, --environment and --role-arn',
      );
    const { importAws } = await import('../inventory/import/aws.js');
    return importAws({
      regions: settings.region,
      ...(settings['role-arn'] !== undefined && { roleArn: settings['role-arn'] }),
      tags: settings.tag,
      environments: settings.environment,
      environmentTag: settings['environment-tag'],
      env: io.env,
    });
  },
};

export async function inventory(input: CommandInput): Promise<number> {
  const { args, flags, io } = input;
  const { settings } = resolveSettings(flags, io.env, io.cwd);
  const kind = args['kind'] ?? '';
  const from = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (args['action'] !== 'import' || from === undefined)
    throw new UserError('usage', `expected inventory import ${Object.keys(KINDS).join('|')}`);
  const { yaml, hosts, notes } = await from(args['path'], settings, input);
  const { warnings } = loadInventory({ path: 'imported', text: yaml });
  await io.out(yaml);
  if (settings.quiet) return 0;
  for (const note of notes) io.err(`note: ${note}\n`);
  for (const warning of warnings) io.err(`warning: ${formatProblem(warning)}\n`);
  io.err(`imported: ${hosts} hosts, ${notes.length} notes\n`);
  return 0;
}
