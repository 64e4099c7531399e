/** What `inventory import aws` asks for. Credentials are those of the AWS SDK, never flags. */
import type { OptionTable } from './spec.js';

export const AWS = {
  region: {
    kind: 'list',
    group: 'General',
    value: 'NAME',
    fallback: [],
    flagOnly: true,
    otherwise: 'AWS_REGION',
    describe: 'AWS region to list the managed nodes of (repeatable)',
  },
  'role-arn': {
    kind: 'text',
    group: 'General',
    value: 'ARN',
    flagOnly: true,
    describe: 'IAM role to assume for it; written into the inventory',
  },
  'environment-tag': {
    kind: 'text',
    group: 'General',
    value: 'KEY',
    fallback: 'Environment',
    flagOnly: true,
    describe: 'AWS tag whose values --environment names',
  },
} as const satisfies OptionTable;
