/** `sources.vault`: Vault or OpenBao, which share one API. */
import { z } from 'zod';
import { atMostOneToken, credential, endpoint, patience } from './common.js';

const MAX_NAMED = 100;

const text = (pattern: RegExp, expected: string): z.ZodString =>
  z.string().max(500).regex(pattern, `expected ${expected}`);

const namespace = text(
  /^$|^[\w.-]+(\/[\w.-]+)*$/,
  'a namespace like team or team/sub, without slashes around it; "" is the root namespace',
);
const mount = text(/^[\w.-]+(\/[\w.-]+)*\/?$/, 'the path of a secrets engine, like ssh or team/ssh');
const policyName = text(/^[^\p{Cc}/]+$/u, 'the name of an ACL policy');

const common = {
  ...endpoint,
  ...credential,
  ...patience,
  namespaces: z
    .array(namespace)
    .min(1)
    .max(MAX_NAMED)
    .describe('Namespaces to ask; "" is the root namespace. Default: the root namespace alone.')
    .optional(),
  mounts: z
    .array(mount)
    .max(MAX_NAMED)
    .describe(
      'Secrets engines of type ssh to ask even when sys/mounts may not be read. All that sys/mounts lists are asked anyway.',
    )
    .optional(),
  admin_policies: z
    .array(policyName)
    .max(MAX_NAMED)
    .describe(
      'ACL policies of the people who administer the CA: they may change it. Any other policy that may is a finding. Default: none.',
    )
    .optional(),
};

const vault = z.strictObject({ type: z.literal('vault'), ...common }).superRefine(atMostOneToken);
const openbao = z.strictObject({ type: z.literal('openbao'), ...common }).superRefine(atMostOneToken);

export const settings = z
  .discriminatedUnion('type', [vault, openbao])
  .describe('Vault or OpenBao: custody of the CA key, signing roles, audit devices.');

export type VaultSettings = z.output<typeof settings>;
