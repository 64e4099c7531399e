/** Grafana Loki. Source: HTTP API, `GET /loki/api/v1/query_range`: start belongs to the range, end does not. */
import { PAGE } from '../../facts/sources/siem/names.js';
import { loki as parse } from '../../facts/sources/siem/stores.js';
import type { Http } from '../http.js';
import { createRecorder } from '../recorder.js';
import type { LokiSettings } from '../settings/siem.js';
import type { Asked, SourceContext, SourceDiagnosis } from '../source.js';
import { openStore } from './web.js';
import { closedWindow, pages } from './window.js';

export async function askLoki(settings: LokiSettings, context: SourceContext): Promise<Asked> {
  const http = await open(settings, context);
  const recorder = createRecorder();
  const window = closedWindow(settings, context.now);
  const query = `${settings.selector} |= "Accepted "`;
  try {
    const fetch = async (from: number) =>
      http.get('loki/api/v1/query_range', {
        query: { query, start: nanos(from), end: nanos(window.to), limit: PAGE, direction: 'forward' },
      });
    await pages(recorder, window, PAGE, fetch, ({ answer }) => parse(answer, settings, null));
    return recorder.asked();
  } finally {
    await http.close();
  }
}

export async function diagnoseLoki(
  settings: LokiSettings,
  context: SourceContext,
): Promise<readonly SourceDiagnosis[]> {
  const http = await open(settings, context);
  try {
    const labels = await http.get('loki/api/v1/labels');
    if (!labels.ok) return [{ level: 'problem', text: labels.failure.detail }];
    return [
      { level: 'ok', text: 'Loki can be read' },
      {
        level: 'warning',
        text: 'Loki itself has no read-only credentials: make sure that its gateway lets this one query only',
      },
    ];
  } finally {
    await http.close();
  }
}

function nanos(milliseconds: number): string {
  return `${milliseconds}000000`;
}

async function open(settings: LokiSettings, context: SourceContext): Promise<Http> {
  const { tenant } = settings;
  return openStore(settings, context, 'Bearer', tenant === undefined ? {} : { 'x-scope-orgid': tenant });
}
