/** Splunk. Source: REST API, `POST /services/search/v2/jobs/export`: results stream as they are found, without a limit. */
import { jsonOf, list, member, texts } from '../../facts/sources/answers.js';
import { pageName } from '../../facts/sources/siem/names.js';
import { createRecorder } from '../recorder.js';
import type { SplunkSettings } from '../settings/siem.js';
import type { Asked, SourceContext, SourceDiagnosis } from '../source.js';
import { openStore } from './web.js';
import { closedWindow } from './window.js';

/** Capabilities that let their holder change or remove the record. Source: authorize.conf. */
const WIDE =
  /^(?:delete_by_keyword|admin_all_objects|indexes_edit|edit_|change_authentication|restart_splunkd)/;

export async function askSplunk(settings: SplunkSettings, context: SourceContext): Promise<Asked> {
  const http = await openStore(settings, context, 'Bearer');
  const recorder = createRecorder();
  const window = closedWindow(settings, context.now);
  const form = new URLSearchParams({
    search: `search ${settings.search} "Accepted" | fields _time, _raw, _cd, ${settings.host_field ?? 'host'}`,
    earliest_time: String(window.from / 1000),
    latest_time: String(window.to / 1000),
    output_mode: 'json',
    preview: 'false',
  });
  try {
    const result = await http.post('services/search/v2/jobs/export', {
      body: form.toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      accept: ['application/json', 'text/plain'],
      retry: true,
    });
    recorder.record(pageName(window, 0), result);
    return recorder.asked();
  } finally {
    await http.close();
  }
}

export async function diagnoseSplunk(
  settings: SplunkSettings,
  context: SourceContext,
): Promise<readonly SourceDiagnosis[]> {
  const http = await openStore(settings, context, 'Bearer');
  try {
    const result = await http.get('services/authentication/current-context', {
      query: { output_mode: 'json' },
    });
    if (!result.ok) return [{ level: 'problem', text: result.failure.detail }];
    const [entry] = list(member(jsonOf(result.answer), 'entry'));
    const wide = texts(member(member(entry, 'content'), 'capabilities')).filter((name) => WIDE.test(name));
    const found: SourceDiagnosis[] = [{ level: 'ok', text: 'Splunk can be read' }];
    if (wide.length > 0)
      found.push({
        level: 'warning',
        text: `the credential can do more than search: ${wide.slice(0, 10).join(', ')}`,
      });
    return found;
  } finally {
    await http.close();
  }
}
