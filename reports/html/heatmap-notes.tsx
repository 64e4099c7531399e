/** Beside the heat map: what its colours mean, and what it leaves out. */
import type { VNode } from 'preact';
import { Hosts, WORDS } from './parts.js';
import { count, digits } from './text.js';
import { MOST_ROWS, type View } from './view.js';

export function Legend(): VNode {
  return (
    <p class="legend">
      {(['pass', 'fail', 'unknown', 'waived', 'none'] as const).map((cell) => (
        <span class="key">
          <i class={`dot bg-${cell}`} aria-hidden="true" /> {WORDS[cell]}
        </span>
      ))}
    </p>
  );
}

/** What the table leaves out, in words. */
export function NotListed({ view }: { readonly view: View }): VNode | null {
  const { rows, listed } = view;
  if (listed.length === rows.length) return null;
  const clean = rows.filter((row) => row.clean);
  const left = rows.length - clean.length - listed.length;
  return (
    <div class="note">
      <p>
        The table lists {count(listed.length, 'host')} of {digits(rows.length)}: those with something that is
        not a pass, at most {digits(MOST_ROWS)}. Every result of every host is in results.json.
      </p>
      {left === 0 ? null : (
        <p>{count(left, 'more host is', 'more hosts are')} not all-pass and not listed.</p>
      )}
      {clean.length === 0 ? null : (
        <details>
          <summary>
            {count(clean.length, 'host passes', 'hosts pass')} every check and{' '}
            {clean.length === 1 ? 'is' : 'are'} not listed
          </summary>
          <p>
            <Hosts names={clean.map(({ host }) => host.name)} most={200} />
          </p>
        </details>
      )}
    </div>
  );
}
