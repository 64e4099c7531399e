/** The small pieces every section is made of. */
import type { ComponentChildren, VNode } from 'preact';
import type { EvidenceRef, Severity } from '../../src/model.js';
import { count, cut, digits, first, folded, instant, place } from './text.js';
import { MOST_EXCERPTS, type Cell } from './view.js';

/** Words of a cell, and the class that colours it. */
export const WORDS: Readonly<Record<Cell, string>> = {
  pass: 'pass',
  fail: 'fail',
  unknown: 'unknown',
  waived: 'waived',
  none: 'not judged',
};

export function Section(props: {
  readonly id: string;
  readonly title: string;
  readonly lead?: ComponentChildren;
  readonly children: ComponentChildren;
}): VNode {
  return (
    <section id={props.id} aria-labelledby={`${props.id}-title`}>
      <h2 id={`${props.id}-title`}>{props.title}</h2>
      {props.lead === undefined ? null : <p class="lead">{props.lead}</p>}
      {props.children}
    </section>
  );
}

/** A word on its colour. `tone` is one of the classes of style.ts. */
export function Tag({
  tone,
  children,
}: {
  readonly tone: string;
  readonly children: ComponentChildren;
}): VNode {
  return <span class={`tag ${tone}`}>{children}</span>;
}

export function SeverityTag({ severity }: { readonly severity: Severity }): VNode {
  return <Tag tone={`sev-${severity}`}>{severity}</Tag>;
}

export function Time({ at }: { readonly at: string }): VNode {
  const shown = instant(at);
  return shown.endsWith(' UTC') ? <time dateTime={at}>{shown}</time> : <span>{shown}</span>;
}

/** `web[01-40], db-03 and 7 more`; `brief`: as long as one line. */
export function Hosts(props: {
  readonly names: Iterable<string>;
  readonly most?: number;
  readonly brief?: boolean;
}): VNode {
  const { names, most = 24, brief = false } = props;
  const { pieces, left } = brief ? folded(names, 3, 60) : folded(names, most);
  return (
    <span class="hosts">
      {pieces.map((piece, index) => [index === 0 ? '' : ', ', <code>{piece}</code>])}
      {left === 0 ? null : ` and ${digits(left)} more`}
    </span>
  );
}

/** Lines of a definition list; those without a value are left out. */
export function Facts({
  of,
  class: name = 'facts',
}: {
  readonly of: readonly (readonly [string, ComponentChildren])[];
  readonly class?: string;
}): VNode {
  return (
    <dl class={name}>
      {of
        .filter(([, value]) => value !== undefined && value !== null && value !== '')
        .map(([term, value]) => (
          <div>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** Where a finding or a pass was read, with the decisive text. */
export function Evidence({ of }: { readonly of: readonly EvidenceRef[] }): VNode | null {
  if (of.length === 0) return null;
  const { shown, left } = first(of, MOST_EXCERPTS);
  return (
    <ul class="evidence">
      {shown.map((ref) => {
        const where = place(ref);
        return (
          <li>
            <span class="where">
              {cut(ref.probe, 100)}
              {where === undefined ? null : [' · ', <span class="path">{where}</span>]}
            </span>
            {ref.excerpt === undefined ? null : <code class="excerpt">{cut(ref.excerpt, 300)}</code>}
          </li>
        );
      })}
      <Left n={left} of="excerpt" />
    </ul>
  );
}

/** `and 12 more findings, in results.json`, as a list item. Nothing when nothing is left out. */
export function Left({ n, of }: { readonly n: number; readonly of: string }): VNode | null {
  return n === 0 ? null : <li class="left">and {count(n, `more ${of}`)}, in results.json</li>;
}

/** What to do about it, or nothing. */
export function Todo({
  text,
  most,
}: {
  readonly text: string | undefined;
  readonly most?: number;
}): VNode | null {
  return text === undefined ? null : (
    <p class="do">
      <b>Do:</b> {cut(text, most)}
    </p>
  );
}

/** What a reader must know before everything else, or nothing. */
export function Warned({ of }: { readonly of: readonly string[] }): VNode | null {
  if (of.length === 0) return null;
  return (
    <div class="note warn" role="note" aria-labelledby="warnings">
      <h2 id="warnings">{count(of.length, 'thing')} to know</h2>
      <Bullets of={of} most={50} noun="warning" />
    </div>
  );
}

/** A bulleted list of texts, or nothing. */
export function Bullets({
  of,
  class: name = 'bullets',
  most = 20,
  noun = 'entry',
}: {
  readonly of: readonly string[];
  readonly class?: string;
  readonly most?: number;
  readonly noun?: string;
}): VNode | null {
  if (of.length === 0) return null;
  const { shown, left } = first(of, most);
  return (
    <ul class={name}>
      {shown.map((text) => (
        <li>{cut(text)}</li>
      ))}
      <Left n={left} of={noun} />
    </ul>
  );
}
