/** The ways into a page: past its head, and to its sections. */
import type { VNode } from 'preact';

export function Skip(): VNode {
  return (
    <a class="skip" href="#main">
      Skip to the report
    </a>
  );
}

/** @param links ID of a section, and its name. */
export function Navigation({ links }: { readonly links: readonly (readonly [string, string])[] }): VNode {
  return (
    <nav aria-label="Sections">
      <ul>
        {links.map(([id, words]) => (
          <li>
            <a href={`#${id}`}>{words}</a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
