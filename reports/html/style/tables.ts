/** Tables and the heat map. */
export const TABLES = `
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
