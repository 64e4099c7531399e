/** The frame of every picture: what it shows in words, the drawing, a legend, and the same as a table. */
import type { ComponentChildren, VNode } from 'preact';
import type { LoginMethod } from '../../../src/model.js';
import { METHODS } from '../text.js';

export function Picture(props: {
  /** Part of element ids. */
  readonly id: string;
  readonly title: string;
  /** What a reader of the drawing sees, in a sentence. */
  readonly description: string;
  readonly size: readonly [number, number];
  readonly narrow?: boolean;
  readonly legend?: ComponentChildren;
  readonly table: VNode;
  readonly note?: ComponentChildren;
  readonly children: ComponentChildren;
}): VNode {
  const { id, title, description, size, narrow = false, legend, table, note, children } = props;
  const [width, height] = size;
  return (
    <figure class="picture" aria-labelledby={`${id}-c`}>
      <figcaption id={`${id}-c`}>
        <b>{title}</b> <span class="soft">{description}</span>
      </figcaption>
      {legend === undefined ? null : <p class="legend">{legend}</p>}
      <div class="drawing" role="region" tabIndex={0} aria-label={`${title}: the drawing`}>
        <svg
          viewBox={`0 0 ${width} ${height}`}
          {...(narrow && { width, height, class: 'narrow' })}
          role="img"
          aria-labelledby={`${id}-t ${id}-d`}
        >
          <title id={`${id}-t`}>{title}</title>
          <desc id={`${id}-d`}>{description} The table after it holds the same numbers.</desc>
          {children}
        </svg>
      </div>
      {note === undefined ? null : <p class="rest">{note}</p>}
      <details class="same">
        <summary>{title}, as a table</summary>
        <div class="scroll" role="region" tabIndex={0} aria-label={`${title}, as a table`}>
          {table}
        </div>
      </details>
    </figure>
  );
}

/** What fills a bar: each method by its own pattern as well as by its colour. */
export function MethodPatterns(): VNode {
  return (
    <defs>
      <pattern
        id="pat-static-key"
        width="6"
        height="6"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <rect width="6" height="6" class="m-static-key" />
        <path d="M0 0V6" stroke-width="2.4" class="over" />
      </pattern>
      <pattern id="pat-emergency-key" width="7" height="7" patternUnits="userSpaceOnUse">
        <rect width="7" height="7" class="m-emergency-key" />
        <path d="M0 0L7 7M7 0L0 7" stroke-width="1.3" class="over" />
      </pattern>
      <pattern id="pat-password" width="6" height="6" patternUnits="userSpaceOnUse">
        <rect width="6" height="6" class="m-password" />
        <circle cx="3" cy="3" r="1.5" stroke-width="0" class="over" />
      </pattern>
      <pattern id="pat-other" width="6" height="5" patternUnits="userSpaceOnUse">
        <rect width="6" height="5" class="m-other" />
        <path d="M0 2.5H6" stroke-width="1.6" class="over" />
      </pattern>
    </defs>
  );
}

/** Attributes of a shape that stands for a method. */
export function methodFill(method: LoginMethod): { readonly class: string; readonly fill?: string } {
  return method === 'certificate'
    ? { class: 'edge m-certificate' }
    : { class: 'edge', fill: `url(#pat-${method})` };
}

export function MethodKey({ method }: { readonly method: LoginMethod }): VNode {
  return (
    <span class="key">
      <svg class="swatch" width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
        <rect width="14" height="14" {...methodFill(method)} />
      </svg>
      {METHODS[method]}
    </span>
  );
}
