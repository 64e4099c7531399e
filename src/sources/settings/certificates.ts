/** `sources.certificates`: where the log of issued certificates is. */
import { z } from 'zod';
import { duration, instant, line, oneOrMore, path } from '../../inventory/fields.js';
import { patience } from './common.js';
import { index, lag, logGroups, selector, terms } from './siem.js';

const HOUR = 3600;

const shared = {
  path: oneOrMore(path).describe(
    'A file, a folder, or a path whose last part holds * and ?; relative to the inventory. Gzip is understood.',
  ),
  complete_since: instant
    .describe('Since when the log holds every certificate that was issued. Default: since its first line.')
    .optional(),
  live: z
    .boolean()
    .describe(
      'Written as certificates are issued, so it is complete until now. Default: until its last line.',
    )
    .optional(),
};

const jsonl = z
  .strictObject({ type: z.literal('jsonl'), ...shared })
  .describe('One JSON object a line for every certificate.');

const directory = z
  .strictObject({
    type: z.literal('directory'),
    ...shared,
    recursive: z.boolean().describe('Look into folders below it too, eight levels deep.').optional(),
  })
  .describe('A folder where every issued certificate is kept, under any name.');

const stepCa = z
  .strictObject({ type: z.literal('step-ca'), ...shared })
  .describe('The table ssh_certs of a step-ca database, exported as JSON.');

/** What both ways to an audit log of Vault share. */
const audit = {
  mounts: oneOrMore(path).describe('Only these mounts. Default: every mount of type ssh.').optional(),
  audit_hash: path
    .describe('Lines of {"input", "hash"}: values and what sys/audit-hash answered for them.')
    .optional(),
  audit_device: line
    .regex(
      /^[\w-][\w.-]*(\/[\w-][\w.-]*)*\/?$/,
      'expected the path of an audit device, like file or audit/file',
    )
    .describe(
      'Path of the audit device that wrote the log: sys/audit-hash of sources.vault is asked for the serials and key IDs of the logins that sources.siem holds.',
    )
    .optional(),
};

const vaultAudit = z
  .strictObject({ type: z.literal('vault-audit'), ...shared, ...patience, ...audit })
  .describe('The audit log of Vault or OpenBao: a file, or a folder with its rotated files.');

const stored = z
  .strictObject({
    type: z.literal('siem'),
    ...patience,
    ...audit,
    window: duration(HOUR, 30 * 24 * HOUR)
      .describe(
        'How much of the past is read, 1h to 30d. Default: 17d, which is 14 days of logins, the 48h a certificate may have been issued before, and a day to spare.',
      )
      .optional(),
    lag: lag.optional(),
    selector: selector.describe('Loki: LogQL stream selector that holds the audit log.').optional(),
    index: index
      .describe('Elasticsearch, OpenSearch: where the audit log is. Default: that of sources.siem.')
      .optional(),
    query: line
      .describe('Elasticsearch, OpenSearch: what tells lines of the audit log, in the query_string syntax.')
      .optional(),
    message_field: line
      .describe('Elasticsearch, OpenSearch: field that holds the line as Vault wrote it. Default: message.')
      .optional(),
    time_field: line.describe('Elasticsearch, OpenSearch. Default: @timestamp.').optional(),
    issuance_query: line
      .describe(
        'Elasticsearch, OpenSearch: finds answers to sign and issue where message_field cannot be searched, in the query_string syntax.',
      )
      .optional(),
    search: terms.describe('Splunk: search terms that hold the audit log.').optional(),
    log_groups: logGroups.describe('CloudWatch: log groups that hold the audit log.').optional(),
  })
  .describe('The audit log of Vault or OpenBao, in the log store of sources.siem.');

export const settings = z.discriminatedUnion('type', [jsonl, directory, stepCa, vaultAudit, stored]);

export type StoredSettings = z.output<typeof stored>;
export type FileSettings = Exclude<z.output<typeof settings>, StoredSettings>;
export type AuditSettings = StoredSettings | z.output<typeof vaultAudit>;

const WHERE: Readonly<
  Record<string, { readonly may: readonly string[]; readonly needs: readonly string[] }>
> = {
  loki: { may: ['selector'], needs: ['selector'] },
  elasticsearch: {
    may: ['index', 'query', 'message_field', 'time_field', 'issuance_query'],
    needs: ['index', 'query'],
  },
  opensearch: {
    may: ['index', 'query', 'message_field', 'time_field', 'issuance_query'],
    needs: ['index', 'query'],
  },
  splunk: { may: ['search'], needs: ['search'] },
  cloudwatch: { may: ['log_groups'], needs: ['log_groups'] },
};
const ALL = [...new Set(Object.values(WHERE).flatMap(({ may }) => may))];

/**
 * What settings of `sources.certificates` ask of the other sources and do not find there.
 * @returns the key that is wrong (empty: one is missing) and one sentence.
 */
export function missingBeside(
  given: Readonly<Record<string, unknown>>,
  sources: { readonly siem?: { readonly type: string } | undefined; readonly vault?: unknown },
): { readonly key: string; readonly message: string } | null {
  const needed = (key: string, name: string) => ({
    key,
    message: `it asks the system of sources.${name}, which is not configured`,
  });
  if (given['audit_device'] !== undefined) {
    if (sources.vault === undefined) return needed('audit_device', 'vault');
    if (sources.siem === undefined) return needed('audit_device', 'siem');
  }
  if (given['type'] !== 'siem') return null;
  if (sources.siem === undefined) return needed('type', 'siem');
  const { may = [], needs = [] } = WHERE[sources.siem.type] ?? {};
  const foreign = ALL.find((key) => given[key] !== undefined && !may.includes(key));
  if (foreign !== undefined)
    return { key: foreign, message: `sources.siem is of type ${sources.siem.type}, which has no ${foreign}` };
  if (needs.some((key) => given[key] !== undefined)) return null;
  const message = `sources.siem is of type ${sources.siem.type}: expected ${needs.join(' or ')}, which tells where the audit log is`;
  return { key: '', message };
}

/** By type, for the registry. */
export const schemas = {
  jsonl,
  directory,
  'step-ca': stepCa,
  'vault-audit': vaultAudit,
  siem: stored,
} as const;
