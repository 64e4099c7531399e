/** The first screen: verdict, numbers, what to do first, what changed. */
export const FIRST_SCREEN = `
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
