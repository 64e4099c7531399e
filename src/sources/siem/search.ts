/**
 * Elasticsearch and OpenSearch. Source: `POST /INDEX/_search`; `GET /INDEX/_field_caps`;
 * `POST /_security/user/_has_privileges`; `GET /_plugins/_security/authinfo`.
 */
import { jsonOf, member, object, texts, type Json } from '../../facts/sources/answers.js';
import { search as parse } from '../../facts/sources/siem/stores.js';
import type { SourceFailure } from '../../model.js';
import type { Http } from '../http-types.js';
import type { SearchSettings } from '../settings/siem.js';
import type { SourceDiagnosis } from '../source.js';
import { LIMITS, type About, type OpenStore } from './store.js';
import { openStore } from './web.js';
import { pages } from './window.js';

/** Any of them lets its holder change or remove the record. */
const WRITING = ['write', 'delete', 'delete_index', 'manage'];
/** Built-in roles of OpenSearch that may do the same. Source: security plugin, predefined roles. */
const WIDE_ROLES = ['all_access', 'security_manager', 'manage_snapshots', 'security_rest_api_access'];
/** Whole words of an analysed text; pieces of one that is kept as it is. */
const WORDS: Readonly<Record<About, { readonly words: string; readonly pieces: readonly string[] }>> = {
  logins: { words: 'Accepted', pieces: ['*Accepted *'] },
  issuances: { words: 'sign issue', pieces: ['*/sign/*', '*/issue/*'] },
};

export const openSearch: OpenStore<SearchSettings & IssuanceQuery> = async (settings, context) => {
  const scheme = settings.scheme ?? (settings.type === 'elasticsearch' ? 'api-key' : 'bearer');
  const http = await openStore(settings, context, scheme === 'api-key' ? 'ApiKey' : 'Bearer');
  const { index, time_field: time = '@timestamp', message_field: message = 'message', query } = settings;
  const where = (from: number, to: number): object[] => [
    { range: { [time]: { gte: from, lt: to, format: 'epoch_millis' } } },
    ...(query === undefined ? [] : [{ query_string: { query } }]),
  ];
  return {
    lines: async (about, window, recorder) => {
      const own = about === 'issuances' ? settings.issuance_query : undefined;
      const filter: Filter =
        own === undefined
          ? await filterFor(http, settings, message, about)
          : { query: { query_string: { query: own } } };
      if (filter.failure !== undefined) {
        recorder.fail(filter.failure);
        return 0;
      }
      const limit = LIMITS[about];
      const fetch = async (from: number) =>
        http.post(`${index}/_search`, {
          retry: true,
          body: {
            size: limit,
            track_total_hits: false,
            _source: false,
            sort: [{ [time]: 'asc' }],
            fields: [
              { field: time, format: 'epoch_millis' },
              message,
              settings.host_field ?? 'host.name',
              settings.pid_field ?? 'process.pid',
            ],
            query: { bool: { filter: [...where(from, window.to), filter.query] } },
          },
        });
      return pages(recorder, window, limit, fetch, ({ answer }) => parse(answer, { ...settings }, null));
    },
    hours: async ({ from, to }) =>
      http.post(`${index}/_search`, {
        retry: true,
        body: {
          size: 0,
          track_total_hits: false,
          query: { bool: { filter: where(from, to) } },
          aggs: { hours: { date_histogram: { field: time, fixed_interval: '1h', min_doc_count: 1 } } },
        },
      }),
    rights: async () => (settings.type === 'opensearch' ? rolesOf(http) : privilegesOf(http, index)),
    close: () => http.close(),
  };
};

interface IssuanceQuery {
  /** Finds what Vault wrote about signing, where the message cannot be searched. In the query_string syntax. */
  readonly issuance_query?: string | undefined;
}

type Filter = { readonly query: object; readonly failure?: undefined } | { readonly failure: SourceFailure };

/**
 * The filter that fits how the field is indexed: a query for words finds nothing in a field that is kept as it is, and
 * nothing found would look like nothing logged.
 */
async function filterFor(
  http: Http,
  { index }: SearchSettings,
  message: string,
  about: About,
): Promise<Filter> {
  const caps = await http.get(`${index}/_field_caps`, { query: { fields: message } });
  if (!caps.ok) return { failure: caps.failure };
  const fields = object(member(jsonOf(caps.answer), 'fields'));
  if (fields === null)
    return { failure: { code: 'bad-answer', detail: `what fields ${index} has could not be understood` } };
  const types = object(member(fields, message)) ?? {};
  const searchable = Object.entries(types).filter(([, one]) => member(one, 'searchable') === true);
  if (searchable.length === 0)
    return {
      failure: {
        code: 'not-found',
        detail: `${index} has no field ${message} that can be searched`,
        hint: `correct index or message_field${about === 'issuances' ? ', or give issuance_query' : ''}`,
      },
    };
  const { words, pieces } = WORDS[about];
  const ways = searchable.flatMap(([type]): object[] =>
    type === 'text'
      ? [{ match: { [message]: words } }]
      : pieces.map((piece) => ({ wildcard: { [message]: { value: piece } } })),
  );
  return { query: { bool: { should: ways, minimum_should_match: 1 } } };
}

async function rolesOf(http: Http): Promise<readonly SourceDiagnosis[]> {
  const told = await http.get('_plugins/_security/authinfo');
  if (!told.ok) return [notTold(told.failure)];
  const wide = texts(member(jsonOf(told.answer), 'roles')).filter((role) => WIDE_ROLES.includes(role));
  if (wide.length > 0)
    return [{ level: 'warning', text: `the credential can do more than read: role ${wide.join(', ')}` }];
  const text = 'OpenSearch tells roles, but not what they may do: see that they can only read';
  return [{ level: 'warning', text }];
}

async function privilegesOf(http: Http, index: string): Promise<readonly SourceDiagnosis[]> {
  const names = index.split(',');
  const told = await http.post('_security/user/_has_privileges', {
    body: { cluster: ['manage'], index: [{ names, privileges: WRITING }] },
  });
  if (!told.ok) return [notTold(told.failure)];
  const body = jsonOf(told.answer);
  const held = (on: Json | undefined): string[] => WRITING.filter((name) => member(on, name) === true);
  const wide = [...new Set(names.flatMap((name) => held(member(member(body, 'index'), name))))];
  if (member(member(body, 'cluster'), 'manage') === true) wide.push('cluster manage');
  if (wide.length === 0) return [];
  return [{ level: 'warning', text: `the credential can do more than read: ${wide.join(', ')}` }];
}

function notTold({ detail }: SourceFailure): SourceDiagnosis {
  return { level: 'warning', text: `what the credential may do is not told: ${detail}` };
}
