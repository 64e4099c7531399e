/**
 * Fleet-scope evidence: what systems beside the hosts say. A source that cannot be asked is evidence with a failure;
 * it makes the checks that need it unknown, and never stops a run.
 */
import type { SourceEvidence, SourceName } from '../model.js';
import { SOURCE_NAMES } from '../model.js';
import { askSource, diagnoseSource, type SourceSettings } from './run.js';
import type { SourceContext, SourceDiagnosis } from './source.js';

interface WithSources {
  readonly sources: Readonly<Partial<Record<SourceName, SourceSettings>>>;
}

/** Asks every configured source at once, each within its own time. Never rejects. In the order of SOURCE_NAMES. */
export async function askSources(
  { sources }: WithSources,
  context: SourceContext,
): Promise<readonly SourceEvidence[]> {
  return Promise.all(
    configured(sources).map(([name, settings]) => askSource(name, settings, { ...context, sources })),
  );
}

/** For `doctor --sources`: what each credential may do. Never rejects. */
export async function diagnoseSources(
  { sources }: WithSources,
  context: SourceContext,
): Promise<readonly { readonly source: SourceName; readonly lines: readonly SourceDiagnosis[] }[]> {
  return Promise.all(
    configured(sources).map(async ([source, settings]) => ({
      source,
      lines: await diagnoseSource(source, settings, { ...context, sources }),
    })),
  );
}

function configured(sources: WithSources['sources']): (readonly [SourceName, SourceSettings])[] {
  return SOURCE_NAMES.flatMap((name) => {
    const settings = sources[name];
    return settings === undefined ? [] : [[name, settings] as const];
  });
}
