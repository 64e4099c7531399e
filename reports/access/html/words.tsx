/** Words and small pieces of the access report's page. */
import type { ComponentChildren, VNode } from 'preact';
import type { LoginMethod, SomeHosts } from '../../../src/model.js';
import { Hosts } from '../../html/parts.js';
import { count, digits } from '../../html/text.js';

export const METHOD_ORDER: readonly LoginMethod[] = [
  'certificate',
  'static-key',
  'emergency-key',
  'password',
  'other',
];

/** `web[01-12], db-03 and 7 more`; every host of the run in two words. */
export function OnHosts({ of, all }: { readonly of: SomeHosts; readonly all: number }): VNode {
  if (of.count === all && all > 3) return <span>all {digits(all)} hosts</span>;
  const left = of.count - of.names.length;
  return (
    <>
      <Hosts names={of.names} most={8} />
      {left === 0 ? null : ` and ${digits(left)} more`}
    </>
  );
}

/** What a list leaves out, and where it is. Nothing when all is there. */
export function Rest({
  n,
  of,
  many,
}: {
  readonly n: number;
  readonly of: string;
  readonly many: string;
}): VNode | null {
  if (n <= 0) return null;
  return (
    <p class="rest">
      and {count(n, `more ${of}`, `more ${many}`)}: <code>ssh-scorecard access RUN -f csv</code> lists all
    </p>
  );
}

/** A table that may be wider or longer than its place. */
export function Rows(props: {
  readonly caption: string;
  readonly head: readonly string[];
  /** Columns that hold one short word or a number. */
  readonly tight?: readonly number[];
  readonly rows: readonly (readonly ComponentChildren[])[];
}): VNode {
  const { caption, head, tight = [], rows } = props;
  return (
    <div class="scroll rows" role="region" tabIndex={0} aria-label={caption}>
      <table>
        <caption class="vh">{caption}</caption>
        <thead>
          <tr>
            {head.map((name) => (
              <th scope="col">{name}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells) => (
            <tr>
              {cells.map((cell, index) =>
                index === 0 ? (
                  <th scope="row">{cell}</th>
                ) : (
                  <td class={tight.includes(index) ? 'tight' : ''}>{cell}</td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
