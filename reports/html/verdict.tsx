/** The first screen: the verdict and why, the numbers, what to do first. */
import { scaleLinear } from 'd3-scale';
import type { VNode } from 'preact';
import type { Closure, FleetReport } from '../../src/model.js';
import { causes, gaps, unreached } from '../group.js';
import { unasked } from '../judged.js';
import { Hosts, SeverityTag, Tag, Time } from './parts.js';
import { count, cut, digits } from './text.js';

const MEANS: Readonly<Record<Closure['verdict'], string>> = {
  closed: 'Every check passes on every host and every condition of section 6.1 is met.',
  open: 'At least one check fails or one condition of section 6.1 is disproved.',
  unproven: 'Nothing is known to be wrong, but something could not be proven. Unproven is not closed.',
};

const MOST_FIRST = 5;

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

function firstSteps(report: FleetReport): readonly VNode[] {
  const failed = causes(report, 'results', 'fail').map(({ check, severity, hosts, message, fix }) => (
    <li>
      <p class="what">
        <SeverityTag severity={severity} /> <b>{cut(check, 60)}</b> on {count(hosts.size, 'host')}:{' '}
        <Hosts names={hosts} brief />
      </p>
      <p>{cut(message, 300)}</p>
      {fix === undefined ? null : (
        <p class="do">
          <b>Do:</b> {cut(fix, 300)}
        </p>
      )}
    </li>
  ));
  const lost = unreached(report).map(({ code, hosts, hint, example }) => (
    <li>
      <p class="what">
        <Tag tone="unknown">not gathered</Tag> <b>{code}</b> on {count(hosts.length, 'host')}:{' '}
        <Hosts names={hosts} brief />
      </p>
      <p>{cut(example.failure.detail, 300)}</p>
      {hint === undefined ? null : (
        <p class="do">
          <b>Do:</b> {cut(hint, 300)}
        </p>
      )}
    </li>
  ));
  const missing = gaps(report, 'results').map(({ checks, hosts, detail, reason }) => (
    <li>
      <p class="what">
        <Tag tone="unknown">unknown</Tag> <b>{reason}</b>, {checks.length === 1 ? 'check' : 'checks'}{' '}
        {cut(checks.join(', '), 60)} on {count(hosts.length, 'host')}: <Hosts names={hosts} brief />
      </p>
      <p>{cut(detail, 300)}</p>
    </li>
  ));
  const open = report.closure.conditions
    .filter(({ state, provide }) => state !== 'met' && provide !== undefined)
    .map(({ title, provide }) => (
      <li>
        <p class="what">
          <Tag tone="unknown">unproven</Tag> {cut(title, 200)}
        </p>
        <p class="do">
          <b>Do:</b> {cut(provide ?? '', 300)}
        </p>
      </li>
    ));
  return [...failed, ...lost, ...missing, ...open];
}

/** The most severe causes with the most hosts, then what hides most results, then what closure still needs. */
export function First({ report }: { readonly report: FleetReport }): VNode {
  const idle = unasked(report);
  const steps = firstSteps(report);
  const left = Math.max(0, steps.length - MOST_FIRST);
  return (
    <div class="card">
      <h2 id="first">What to do first</h2>
      {idle.length === 0 ? null : (
        <p class="note">
          {count(idle.length, 'host was', 'hosts were')} not asked: <Hosts names={idle} brief />. Run again.
        </p>
      )}
      {steps.length === 0 && idle.length === 0 ? <p>Nothing: there is no failure and no gap.</p> : null}
      <ol class="steps">{steps.slice(0, MOST_FIRST)}</ol>
      {left === 0 ? null : (
        <p class="more">
          <a href="#causes">All causes</a>, {count(left, 'more item')}
        </p>
      )}
    </div>
  );
}
