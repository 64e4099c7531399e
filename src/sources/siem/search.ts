/** Elasticsearch and OpenSearch. Source: `POST /INDEX/_search`; `POST /_security/user/_has_privileges`. */
import { jsonOf, member } from '../../facts/sources/answers.js';
import { PAGE } from '../../facts/sources/siem/names.js';
import { search as parse } from '../../facts/sources/siem/stores.js';
import type { Http } from '../http.js';
import { createRecorder } from '../recorder.js';
import type { SearchSettings } from '../settings/siem.js';
import type { Asked, SourceContext, SourceDiagnosis } from '../source.js';
import { openStore } from './web.js';
import { closedWindow, pages } from './window.js';

/** Any of them lets its holder change or remove the record. */
const WRITING = ['write', 'delete', 'delete_index', 'manage'];

export async function askSearch(settings: SearchSettings, context: SourceContext): Promise<Asked> {
  const http = await open(settings, context);
  const recorder = createRecorder();
  const window = closedWindow(settings, context.now);
  const time = settings.time_field ?? '@timestamp';
  const message = settings.message_field ?? 'message';
  const fetch = async (from: number) =>
    http.post(`${settings.index}/_search`, {
      retry: true,
      body: {
        size: PAGE,
        track_total_hits: false,
        _source: false,
        sort: [{ [time]: 'asc' }],
        fields: [
          { field: time, format: 'epoch_millis' },
          message,
          settings.host_field ?? 'host.name',
          settings.pid_field ?? 'process.pid',
        ],
        query: {
          bool: {
            filter: [
              { range: { [time]: { gte: from, lt: window.to, format: 'epoch_millis' } } },
              { match: { [message]: 'Accepted' } },
              ...(settings.query === undefined ? [] : [{ query_string: { query: settings.query } }]),
            ],
          },
        },
      },
    });
  try {
    await pages(recorder, window, PAGE, fetch, ({ answer }) => parse(answer, settings, null));
    return recorder.asked();
  } finally {
    await http.close();
  }
}

export async function diagnoseSearch(
  settings: SearchSettings,
  context: SourceContext,
): Promise<readonly SourceDiagnosis[]> {
  const http = await open(settings, context);
  try {
    const count = await http.get(`${settings.index}/_count`);
    if (!count.ok) return [{ level: 'problem', text: count.failure.detail }];
    const found: SourceDiagnosis[] = [{ level: 'ok', text: `${settings.index} can be read` }];
    if (settings.type === 'opensearch')
      return [
        ...found,
        { level: 'warning', text: 'OpenSearch does not tell what a credential may do: give it read only' },
      ];
    const rights = await http.post('_security/user/_has_privileges', {
      body: { cluster: ['manage'], index: [{ names: [settings.index], privileges: WRITING }] },
    });
    if (!rights.ok)
      return [
        ...found,
        { level: 'warning', text: `what the credential may do is not told: ${rights.failure.detail}` },
      ];
    const body = jsonOf(rights.answer);
    const onIndex = member(member(body, 'index'), settings.index);
    const wide = WRITING.filter((name) => member(onIndex, name) === true);
    if (member(member(body, 'cluster'), 'manage') === true) wide.push('cluster manage');
    if (wide.length > 0)
      found.push({ level: 'warning', text: `the credential can do more than read: ${wide.join(', ')}` });
    return found;
  } finally {
    await http.close();
  }
}

async function open(settings: SearchSettings, context: SourceContext): Promise<Http> {
  const scheme = settings.scheme ?? (settings.type === 'elasticsearch' ? 'api-key' : 'bearer');
  return openStore(settings, context, scheme === 'api-key' ? 'ApiKey' : 'Bearer');
}
