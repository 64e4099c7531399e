/** Match blocks that set something, for pointing at. */
import type { MatchBlock, Origin } from '../types.js';
import type { MatchLine, ParsedConfig } from './types.js';

/** One block per Match line with evaluated settings, in reading order; criteria of nested lines are joined. */
export function matchBlocks(config: ParsedConfig): MatchBlock[] {
  const blocks = new Map<
    MatchLine,
    { criteria: string; settings: Record<string, { value: string; at: Origin }> }
  >();
  for (const { guards, directive } of config.conditional) {
    const innermost = guards?.at(-1);
    if (guards === null || innermost === undefined) continue;
    const block = blocks.get(innermost) ?? {
      criteria: guards.map(({ text }) => text).join(' '),
      settings: {},
    };
    blocks.set(innermost, block);
    block.settings[directive.keyword] ??= { value: directive.values.join(' '), at: directive.at };
  }
  return [...blocks].map(([line, { criteria, settings }]) => ({ at: line.at, criteria, settings }));
}
