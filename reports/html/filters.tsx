/** Search and filters. Hidden until the script shows them: without it they would do nothing. */
import type { VNode } from 'preact';
import { byCodeUnit } from '../judged.js';
import { LETTERS } from './host-table.js';
import { cut, numbered } from './text.js';
import type { View } from './view.js';

const MOST_ENVIRONMENTS = 200;

export function Filters({ view }: { readonly view: View }): VNode {
  const named = view.rows.flatMap(({ host }) => (host.environment === undefined ? [] : [host.environment]));
  const environments = [...new Set(named)].sort(byCodeUnit).slice(0, MOST_ENVIRONMENTS);
  return (
    <form id="filter" class="filter" role="search" aria-label="Filter hosts" hidden>
      <label>
        <span>Search hosts</span>
        <input id="f-text" type="search" autocomplete="off" placeholder="name, account, path …" />
      </label>
      <label>
        <span>Check</span>
        <select id="f-check">
          <option value="">any</option>
          {[...view.ten, ...view.plugins, ...view.guidance].map(({ id, index, meta }) => (
            <option value={String(index)}>{numbered(meta?.number, id, 60)}</option>
          ))}
        </select>
      </label>
      <label>
        <span>Result</span>
        <select id="f-status">
          <option value="">any</option>
          {LETTERS.map(([letter, word]) => (
            <option value={letter}>{word}</option>
          ))}
        </select>
      </label>
      <label>
        <span>Environment</span>
        <select id="f-env">
          <option value="">any</option>
          {environments.map((name) => (
            <option value={`=${cut(name, 80)}`}>{cut(name, 80)}</option>
          ))}
        </select>
      </label>
      <button type="reset">Show all</button>
      <button type="button" id="f-open" aria-pressed="false">
        Unfold hosts
      </button>
      <p id="f-count" role="status" />
    </form>
  );
}
