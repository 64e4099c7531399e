/** The first screen: the verdict and why, and the numbers. */
import { scaleLinear } from 'd3-scale';
import type { VNode } from 'preact';
import type { Closure, FleetReport } from '../../src/model.js';
import { Time } from './parts.js';
import { count, cut, digits } from './text.js';

const MEANS: Readonly<Record<Closure['verdict'], string>> = {
  closed: 'Every check passes on every host and every condition of section 6.1 is met.',
  open: 'At least one check fails or one condition of section 6.1 is disproved.',
  unproven: 'Nothing is known to be wrong, but something could not be proven. Unproven is not closed.',
};

export function Head({ report }: { readonly report: FleetReport }): VNode {
  const { closure, run, tool, totals } = report;
  return (
    <header class={`top v-${closure.verdict}`}>
      <div class="wrap">
        <p class="eyebrow">SSH access scorecard</p>
        <h1>
          <span class="word">{closure.verdict}</span>
          <span class="because">{cut(closure.because)}</span>
        </h1>
        <p class="means">{MEANS[closure.verdict]}</p>
        <p class="stamp">
          {count(totals.hosts, 'host')} of <code>{cut(run.inventory.path, 200)}</code>, judged at{' '}
          <Time at={run.now} /> by {tool.name} {cut(tool.version, 40)}
        </p>
      </div>
    </header>
  );
}

/** Results of all hosts as one bar: pass, waived, unknown, fail, as wide as they are many. */
function Bar({ report }: { readonly report: FleetReport }): VNode | null {
  const { pass, fail, unknown, waived } = report.totals;
  const parts = [
    ['pass', pass],
    ['waived', waived],
    ['unknown', unknown],
    ['fail', Math.max(0, fail - waived)],
  ] as const;
  const sum = parts.reduce((total, [, n]) => total + n, 0);
  if (sum === 0) return null;
  const x = scaleLinear([0, sum], [0, 1000]);
  let from = 0;
  return (
    <figure class="bar">
      <svg viewBox="0 0 1000 14" preserveAspectRatio="none" aria-hidden="true">
        {parts.map(([name, n]) => {
          const at = from;
          from += n;
          return n === 0 ? null : (
            <rect class={`fill-${name}`} x={x(at).toFixed(2)} y="0" width={x(n).toFixed(2)} height="14" />
          );
        })}
      </svg>
      <figcaption>
        {parts.map(([name, n]) => (
          <span class="key">
            <i class={`dot bg-${name}`} aria-hidden="true" />
            <b>{digits(n)}</b> {name}
          </span>
        ))}
        <span class="key of">of {count(sum, 'result')}; the score counts passes only</span>
      </figcaption>
    </figure>
  );
}

export function Numbers({ report }: { readonly report: FleetReport }): VNode {
  const { totals, closure } = report;
  const met = closure.conditions.filter(({ state }) => state === 'met').length;
  const tiles = [
    [digits(totals.complete), `of ${count(totals.hosts, 'host')} with ten of ten`],
    [digits(totals.reached), `of ${count(totals.hosts, 'host')} reached`],
    [digits(met), `of ${count(closure.conditions.length, 'condition')} met`],
    [
      digits(totals.fail),
      totals.waived === 0 ? 'failed results' : `failed results, ${digits(totals.waived)} waived`,
    ],
    [digits(totals.unknown), 'unknown results'],
  ] as const;
  return (
    <div class="numbers">
      <ul class="tiles">
        {tiles.map(([value, label]) => (
          <li>
            <b>{value}</b> <span>{label}</span>
          </li>
        ))}
      </ul>
      <Bar report={report} />
    </div>
  );
}
