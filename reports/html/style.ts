/** The page's only style sheet. Colours are in one place and keep a contrast of 4.5 to 1 in both schemes. */
const COLOURS = `
:root {
  color-scheme: light dark;
  --page: #f4f5f7; --paper: #ffffff; --ink: #18202b; --soft: #53606f; --line: #dce1e7; --link: #1a4fc4;
  --pass: #14613a; --pass-bg: #e0f2e7; --pass-fill: #4fa777;
  --fail: #9a1717; --fail-bg: #fadad7; --fail-fill: #cc3d36;
  --unknown: #6a4800; --unknown-bg: #fbedc8; --unknown-fill: #dfa82f;
  --waived: #4a388c; --waived-bg: #e7e2f8; --waived-fill: #8a78cf;
  --none: #53606f; --none-bg: #eaedf1; --none-fill: #b9c1cb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0e1319; --paper: #161d26; --ink: #e7ebf0; --soft: #a5b0bd; --line: #2a3441; --link: #8fb6ff;
    --pass: #93dcb0; --pass-bg: #143323; --pass-fill: #3c8f62;
    --fail: #ffb8b2; --fail-bg: #4b1a1a; --fail-fill: #cf4c45;
    --unknown: #f2d482; --unknown-bg: #3a2f10; --unknown-fill: #b98a24;
    --waived: #cabff8; --waived-bg: #2c2553; --waived-fill: #7868c0;
    --none: #a5b0bd; --none-bg: #222b36; --none-fill: #566272;
  }
}
@media print {
  :root {
    color-scheme: light;
    --page: #ffffff; --paper: #ffffff; --ink: #000000; --soft: #3c4650; --line: #c3cad2; --link: #000000;
    --pass: #14613a; --pass-bg: #e0f2e7; --fail: #9a1717; --fail-bg: #fadad7;
    --unknown: #6a4800; --unknown-bg: #fbedc8; --waived: #4a388c; --waived-bg: #e7e2f8;
    --none: #53606f; --none-bg: #eaedf1;
  }
}
`;

const BASE = `
*, ::before, ::after { box-sizing: border-box; }
[hidden] { display: none !important; }
html { scroll-padding-top: 4rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
.wrap, main { max-width: 75rem; margin: 0 auto; padding: 0 1.5rem; }
h1, h2, h3, p, ul, ol, dl, figure { margin: 0; }
ul, ol { padding: 0; list-style: none; }
h2 { font-size: 1.35rem; line-height: 1.25; letter-spacing: -.01em; }
h3 { font-size: 1rem; margin: 1.6rem 0 .6rem; }
.results h3 { font-size: .95rem; margin: 0; }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 3px; }
code, .path, .excerpt { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
  font-size: .88em; overflow-wrap: anywhere; }
p, li, dd, summary { overflow-wrap: anywhere; }
td, th { overflow-wrap: break-word; }
time { white-space: nowrap; }
.soft { color: var(--soft); font-weight: 400; }
.vh { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 1rem; z-index: 9; background: var(--paper); padding: .5rem 1rem; }
.print-only { display: none; }
section { margin: 3.2rem 0; }
.lead { color: var(--soft); margin: .25rem 0 1rem; max-width: 46rem; }
footer { height: 3rem; }
`;

