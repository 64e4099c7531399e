/** Which kinds of systems can be asked: `sources.<name>.type` to the module that does it, loaded only when used. */
import type { SourceName } from '../model.js';
import type { SourceType } from './source.js';

interface SourceModule {
  readonly sourceTypes: readonly SourceType[];
}

/** One line per source. */
const MODULES: Readonly<Partial<Record<SourceName, () => Promise<SourceModule>>>> = {
  certificates: () => import('./certificates/index.js'),
  vault: () => import('./vault/index.js'),
  git: () => import('./git/index.js'),
  siem: () => import('./siem/index.js'),
  pipeline: () => import('./pipeline/index.js'),
  attestations: () => import('./attestations/index.js'),
  approvals: () => import('./approvals/index.js'),
  people: () => import('./people/index.js'),
  cloud: () => import('./cloud/index.js'),
};

/** Null when no module knows that type. */
export async function sourceTypeOf(source: SourceName, type: string): Promise<SourceType | null> {
  const { sourceTypes = [] } = (await MODULES[source]?.()) ?? {};
  return sourceTypes.find((known) => known.source === source && known.type === type) ?? null;
}
