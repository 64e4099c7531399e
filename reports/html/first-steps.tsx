/** What to do first: causes, what was not gathered, what could not be judged, what closure still needs. */
import type { ComponentChildren, VNode } from 'preact';
import type { FleetReport } from '../../src/model.js';
import { causes, gaps, unreached } from '../group.js';
import { unasked } from '../judged.js';
import { Hosts, SeverityTag, Tag, Todo } from './parts.js';
import { count, cut } from './text.js';

const MOST_FIRST = 5;

function Step(props: {
  readonly what: ComponentChildren;
  readonly text?: string;
  readonly todo: string | undefined;
}): VNode {
  const { what, text, todo } = props;
  return (
    <li>
      <p class="what">{what}</p>
      {text === undefined ? null : <p>{cut(text, 300)}</p>}
      <Todo text={todo} most={300} />
    </li>
  );
}

function On({ hosts, total }: { readonly hosts: Iterable<string>; readonly total: number }): VNode {
  return (
    <>
      on {count(total, 'host')}: <Hosts names={hosts} brief />
    </>
  );
}

function firstSteps(report: FleetReport): readonly VNode[] {
  const failed = causes(report, 'results', 'fail').map(({ check, severity, hosts, message, fix }) => (
    <Step
      what={
        <>
          <SeverityTag severity={severity} /> <b>{cut(check, 60)}</b> <On hosts={hosts} total={hosts.size} />
        </>
      }
      text={message}
      todo={fix}
    />
  ));
  const lost = unreached(report).map(({ code, hosts, hint, example }) => (
    <Step
      what={
        <>
          <Tag tone="unknown">not gathered</Tag> <b>{code}</b> <On hosts={hosts} total={hosts.length} />
        </>
      }
      text={example.failure.detail}
      todo={hint}
    />
  ));
  const missing = gaps(report, 'results').map(({ checks, hosts, detail, reason }) => (
    <Step
      what={
        <>
          <Tag tone="unknown">unknown</Tag> <b>{reason}</b>, {checks.length === 1 ? 'check' : 'checks'}{' '}
          {cut(checks.join(', '), 60)} <On hosts={hosts} total={hosts.length} />
        </>
      }
      text={detail}
      todo={undefined}
    />
  ));
  const open = report.closure.conditions
    .filter(({ state, provide }) => state !== 'met' && provide !== undefined)
    .map(({ title, provide }) => (
      <Step
        what={
          <>
            <Tag tone="unknown">unproven</Tag> {cut(title, 200)}
          </>
        }
        todo={provide}
      />
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
