/** The log stores that can be asked which logins they hold. */
import { PRESENCE } from '../../facts/sources/siem/names.js';
import { hoursOf } from '../../facts/sources/siem/hours.js';
import { createRecorder } from '../recorder.js';
import { settings as schema, type SiemSettings } from '../settings/siem.js';
import type { Asked, SourceContext, SourceDiagnosis, SourceType } from '../source.js';
import { openCloudwatch } from './cloudwatch.js';
import { openLoki } from './loki.js';
import { openSearch } from './search.js';
import { openSplunk } from './splunk.js';
import type { LogStore } from './store.js';
import { closedWindow, HOUR } from './window.js';

/** Connects to the store the settings name. @throws SourceProblem */
export async function openLogStore(settings: SiemSettings, context: SourceContext): Promise<LogStore> {
  if (settings.type === 'loki') return openLoki(settings, context);
  if (settings.type === 'splunk') return openSplunk(settings, context);
  if (settings.type === 'cloudwatch') return openCloudwatch(settings, context);
  return openSearch(settings, context);
}

/**
 * The logins of the closed window. With none, whether the store has any other line in it is asked, too: one that shows
 * none at all is asked wrongly, or hides them from this credential, and must not look like one that lost the logins.
 */
async function ask(settings: SiemSettings, context: SourceContext): Promise<Asked> {
  const store = await openLogStore(settings, context);
  const recorder = createRecorder();
  const window = closedWindow(settings, context.now);
  try {
    const lines = await store.lines('logins', window, recorder);
    if (lines === 0 && recorder.asked().failures.length === 0)
      recorder.record(PRESENCE, await store.hours(window));
    return recorder.asked();
  } finally {
    await store.close();
  }
}

const LAST_DAY = 24;

async function diagnose(settings: SiemSettings, context: SourceContext): Promise<readonly SourceDiagnosis[]> {
  const store = await openLogStore(settings, context);
  try {
    return [...(await linesThere(store, settings, context)), ...(await store.rights())];
  } finally {
    await store.close();
  }
}

/** Whether the store can be read, and holds anything of what is selected. */
export async function linesThere(
  store: LogStore,
  { type }: Pick<SiemSettings, 'type'>,
  { now }: SourceContext,
): Promise<readonly SourceDiagnosis[]> {
  const to = Math.floor(now.getTime() / 1000) * 1000;
  const result = await store.hours({ from: to - LAST_DAY * HOUR, to });
  if (!result.ok) {
    const { detail, hint } = result.failure;
    return [{ level: 'problem', text: hint === undefined ? detail : `${detail}: ${hint}` }];
  }
  const hours = hoursOf(type, result.answer);
  if (hours === null) return [{ level: 'problem', text: 'its answer could not be understood' }];
  if (hours.length === 0)
    return [
      {
        level: 'problem',
        text: 'it can be asked, but shows no line of the last 24 hours: correct what is selected, or let the credential read it',
      },
    ];
  return [
    { level: 'ok', text: `it can be read, and has lines in ${hours.length} of the last ${LAST_DAY} hours` },
  ];
}

const type = (name: SiemSettings['type']): SourceType<SiemSettings> => ({
  source: 'siem',
  type: name,
  schema,
  ask,
  diagnose,
});

export const sourceTypes = [
  type('loki'),
  type('elasticsearch'),
  type('opensearch'),
  type('splunk'),
  type('cloudwatch'),
] as const;
