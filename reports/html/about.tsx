/** What was judged, by what, at which clock, and what was left out on purpose. */
import type { VNode } from 'preact';
import type { FleetReport, RunInfo } from '../../src/model.js';
import { Facts, Section, Time, Warned } from './parts.js';
import { count, cut } from './text.js';

/** `only environments production; without checks ca-security`, or that nothing was left out. */
function selected({ selection }: RunInfo): string {
  const { hosts, tags, environments, checks, skippedChecks, noGuidance } = selection;
  const parts = [
    ['only hosts', hosts],
    ['only tags', tags],
    ['only environments', environments],
    ['only checks', checks],
    ['without checks', [...skippedChecks, ...(noGuidance ? ['of the guidance'] : [])]],
  ] as const;
  const said = parts
    .filter(([, of]) => of.length > 0)
    .map(([words, of]) => `${words} ${cut(of.join(', '), 300)}`);
  return said.length === 0 ? 'every host of the inventory and all ten checks' : said.join('; ');
}

/** What makes this report one of a part: nobody may take it for the whole. */
function caveats({ run }: FleetReport): readonly string[] {
  const { selection, shard, partial } = run;
  const { noGuidance, ...lists } = selection;
  const chosen = noGuidance === true || Object.values(lists).some((list) => list.length > 0);
  return [
    ...(partial ? ['The run was interrupted: hosts that were not asked are unknown.'] : []),
    ...(shard === undefined
      ? []
      : [`This is shard ${shard.index} of ${shard.of}: other hosts were gathered elsewhere.`]),
    ...(chosen ? [`Not everything was judged: ${selected(run)}.`] : []),
  ];
}

/** Shown above everything else that is not the verdict. */
export function Warnings({ report }: { readonly report: FleetReport }): VNode {
  return <Warned of={[...caveats(report), ...report.warnings]} />;
}

export function About({ report }: { readonly report: FleetReport }): VNode {
  const { run, tool } = report;
  const { inventory, previous, shard } = run;
  return (
    <Section id="about" title="About this report">
      <Facts
        class="facts two"
        of={[
          ['Tool', `${tool.name} ${cut(tool.version, 60)}`],
          ['Run', <code>{cut(run.id, 100)}</code>],
          ['Judged at', <Time at={run.now} />],
          [
            'Gathered',
            <>
              <Time at={run.startedAt} /> to <Time at={run.finishedAt} />
            </>,
          ],
          ['Inventory', `${cut(inventory.path, 300)}, ${count(inventory.hosts, 'host')}`],
          ['Inventory SHA-256', <code>{cut(inventory.sha256, 80)}</code>],
          [
            'Inventory commit',
            inventory.commit === undefined ? (
              'not known to be tracked in Git'
            ) : (
              <>
                <code>{cut(inventory.commit, 80)}</code>
                {inventory.commit.endsWith('+') ? ', with local changes' : ''}
              </>
            ),
          ],
          [
            'Policy SHA-256',
            run.policySha256 === undefined ? undefined : <code>{cut(run.policySha256, 80)}</code>,
          ],
          ['Selection', selected(run)],
          ['Shard', shard === undefined ? undefined : `${shard.index} of ${shard.of}`],
          ['Complete', run.partial ? 'no: the run was interrupted' : 'yes: every selected host was asked'],
          [
            'Run before',
            previous === undefined ? undefined : (
              <>
                <code>{cut(previous.id, 100)}</code>, manifest SHA-256{' '}
                <code>{cut(previous.manifestSha256, 80)}</code>
              </>
            ),
          ],
        ]}
      />
      <p class="soft">
        A pass needs the whole fact, a fail needs one piece of evidence, everything else is unknown. This page
        holds no script or style from elsewhere and asks no other machine for anything. What it leaves out for
        size is in results.json.
      </p>
    </Section>
  );
}
