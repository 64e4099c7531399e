/** What many hosts have in common: failures, gaps and unreached hosts, one entry a cause. */
import type { VNode } from 'preact';
import type { EvidenceRef, FleetReport } from '../../src/model.js';
import { causes, gaps, unreached, type Cause, type Gap } from '../group.js';
import { unasked } from '../judged.js';
import { CauseItem, GapItem, MOST_SUBJECTS, UnreachedItem } from './cause-items.js';
import { Hosts, Left, Section } from './parts.js';
import { fitting, MOST_EXCERPTS } from './view.js';

/** Entries of one kind, and the room they may take. */
const MOST_CAUSES = 100;
const MOST_BYTES = 250_000;

/** A heading and its entries, bounded in number and bytes; nothing when there are none. */
function Group<T>(props: {
  readonly title: string;
  readonly of: readonly T[];
  readonly texts: (item: T) => readonly (string | undefined)[];
  readonly show: (item: T, index: number) => VNode;
}): VNode | null {
  const { title, of, texts, show } = props;
  if (of.length === 0) return null;
  const shown = fitting(of, MOST_CAUSES, MOST_BYTES, texts);
  return (
    <>
      <h3>{title}</h3>
      {shown.length === 0 ? null : <div class="items">{shown.map(show)}</div>}
      {shown.length === of.length ? null : (
        <ul class="bullets">
          <Left n={of.length - shown.length} of="cause" />
        </ul>
      )}
    </>
  );
}

function evidenceTexts(of: readonly EvidenceRef[]): readonly (string | undefined)[] {
  return of.slice(0, MOST_EXCERPTS).flatMap(({ probe, path, excerpt }) => [probe, path, excerpt]);
}

/** Failures of one kind, the first `open` of them unfolded. */
export function CauseGroup(props: {
  readonly title: string;
  readonly of: readonly Cause[];
  readonly open?: number;
}): VNode {
  const { title, of, open = 0 } = props;
  return (
    <Group
      title={title}
      of={of}
      texts={({ message, fix, subjects, example }) => [
        message,
        fix,
        ...[...subjects].slice(0, MOST_SUBJECTS),
        example.at?.path,
        ...evidenceTexts(example.evidence),
      ]}
      show={(cause, index) => <CauseItem cause={cause} open={index < open} />}
    />
  );
}

export function GapGroup({ title, of }: { readonly title: string; readonly of: readonly Gap[] }): VNode {
  return (
    <Group
      title={title}
      of={of}
      texts={({ detail, missing, checks }) => [detail, checks.join(', '), ...missing.slice(0, 20)]}
      show={(gap) => <GapItem gap={gap} />}
    />
  );
}

export function Causes({ report }: { readonly report: FleetReport }): VNode {
  const failed = causes(report, 'results', 'fail');
  const lost = unreached(report);
  const missing = gaps(report, 'results');
  const extraFailed = causes(report, 'extra', 'fail');
  const extraMissing = gaps(report, 'extra');
  const idle = unasked(report);
  const groups = [failed, lost, missing, extraFailed, extraMissing, idle];
  return (
    <Section
      id="causes"
      title="Causes"
      lead="The same finding on many hosts is one entry. Most severe first, then most hosts."
    >
      {groups.every(({ length }) => length === 0) ? <p>Nothing failed, and nothing is missing.</p> : null}
      <CauseGroup title="Failures" of={failed} open={3} />
      <Group
        title="Hosts not gathered"
        of={lost}
        texts={({ hint, example }) => [example.failure.detail, hint]}
        show={(group) => <UnreachedItem group={group} />}
      />
      {idle.length === 0 ? null : (
        <p>
          Not asked, because the run ended before: <Hosts names={idle} />
        </p>
      )}
      <GapGroup title="Unknown" of={missing} />
      <CauseGroup title="Plug-ins: failures" of={extraFailed} />
      <GapGroup title="Plug-ins: unknown" of={extraMissing} />
    </Section>
  );
}