const FIRST_SCREEN = `
.top { background: var(--paper); border-bottom: 1px solid var(--line); border-top: 8px solid var(--none-fill); padding: 1.5rem 0 1.25rem; }
.v-closed { border-top-color: var(--pass-fill); } .v-open { border-top-color: var(--fail-fill); }
.v-unproven { border-top-color: var(--unknown-fill); }
.eyebrow { font-size: .8rem; letter-spacing: .08em; text-transform: uppercase; color: var(--soft); font-weight: 600; }
h1 { display: flex; flex-wrap: wrap; align-items: baseline; gap: .1rem 1rem; line-height: 1.15; margin: .2rem 0 .4rem; }
h1 .word { font-size: clamp(2.4rem, 6vw, 3.4rem); letter-spacing: -.03em; text-transform: capitalize; font-weight: 700; }
.v-closed .word { color: var(--pass); } .v-open .word { color: var(--fail); } .v-unproven .word { color: var(--unknown); }
h1 .because { font-size: 1.2rem; font-weight: 500; max-width: 48rem; overflow-wrap: anywhere; }
.means { max-width: 48rem; }
.stamp { color: var(--soft); font-size: .88rem; margin-top: .35rem; }
nav { position: sticky; top: 0; z-index: 5; background: var(--paper); border-bottom: 1px solid var(--line); }
nav ul { display: flex; gap: .25rem 1.25rem; overflow-x: auto; max-width: 75rem; margin: 0 auto; padding: 0 1.5rem; }
nav a { display: block; padding: .65rem 0; text-decoration: none; color: var(--ink); font-size: .9rem; white-space: nowrap; }
nav a:hover { color: var(--link); text-decoration: underline; }
nav a:focus-visible { outline-offset: -3px; }
.numbers { margin: 1.25rem 0; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 1rem 1.25rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.2rem, 1fr)); gap: .75rem 1.25rem; }
.tiles b { display: block; font-size: 1.7rem; line-height: 1.15; font-weight: 650; font-variant-numeric: tabular-nums; letter-spacing: -.02em; }
.tiles span { color: var(--soft); font-size: .86rem; line-height: 1.3; display: block; }
.bar { margin-top: .9rem; }
.bar svg { display: block; width: 100%; height: 12px; border-radius: 3px; background: var(--none-bg); }
.bar figcaption, .legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; font-size: .86rem; margin-top: .5rem; }
.legend { margin: 0 0 .75rem; }
.key.of { color: var(--soft); }
.dot { display: inline-block; width: .7em; height: .7em; border-radius: 2px; margin-right: .3em; }
.fill-pass { fill: var(--pass-fill); } .fill-fail { fill: var(--fail-fill); }
.fill-unknown { fill: var(--unknown-fill); } .fill-waived { fill: var(--waived-fill); }
.bg-pass { background: var(--pass-fill); } .bg-fail { background: var(--fail-fill); } .bg-unknown { background: var(--unknown-fill); }
.bg-waived { background: var(--waived-fill); } .bg-none { background: var(--none-fill); }
.columns { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 1.25rem; align-items: start; }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 1rem 1.25rem 1.1rem; }
.card h2 { font-size: 1.1rem; margin-bottom: .5rem; }
.card .soft, .card .against { font-size: .9rem; }
.steps { counter-reset: step; }
.steps li { counter-increment: step; position: relative; padding: .6rem 0 .6rem 2rem; border-top: 1px solid var(--line); }
.steps li:first-child { border-top: 0; }
.steps li::before { content: counter(step); position: absolute; left: 0; top: .6rem; font-weight: 650; color: var(--soft); font-variant-numeric: tabular-nums; }
.do { border-left: 3px solid var(--link); padding-left: .6rem; margin-top: .3rem; }
.more { margin-top: .4rem; font-size: .9rem; }
.changed li { padding: .35rem 0; border-top: 1px solid var(--line); }
.changed .on { display: block; font-size: .9rem; margin-top: .15rem; }
.against { color: var(--soft); margin-bottom: .6rem; }
.note { background: var(--unknown-bg); color: var(--ink); border-radius: 6px; padding: .6rem .9rem; margin: .75rem 0; }
.warn h2 { font-size: 1rem; }
`;

