/** A folder of runs: whether each follows the one it should, and none was played twice. Pure. */
import type { VerifiedRun } from './verify.js';
import type { RunRecord } from './run-record.js';

export interface Chain {
  /** Runs that are copies of others. */
  readonly problems: readonly string[];
  /** Forks, gaps, clocks that go backwards: each has an innocent reading, and a bad one. */
  readonly doubts: readonly string[];
}

/** A run is sealed a moment after it is finished. Milliseconds. */
const SLACK = 60_000;

interface Link {
  readonly record: RunRecord;
  readonly manifest: string | undefined;
  readonly started: number;
  readonly finished: number;
}

/** @param runs of one folder, in any order. */
export function chainOf(runs: readonly VerifiedRun[]): Chain {
  const links = runs
    .flatMap(({ record, manifestSha256 }): Link[] =>
      record
        ? [
            {
              record,
              manifest: manifestSha256,
              started: Date.parse(record.run.startedAt),
              finished: Date.parse(record.run.finishedAt),
            },
          ]
        : [],
    )
    .sort((a, b) => a.started - b.started || (idOf(a) < idOf(b) ? -1 : 1));
  const complete = links.filter(({ record }) => record.state === 'finished' && !record.run.partial);
  const byId = new Map(links.map((link) => [idOf(link), link]));
  return {
    problems: [...replays(links)],
    doubts: [...gaps(links, complete, byId), ...forks(complete), ...backwards(links, byId)],
  };
}

function idOf({ record }: Link): string {
  return record.run.id;
}

function replays(links: readonly Link[]): string[] {
  const ids = new Map<string, number>();
  const manifests = new Map<string, Link>();
  const found: string[] = [];
  for (const link of links) {
    const id = idOf(link);
    ids.set(id, (ids.get(id) ?? 0) + 1);
    if (link.manifest === undefined) continue;
    const twin = manifests.get(link.manifest);
    if (twin && idOf(twin) !== id) found.push(`${id} has the same manifest as ${idOf(twin)}`);
    manifests.set(link.manifest, link);
  }
  return [
    ...found,
    ...[...ids].flatMap(([id, count]) => (count > 1 ? [`run ${id} is here ${count} times`] : [])),
  ];
}

/** Runs that are named but not here, between others that are; and runs that name none though they could have. */
function gaps(links: readonly Link[], complete: readonly Link[], byId: ReadonlyMap<string, Link>): string[] {
  return links.flatMap((link) => {
    const earlier = complete.find(({ finished }) => finished + SLACK < link.started);
    if (!earlier) return [];
    const { previous } = link.record.run;
    if (!previous) return [`${idOf(link)} follows no run, though ${idOf(earlier)} was there before it`];
    return byId.has(previous.id)
      ? []
      : [
          `${previous.id} is missing: ${idOf(link)} follows it, and ${idOf(earlier)}, which is older, is here`,
        ];
  });
}

/** Two complete runs follow the same one, though the first was finished before the second began. */
function forks(complete: readonly Link[]): string[] {
  const followers = new Map<string, Link[]>();
  for (const link of complete) {
    const id = link.record.run.previous?.id;
    if (id !== undefined) followers.set(id, [...(followers.get(id) ?? []), link]);
  }
  return [...followers].flatMap(([id, links]) =>
    links.slice(1).flatMap((link, index) => {
      const before = links[index];
      return before && before.finished + SLACK < link.started
        ? [
            `${idOf(before)} and ${idOf(link)} both follow ${id}, though the first was finished before the second began`,
          ]
        : [];
    }),
  );
}

function backwards(links: readonly Link[], byId: ReadonlyMap<string, Link>): string[] {
  return links.flatMap((link) => {
    const before = byId.get(link.record.run.previous?.id ?? '');
    const clock = before && before.finished > link.finished ? before : undefined;
    return clock
      ? [`${idOf(link)} follows ${idOf(clock)}, but was finished before it: a clock went backwards`]
      : [];
  });
}
