/** Colours, in one place, with a contrast of 4.5 to 1 in both schemes; text and the page. */
export const COLOURS = `
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

export const BASE = `
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
