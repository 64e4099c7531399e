/** The access report: its pictures and their tables. Colours are told apart without colour, too: by pattern or by words. */
export const ACCESS = `
:root { --m-certificate: #0068a6; --m-static-key: #a85c00; --m-emergency-key: #b3261e; --m-password: #8a3b72; --m-other: #5f6b78;
  --h1: #e1eef8; --h2: #b5d5eb; --h3: #5b9fcd; --h4: #004f80; --t1: #18202b; --t2: #18202b; --t3: #10161e; --t4: #ffffff; }
@media (prefers-color-scheme: dark) {
  :root { --m-certificate: #4ba3dc; --m-static-key: #e0a030; --m-emergency-key: #ff7a6b; --m-password: #d98bc0; --m-other: #9aa5b1;
    --h1: #1b3043; --h2: #23557b; --h3: #4e9fd6; --h4: #b3dbf7; --t1: #e7ebf0; --t2: #f2f5f8; --t3: #0b1016; --t4: #0b1016; }
}
@media print {
  :root { --m-certificate: #0068a6; --m-static-key: #a85c00; --m-emergency-key: #b3261e; --m-password: #8a3b72; --m-other: #5f6b78;
    --h1: #e1eef8; --h2: #b5d5eb; --h3: #5b9fcd; --h4: #004f80; --t1: #18202b; --t2: #18202b; --t3: #10161e; --t4: #ffffff; }
}
.picture { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: .8rem 1rem .6rem; margin: .8rem 0; }
.picture figcaption { display: flex; flex-wrap: wrap; gap: .2rem .8rem; align-items: baseline; }
.picture figcaption b { font-size: .95rem; }
.picture .legend { margin: .4rem 0 .5rem; align-items: center; }
.picture .legend .swatch { vertical-align: -.15em; margin-right: .35em; }
.drawing { overflow-x: auto; }
.drawing > svg { display: block; width: 100%; height: auto; max-height: 34rem; min-width: 38rem; }
.drawing > svg.narrow { width: auto; max-width: none; max-height: none; min-width: 0; }
.drawing text { font-size: 11px; fill: var(--ink); font-variant-numeric: tabular-nums; }
.drawing text.faint, .drawing .absent { fill: var(--soft); }
.drawing .rule { stroke: var(--line); stroke-width: 1; }
.drawing .rule.base { stroke: var(--soft); }
.m-certificate { fill: var(--m-certificate); } .m-static-key { fill: var(--m-static-key); } .m-emergency-key { fill: var(--m-emergency-key); }
.m-password { fill: var(--m-password); } .m-other { fill: var(--m-other); }
.over { stroke: var(--paper); fill: var(--paper); }
.edge { stroke: var(--paper); stroke-width: .8; }
.h0 { fill: none; stroke: var(--line); } .h1 { fill: var(--h1); } .h2 { fill: var(--h2); } .h3 { fill: var(--h3); } .h4 { fill: var(--h4); }
.drawing text.x1 { fill: var(--t1); } .drawing text.x2 { fill: var(--t2); } .drawing text.x3 { fill: var(--t3); } .drawing text.x4 { fill: var(--t4); }
.g-used { fill: var(--m-certificate); } .g-unused { fill: var(--paper); stroke: var(--ink); stroke-width: 1.4; }
.g-unknown { stroke: var(--soft); stroke-width: 1; } .g-hatch { stroke: var(--soft); stroke-width: 1.2; }
.drawing text.on-used { fill: var(--t4); }
.same > summary { cursor: pointer; color: var(--link); font-size: .88rem; padding: .25rem 0; width: fit-content; }
.same .scroll { max-height: 26rem; margin-top: .4rem; } .same th, .same td { padding: .25rem .6rem; }
.same thead th { position: sticky; top: 0; }
.rows th, .rows td { padding: .4rem .75rem; } .rows td { overflow-wrap: anywhere; min-width: 7rem; } .rows .tight { min-width: 0; white-space: nowrap; }
.rows { margin: .6rem 0; max-height: 36rem; } .rows thead th { position: sticky; top: 0; z-index: 1; }
@media screen and (max-width: 52rem) { .rows table { min-width: 44rem; } .picture { padding: .6rem .6rem .4rem; } }
@media print {
  .drawing, .rows, .same .scroll { overflow: visible; max-height: none; border: 0; }
  .drawing > svg, .drawing > svg.narrow { min-width: 0; max-width: 100%; }
  .picture { break-inside: avoid; padding: .4rem .5rem; }
  .same > summary { display: none; } .same table { font-size: 6.5pt; } .same th, .same td { padding: 0 2pt; }
  .rows table { font-size: 7.5pt; } .rows th, .rows td { padding: 1.5pt 3pt; min-width: 0; } .rows thead th, .same thead th { position: static; }
}
.rest { color: var(--soft); font-size: .9rem; margin: .3rem 0 0; }
`;
