/** Splunk. Source: REST API, `POST /services/search/v2/jobs/export`: results stream as they are found, without a limit. */
import { jsonOf, list, member, texts } from '../../facts/sources/answers.js';
import { pageName, type Window } from '../../facts/sources/siem/names.js';
import { splunk as parse } from '../../facts/sources/siem/stores.js';
import type { Http, HttpResult } from '../http-types.js';
import type { SplunkSettings } from '../settings/siem.js';
import type { SourceDiagnosis } from '../source.js';
import type { About, OpenStore } from './store.js';
import { openStore } from './web.js';

/** Capabilities that let their holder change or remove the record. Source: authorize.conf. */
const WIDE =
  /^(?:delete_by_keyword|admin_all_objects|indexes_edit|edit_|change_authentication|restart_splunkd)/;
/** Words as the index has them: it takes a path apart at its slashes. */
const WORDS: Readonly<Record<About, string>> = { logins: '"Accepted"', issuances: '(sign OR issue)' };

export const openSplunk: OpenStore<SplunkSettings> = async (settings, context) => {
  const http = await openStore(settings, context, 'Bearer');
  const { search, host_field: host = 'host' } = settings;
  return {
    lines: async (about, window, recorder) => {
      const text = `search ${search} ${WORDS[about]} | fields _time, _raw, _cd, ${host}`;
      const result = recorder.record(pageName(window, 0), await run(http, text, window));
      return result.ok ? parse(result.answer, settings, null).rows.length : 0;
    },
    hours: async (window) => run(http, `search ${search} | bin _time span=1h | stats count by _time`, window),
    rights: async () => rightsOf(http),
    close: () => http.close(),
  };
};

async function run(http: Http, search: string, { from, to }: Window): Promise<HttpResult> {
  const form = new URLSearchParams({
    search,
    earliest_time: String(from / 1000),
    latest_time: String(to / 1000),
    output_mode: 'json',
    preview: 'false',
  });
  return http.post('services/search/v2/jobs/export', {
    body: form.toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    accept: ['application/json', 'text/plain'],
    retry: true,
  });
}

async function rightsOf(http: Http): Promise<readonly SourceDiagnosis[]> {
  const result = await http.get('services/authentication/current-context', {
    query: { output_mode: 'json' },
  });
  if (!result.ok)
    return [{ level: 'warning', text: `what the credential may do is not told: ${result.failure.detail}` }];
  const [entry] = list(member(jsonOf(result.answer), 'entry'));
  const wide = texts(member(member(entry, 'content'), 'capabilities')).filter((name) => WIDE.test(name));
  if (wide.length === 0) return [];
  const text = `the credential can do more than search: ${wide.slice(0, 10).join(', ')}`;
  return [{ level: 'warning', text }];
}
