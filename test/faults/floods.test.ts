/** Hosts that send without end: each is cut off, named, and costs a bounded amount of memory. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareCli, startCli, type Ended } from './child.js';
import { startFaultFleet, type FaultFleet, type ReportLike } from './fleet.js';
import { FLOODS } from './plays.js';

const MiB = 1024 * 1024;
const NUMBERS = FLOODS.map((_, index) => index);
const isTiny = (index: number): boolean => {
  const play = FLOODS[index]?.play;
  return play?.kind === 'flood' && (play.on === 'tiny packets' || play.on === 'requests');
};

describe('floods', () => {
  let fleet: FaultFleet;
  let quiet: Ended;
  let tiny: Ended;
  let others: Ended;
  beforeAll(async () => {
    await prepareCli();
    fleet = await startFaultFleet([
      { name: 'sound', play: { kind: 'sound' } },
      ...FLOODS.map(({ play }, index) => ({ name: `flood-${index}`, play })),
    ]);
    const run = (hosts: readonly string[], flags: readonly string[]): Promise<Ended> => {
      const named = hosts.flatMap((host) => ['--host', host]);
      const common = ['--timeout=150s', '-q', '-f', 'json'];
      return startCli(fleet.folder, ['run', fleet.inventory, ...flags, ...common, ...named]).ended;
    };
    const patient = fleet.flags.map((flag) =>
      flag.replace(/^--(first-byte|idle)-timeout=.*/, '--$1-timeout=140s'),
    );
    quiet = await run(['sound'], fleet.flags);
    const named = (numbers: readonly number[]) => numbers.map((index) => `flood-${index}`);
    others = await run(['sound', ...named(NUMBERS.filter((index) => !isTiny(index)))], fleet.flags);
    // What small packets cost shows in their number: a lower limit on bytes is soon reached.
    tiny = await run(named(NUMBERS.filter(isTiny)), [...patient, '--max-output=512K']);
  });
  afterAll(async () => {
    await fleet.stop();
  });

  test.each(FLOODS.map(({ name, code }, index) => [name, code, index] as const))(
    '%s',
    (_name, code, index) => {
      const { hosts } = JSON.parse((isTiny(index) ? tiny : others).out) as ReportLike;
      expect(hosts.find(({ name }) => name === `flood-${index}`)?.failure).toMatchObject({ code });
    },
  );

  test('a sound host in the same run is judged as if it were alone', () => {
    const of = ({ out }: Ended) => (JSON.parse(out) as ReportLike).hosts.find(({ name }) => name === 'sound');
    expect(of(others)?.failure).toBeUndefined();
    expect(of(others)?.results).toEqual(of(quiet)?.results);
  });

  test('memory stays bounded', () => {
    expect(quiet.peak).toBeGreaterThan(30 * MiB);
    expect((others.peak - quiet.peak) / MiB).toBeLessThan(170);
    expect((tiny.peak - quiet.peak) / MiB).toBeLessThan(70);
  });
});
