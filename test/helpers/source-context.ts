/** What a source is asked with in tests. */
import type { SourceContext } from '../../src/sources/source.js';

export function sourceContext(more: Partial<SourceContext> = {}): SourceContext {
  return {
    env: {},
    cwd: '/',
    inventoryPath: '/inventory.yaml',
    now: new Date('2026-11-21T08:00:00Z'),
    signal: new AbortController().signal,
    ...more,
  };
}
