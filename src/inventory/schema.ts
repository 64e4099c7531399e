/**
 * The inventory format: a superset of the directive's snippet (section 4.1). Strict at every level; what it
 * cannot say about one value alone is in crosscheck.ts. schema/inventory.schema.json is made from it.
 */
import { z } from 'zod';
import * as field from './fields.js';
import * as aws from './schema-aws.js';
import { policySchema } from './schema-policy.js';
import { sourcesSchema } from './schema-sources.js';

const principals = z.array(field.principal);
const accounts = z.array(field.account);

const allowedPrincipals = z
  .strictObject({
    adm: principals.describe('Roles of administrators (prefix adm-).').optional(),
    agt: principals.describe('Roles of agents (prefix agt-).').optional(),
    atm: principals.describe('Roles of automations (prefix atm-).').optional(),
  })
  .describe('The principals accepted, by actor type. Nothing else may be in the principals files.');

const accountPrincipals = z
  .record(field.account, principals)
  .describe(
    'The exact map: account to the principals its file must hold. Where it is given it decides alone.',
  );

const actorAccounts = z
  .strictObject({
    adm: accounts.describe('Accounts administrators log in to.').optional(),
    agt: accounts.describe('Accounts agents log in to.').optional(),
    atm: accounts.describe('Accounts automations log in to.').optional(),
  })
  .describe(
    'Which accounts each actor type logs in to. Absent: only the union of all principals files is judged, not who may use which.',
  );

const jump = field
  .oneOrMore(field.jumpHost)
  .describe(
    'Bastions to go through, nearest first: names of hosts or bastions of this inventory, or [user@]host[:port]. [] for none.',
  );
const port = field.wholeNumber(1, 65_535).describe('SSH port. Absent: ssh_config decides, else 22.');
const user = field.account.describe(
  'Account to log in to. Absent: ssh_config decides, else the local user name.',
);
const identityFile = field.path.describe(
  'Private key file to log in with. Relative to the inventory; ~ is the home folder.',
);
const certificateFile = field.path.describe(
  'Certificate file to log in with. Relative to the inventory; ~ is the home folder.',
);
const proxyCommand = field.proxyCommand.describe(
  'Program whose standard input and output are the connection, as in ssh_config, with %h, %p, %r and %n. Instead of jump; none for none. Wins over ssh_config.',
);
const hostKeys = field
  .oneOrMore(field.hostKey)
  .describe('Pinned host keys: SHA256 fingerprints or public key lines. Absent: known_hosts decides.');

/** What `defaults` and each host have in common. A host's own value replaces the default whole. */
const access = {
  user: user.optional(),
  port: port.optional(),
  transport: z
    .enum(['ssh', 'local', 'openssh', 'auto', 'ssm'])
    .describe(
      'How the host is reached; local: it is the machine ssh-scorecard runs on. openssh: by this machine’s own ssh program; auto: by it where ssh cannot. ssm: by AWS Run Command, as root and without SSH. Default: ssh.',
    )
    .optional(),
  become: z
    .enum(['sudo', 'none'])
    .describe(
      'How root is reached after login: `sudo -n`, or not at all for logins that are root already. Default: sudo.',
    )
    .optional(),
  environment: field.label
    .describe('One word to select and group by, like production or staging.')
    .optional(),
  tags: z.array(field.label).describe('Words to select and group by.').optional(),
  region: aws.region.optional(),
  role_arn: aws.roleArn.optional(),
  jump: jump.optional(),
  proxy_command: proxyCommand.optional(),
  identity_file: identityFile.optional(),
  certificate_file: certificateFile.optional(),
  allowed_principals: allowedPrincipals.optional(),
  principals: accountPrincipals.optional(),
};

const hostSchema = z
  .strictObject({
    name: field.name.describe('Name in every report. Unique; upper and lower case are the same.'),
    address: field.address.describe('Host name or IP address to connect to. Default: the name.').optional(),
    ...access,
    instance: aws.instance.optional(),
    host_key: hostKeys.optional(),
    accounts: actorAccounts.optional(),
    unlisted: z
      .literal(true)
      .describe(
        'The principals of this host are not listed yet: what it accepts cannot be compared, and check 3 stays unknown.',
      )
      .optional(),
  })
  .describe('One host to audit.');

const bastionSchema = z
  .strictObject({
    name: field.name.describe('Name that `jump` refers to. Unique among hosts and bastions.'),
    address: field.address.describe('Host name or IP address to connect to. Default: the name.').optional(),
    user: user.optional(),
    port: port.optional(),
    jump: jump.optional(),
    proxy_command: proxyCommand.optional(),
    host_key: hostKeys.optional(),
    identity_file: identityFile.optional(),
    certificate_file: certificateFile.optional(),
  })
  .describe('A host that is only passed through, and not audited. `defaults` do not apply to it.');

const ca = z
  .strictObject({
    trusted_user_ca_keys: field.absolutePath
      .describe('The only file TrustedUserCAKeys may name. Default: /etc/ssh/ca/ca_user.pub.')
      .optional(),
    fingerprints: z
      .array(field.fingerprint)
      .describe(
        'SHA256 fingerprint of every CA key that file must hold. Absent: which CA is trusted cannot be proven.',
      )
      .optional(),
  })
  .describe('The user certificate authority every host must trust.');

export const inventorySchema = z
  .strictObject({
    defaults: z.strictObject(access).describe('Values for every host that does not give its own.').optional(),
    ca: ca.optional(),
    accounts: actorAccounts.optional(),
    hosts: z
      .array(hostSchema)
      .min(1)
      .describe('The hosts to audit. The list is the denominator: a host that does not answer counts.'),
    bastions: z.array(bastionSchema).describe('Named jump hosts that are not audited.').optional(),
    policy: z
      .union([policySchema, field.path])
      .describe('Thresholds and accepted exceptions, or the path of a file with them, relative to this file.')
      .optional(),
    sources: sourcesSchema.optional(),
    ssm: aws.ssm.optional(),
    plugins: z
      .array(field.path)
      .describe('Modules with additional checks: shown in reports, never scored.')
      .optional(),
  })
  .describe(
    'Inventory of ssh-scorecard: which hosts there are, how to reach them, and the principals each may accept.',
  );

export type InventoryInput = z.output<typeof inventorySchema>;
export type HostInput = InventoryInput['hosts'][number];
export type BastionInput = NonNullable<InventoryInput['bastions']>[number];
export type AllowedPrincipalsInput = NonNullable<HostInput['allowed_principals']>;
export type ActorAccountsInput = NonNullable<HostInput['accounts']>;

/** The JSON Schema of the file as written, for editors (draft 2020-12). */
export function inventoryJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(inventorySchema, { io: 'input', target: 'draft-2020-12' });
  return { $schema, title: 'ssh-scorecard inventory', ...rest };
}
