/** Entries that unfold, the filter, charts of the trend. */
export const FOLDED = `
.list li { padding: .6rem 0; border-top: 1px solid var(--line); }
.list li:first-child { border-top: 0; } .list.tight li { padding: .3rem 0; }
.bullets { list-style: disc; padding-left: 1.1rem; } .notes { list-style: circle; padding-left: 1.1rem; color: var(--soft); font-size: .9rem; }
.left { color: var(--soft); font-style: italic; }
.items { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; }
.item + .item { border-top: 1px solid var(--line); }
.item > summary { display: flex; flex-wrap: wrap; align-items: baseline; gap: .2rem .7rem; padding: .6rem 1rem; cursor: pointer; list-style: none; }
.item > summary::-webkit-details-marker { display: none; }
.item > summary::before { content: ""; flex: none; width: .45em; height: .45em; border-right: 2px solid var(--soft); border-bottom: 2px solid var(--soft);
  transform: rotate(-45deg); align-self: flex-start; margin-top: .5em; }
.item[open] > summary::before { transform: rotate(45deg); }
.item > summary:hover { background: var(--page); }
.item > summary .what { flex: 1 1 20rem; min-width: 0; }
.item > summary .n { color: var(--soft); font-variant-numeric: tabular-nums; white-space: nowrap; font-size: .9rem; }
.item > :not(summary) { padding: .2rem 1rem 1rem 2.1rem; }
.check .num { min-width: 1.4rem; text-align: right; color: var(--soft); font-weight: 600; }
.check .n { min-width: 11rem; text-align: right; }
.meter { align-self: center; background: var(--none-bg); border-radius: 2px; }
.facts > div { display: grid; grid-template-columns: 10.5rem minmax(0, 1fr); gap: .1rem 1rem; padding: .3rem 0; }
.facts dt { color: var(--soft); font-size: .88rem; } .facts dd { margin: 0; max-width: 52rem; }
.facts.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(24rem, 1fr)); gap: 0 2rem; }
.facts.two > div { grid-template-columns: 9rem minmax(0, 1fr); }
.evidence { margin: .3rem 0; font-size: .9rem; }
.evidence .where { color: var(--soft); }
.excerpt { display: block; background: var(--page); border: 1px solid var(--line); border-radius: 4px; padding: .25rem .5rem; margin: .15rem 0 .35rem;
  white-space: pre-wrap; }
.results > li { border-top: 1px solid var(--line); padding: .7rem 0; margin-top: .5rem; }
.results h3 :target { text-decoration: underline; text-decoration-thickness: 3px; text-underline-offset: .2em; }
[id] { scroll-margin-top: .5rem; }
.finding { padding: .35rem 0 .35rem; } .subject { font-weight: 600; }
.passes { font-size: .9rem; border-top: 1px solid var(--line); padding-top: .6rem; margin-top: .5rem; }
.filter { display: flex; flex-wrap: wrap; align-items: end; gap: .6rem .9rem; background: var(--paper); border: 1px solid var(--line);
  border-radius: 8px; padding: .75rem 1rem; margin: 1rem 0; font-size: .9rem; }
.filter label span { display: block; font-size: .8rem; color: var(--soft); }
.filter input, .filter select, .filter button { font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--soft); border-radius: 5px;
  padding: .3rem .5rem; min-height: 2.1rem; max-width: 100%; }
.filter input { width: 15rem; } .filter ::placeholder { color: var(--soft); opacity: 1; } .filter button { cursor: pointer; }
.filter [role=status] { color: var(--soft); align-self: center; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 1rem; }
.charts.small { grid-template-columns: repeat(auto-fill, minmax(12.5rem, 1fr)); margin-bottom: 1.25rem; }
.chart { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: .6rem .8rem .4rem; }
.chart figcaption { font-size: .86rem; display: flex; align-items: baseline; gap: .4rem; } .chart .range { margin-left: auto; font-size: .78rem; white-space: nowrap; } .chart b { font-size: 1.05rem; font-variant-numeric: tabular-nums; }
.chart svg { display: block; width: 100%; height: auto; }
.chart .axis { stroke: var(--soft); } .chart .grid { stroke: var(--line); stroke-dasharray: 2 3; }
.chart .line { fill: none; stroke: currentColor; stroke-width: 2; } .chart svg .dot { fill: currentColor; }
.chart .open { fill: var(--paper); stroke: currentColor; stroke-width: 1.5; }
.t-pass svg { color: var(--pass-fill); } .t-fail svg { color: var(--fail-fill); } .t-unknown svg { color: var(--unknown-fill); }
.t-none svg { color: var(--none-fill); }
`;