const TABLES = `
.tag { display: inline-block; padding: .05rem .45rem; border-radius: 4px; font-size: .8rem; font-weight: 600; line-height: 1.5;
  white-space: nowrap; background: var(--none-bg); color: var(--none); }
.tag.pass { background: var(--pass-bg); color: var(--pass); } .tag.fail { background: var(--fail-bg); color: var(--fail); }
.tag.unknown { background: var(--unknown-bg); color: var(--unknown); } .tag.waived { background: var(--waived-bg); color: var(--waived); }
.sev-critical { background: var(--fail); color: var(--paper); } .sev-high { background: var(--fail-bg); color: var(--fail); }
.sev-medium { background: var(--unknown-bg); color: var(--unknown); }
table { border-collapse: separate; border-spacing: 0; width: 100%; background: var(--paper); font-size: .9rem; }
caption { text-align: left; color: var(--soft); padding: 0 0 .4rem; font-size: .88rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .75rem; border-bottom: 1px solid var(--line); font-weight: 400; }
thead th { font-weight: 600; font-size: .84rem; color: var(--soft); vertical-align: bottom; background: var(--paper); }
tbody th { font-weight: 600; }
.num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.scroll { overflow: auto; border: 1px solid var(--line); border-radius: 8px; background: var(--paper); }
.runs { max-height: 24rem; margin-top: 1.25rem; } .runs th, .runs td { padding: .3rem .75rem; } .runs thead th { position: sticky; top: 0; }
.scroll caption:not(.vh) { padding: .6rem .75rem 0; }
.wide th[scope=row] { width: 30%; } .wide td { width: 30%; } .wide td:first-child { width: 1%; }
.heat { max-height: 85vh; }
.heat table { font-size: .82rem; width: auto; min-width: 100%; }
.heat th, .heat td { padding: .3rem .5rem; }
.heat thead { position: sticky; top: 0; z-index: 2; }
.heat tbody th { white-space: nowrap; } .heat tbody .long { white-space: normal; overflow-wrap: anywhere; min-width: 12rem; }
.heat .group td { border: 0; }
.heat .group th { text-align: center; padding: .5rem .5rem 0; border: 0; }
.heat .apart { border-left: .8rem solid var(--paper); }
.heat tbody th, .heat .corner { position: sticky; left: 0; z-index: 1; background: var(--paper); max-width: 18rem; }
.heat thead .corner { z-index: 3; }
.heat tbody th { border-right: 1px solid var(--line); font-weight: 500; }
.heat .turn { vertical-align: bottom; padding: .5rem 0 .4rem; width: 4.6rem; min-width: 4rem; text-align: center; }
.heat .turn a { display: inline-block; writing-mode: vertical-rl; transform: rotate(180deg); text-decoration: none; color: var(--ink);
  max-height: 13rem; min-width: 1.6rem; text-align: left; overflow-wrap: anywhere; }
.heat .turn a:hover { text-decoration: underline; }
.heat .score { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; font-weight: 600; }
.heat .env { color: var(--soft); white-space: nowrap; }
.c { text-align: center !important; border-left: 2px solid var(--paper); border-bottom: 2px solid var(--paper) !important; font-size: .78rem; }
.heat td.c { padding: 0; vertical-align: middle; height: 1.9rem; }
.c a { display: block; padding: .35rem .2rem; color: inherit; font-weight: 600; }
.c.pass { background: var(--pass-bg); color: var(--pass); } .c.fail { background: var(--fail-bg); color: var(--fail); font-weight: 700; }
.c.unknown { background: var(--unknown-bg); color: var(--unknown); } .c.waived { background: var(--waived-bg); color: var(--waived); }
.c.none { background: var(--none-bg); color: var(--none); }
.heat tbody tr:hover th { background: var(--none-bg); }
`;

const FOLDED = `
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

const MEDIA = `
@media screen and (max-width: 52rem) {
  .columns { grid-template-columns: minmax(0, 1fr); }
  .wrap, main, nav ul { padding-left: 1rem; padding-right: 1rem; }
  .facts > div, .facts.two > div { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .facts.two { grid-template-columns: minmax(0, 1fr); }
  .heat tbody th, .heat .corner { max-width: 11rem; } .heat tbody .long { min-width: 9rem; }
  .item > :not(summary) { padding-left: 1rem; }
  .check .n { min-width: 0; }
  .item > summary .what { flex-basis: 9rem; }
  .filter label, .filter input, .filter select { width: 100%; }
  .wide { min-width: 44rem; }
}
@page { size: A4; margin: 14mm 12mm; }
@media print {
  html { font-size: 12.5px; }
  body { font-size: .95rem; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  .wrap, main { max-width: none; padding: 0; }
  nav, .filter, .skip, .more, .clean { display: none !important; }
  .print-only { display: block; }
  section { margin: 1.6rem 0; }
  h2, h3, summary { break-after: avoid; }
  .steps li, .list li, .finding, .chart, .tiles, tr { break-inside: avoid; }
  .scroll, .heat, .runs { overflow: visible; max-height: none; border: 0; }
  .heat thead, .runs thead th, .heat tbody th, .heat .corner { position: static; }
  .heat table { font-size: 7pt; }
  .heat thead th { font-size: 6.5pt; }
  .heat th, .heat td, .runs th, .runs td { padding: 1pt 3pt; }
  .charts { grid-template-columns: repeat(3, minmax(0, 1fr)); }
  .charts.small { grid-template-columns: repeat(5, minmax(0, 1fr)); }
  .chart { padding: .4rem .5rem .2rem; }
  .charts.small figcaption { display: block; }
  .runs table { font-size: .8rem; }
  .heat td.c { height: auto; font-size: 6.5pt; }
  .c a { padding: 1pt; }
  .heat .turn { min-width: 0; width: 8%; padding: 2pt; }
  .heat .turn a { writing-mode: horizontal-tb; transform: none; font-size: 6pt; min-width: 0; text-align: center; overflow-wrap: anywhere; }
  .top { border-top-width: 4px; padding-top: .8rem; }
  details::details-content { content-visibility: visible; height: auto; }
  a { text-decoration: none; }
}
`;

export const STYLE = [COLOURS, BASE, FIRST_SCREEN, TABLES, FOLDED, MEDIA].join('');
