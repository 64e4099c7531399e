/** Small screens and print. */
export const MEDIA = `
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
