/** Long lists on the page: the first ones, the rest counted. */
import { block, type Page } from '../../table/page.js';

const MOST = 40;

/** At most `MOST` of them unless everything is asked for, the rest counted. */
export function some<T>(
  page: Page,
  all: readonly T[],
  draw: (one: T) => readonly string[],
  noun: string,
): readonly string[] {
  const shown = page.verbose ? all : all.slice(0, MOST);
  const left = all.length - shown.length;
  return [
    ...shown.flatMap(draw),
    ...(left > 0
      ? block(page, `and ${left} more ${noun} (-v shows all)`, { indent: 2, paint: page.paint.faint })
      : []),
  ];
}

/** No colour. */
export function same(text: string): string {
  return text;
}
