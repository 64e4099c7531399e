/** `sources.siem`: the central log store, asked for the certificate logins it holds. */
import { z } from 'zod';
import { duration, line } from '../../inventory/fields.js';
import { atMostOneToken, credential, endpoint, patience, url } from './common.js';

const HOUR = 3600;

/** What selects lines in each kind of store; `sources.certificates` selects others of the same store with them. */
export const selector = z
  .string()
  .max(2000)
  .regex(/^\{.+\}$/s, 'expected a LogQL stream selector like {job="sshd"}');
export const index = z
  .string()
  .regex(/^[\w.*,:-]{1,500}$/, 'expected an index, a data stream or a pattern like logs-system.auth-*');
export const terms = z
  .string()
  .max(2000)
  .regex(/^[^|[\]`]+$/, 'expected search terms like index=linux sourcetype=linux_secure, without commands');
export const logGroups = z.array(line).min(1).max(50);
export const lag = duration(0, 24 * HOUR).describe(
  'How long a line may take to arrive: the window ends this long before now. Default: 10m.',
);

const shared = {
  ...patience,
  window: duration(600, 31 * 24 * HOUR)
    .describe('How much of the past is compared, 10m to 31d. Default: 24h.')
    .optional(),
  lag: lag.optional(),
  hosts: z
    .record(line, line)
    .describe('Name of a host in the store -> its name in the inventory, for those that differ.')
    .optional(),
  match: z
    .enum(['exact', 'short'])
    .describe(
      'exact: the names are equal but for upper and lower case. short: only up to the first dot; the short names of the inventory must then be unique. Default: exact.',
    )
    .optional(),
  timezone: z
    .string()
    .regex(/^(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/, 'expected Z or an offset like +02:00')
    .describe('Offset of times that name none. Default: Z (UTC).')
    .optional(),
};

const web = {
  ...endpoint,
  ...credential,
  username: line.describe('For basic authentication: the token is then the password.').optional(),
};

const loki = z
  .strictObject({
    type: z.literal('loki'),
    ...web,
    ...shared,
    selector: selector.describe(
      'LogQL stream selector, optionally with filters, that holds every line of sshd.',
    ),
    host_label: line.describe('Label that holds the host. Default: host.').optional(),
    tenant: line.describe('X-Scope-OrgID.').optional(),
  })
  .superRefine(atMostOneToken);

const search = {
  ...web,
  ...shared,
  index: index.describe('Index, data stream, alias or pattern.'),
  query: line.describe('Further restriction, in the query_string syntax.').optional(),
  scheme: z
    .enum(['api-key', 'bearer'])
    .describe(
      'How the token is sent without username. Default: api-key for elasticsearch, bearer for opensearch.',
    )
    .optional(),
  time_field: line.describe('Default: @timestamp.').optional(),
  host_field: line.describe('Default: host.name.').optional(),
  message_field: line.describe('Default: message.').optional(),
  pid_field: line.describe('Default: process.pid.').optional(),
};

const elasticsearch = z
  .strictObject({ type: z.literal('elasticsearch'), ...search })
  .superRefine(atMostOneToken);
const opensearch = z.strictObject({ type: z.literal('opensearch'), ...search }).superRefine(atMostOneToken);

const splunk = z
  .strictObject({
    type: z.literal('splunk'),
    ...web,
    ...shared,
    search: terms.describe('Search terms that hold every line of sshd. No commands, macros or sub-searches.'),
    host_field: line.describe('Default: host.').optional(),
  })
  .superRefine(atMostOneToken);

const cloudwatch = z.strictObject({
  type: z.literal('cloudwatch'),
  ...shared,
  region: z.string().regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/, 'expected an AWS region like eu-central-1'),
  log_groups: logGroups.describe('Log groups that hold the lines of sshd.'),
  host_field: line
    .describe('Field of CloudWatch Logs Insights that holds the host. Default: @logStream.')
    .optional(),
  url: url.describe('Endpoint, when it is not the one of the region.').optional(),
  ca_file: endpoint.ca_file,
});

export const settings = z
  .discriminatedUnion('type', [loki, elasticsearch, opensearch, splunk, cloudwatch])
  .describe('The central log store: which logins it holds, compared with the journals of the hosts.');

export type SiemSettings = z.output<typeof settings>;
export type LokiSettings = z.output<typeof loki>;
export type SearchSettings = z.output<typeof elasticsearch> | z.output<typeof opensearch>;
export type SplunkSettings = z.output<typeof splunk>;
export type CloudwatchSettings = z.output<typeof cloudwatch>;
