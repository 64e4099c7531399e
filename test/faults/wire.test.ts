/** Every bad thing a network or a host can do, at every moment of a connection, in one run beside sound hosts. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../helpers/sshd.js';
import { startFaultFleet, verdictOf, type FaultFleet, type ReportLike } from './fleet.js';
import { CLOCKS, COMMAND_FAULTS, TRANSIENT, WIRE_FAULTS, type Fault } from './plays.js';

const FAULTS: readonly Fault[] = [...WIRE_FAULTS, ...COMMAND_FAULTS, ...CLOCKS];
const SOUND = ['sound-1', 'sound-2', 'sound-3'];
const nameOf = (fault: Fault): string => `fault-${FAULTS.indexOf(fault)}`;

describe('one run over all of them', () => {
  let fleet: FaultFleet;
  let alone: ReportLike;
  let report: ReportLike;
  let folder: string;
  beforeAll(async () => {
    fleet = await startFaultFleet(
      [
        ...SOUND.map((name) => ({ name, play: { kind: 'sound' } as const })),
        ...FAULTS.map((fault) => ({ name: nameOf(fault), play: fault.play })),
      ],
      [
        { name: 'refused', address: '127.0.0.1', port: await freePort() },
        { name: 'nameless', address: 'no-such-host.invalid', port: 22 },
      ],
    );
    const run = async (...more: readonly string[]): Promise<ReportLike> => {
      // Thirty handshakes at once, both ends in this process: those that take place may take their time.
      const patient = fleet.flags.map((flag) => flag.replace(/=3s$/, '=10s'));
      const flags = [...patient, '--retries=0', '--timeout=40s', '-q', '-f', 'json', ...more];
      const { out, err } = await fleet.cli('run', fleet.inventory, ...flags);
      expect(err).not.toContain('internal error');
      return JSON.parse(out) as ReportLike;
    };
    alone = await run('--host', 'sound-*');
    report = await run('--evidence', 'runs', '--concurrency', '30');
    folder = join(fleet.folder, 'runs', readdirSync(join(fleet.folder, 'runs'))[0] ?? '');
  });
  afterAll(() => fleet.stop());
  const hostOf = (name: string) => report.hosts.find((host) => host.name === name);

  test.each(FAULTS.map((fault) => [fault.name, fault] as const))('%s', (_name, fault) => {
    const host = hostOf(nameOf(fault));
    expect(host?.name).toBe(nameOf(fault));
    if (fault.code === null) expect(host?.failure).toBeUndefined();
    else {
      expect([fault.code, fault.also]).toContain(host?.failure?.code);
      expect([fault.phase, undefined]).toContain(fault.phase && host?.failure?.phase);
    }
    // Nothing passes by absence: what was not read to the end proves nothing.
    if (fault.code !== null) expect(Object.values(verdictOf(report, nameOf(fault)))).not.toContain('pass');
  });

  test('nothing listens; a name that no resolver knows', () => {
    expect(hostOf('refused')?.failure).toMatchObject({ code: 'connect-refused', phase: 'connect' });
    expect(hostOf('nameless')?.failure).toMatchObject({ code: 'dns', phase: 'resolve' });
  });

  test('a wrong clock on the host changes no verdict', () => {
    for (const fault of CLOCKS) expect(verdictOf(report, nameOf(fault))).toEqual(verdictOf(alone, 'sound-1'));
  });

  test('hosts through a sound path are judged as if they were alone', () => {
    for (const name of SOUND) {
      expect(hostOf(name)?.failure).toBeUndefined();
      expect(hostOf(name)?.score).toBeGreaterThan(0);
      expect(verdictOf(report, name)).toEqual(verdictOf(alone, name));
    }
  });

  test('nobody vanishes, and every host is judged once', () => {
    const names = report.hosts.map(({ name }) => name);
    expect(names.length).toBe(FAULTS.length + SOUND.length + 2);
    expect(new Set(names).size).toBe(names.length);
  });

  test('the evidence is whole: verify accepts it, and an audit of it prints the same', async () => {
    expect(await fleet.cli('verify', folder)).toMatchObject({ code: 0 });
    const again = await fleet.cli('audit', folder, '-q', '-f', 'json');
    expect(JSON.parse(again.out)).toEqual(report);
  });
});

describe('what goes away by itself', () => {
  test('is tried again until it works, and is then as good as ever', async () => {
    const fleet = await startFaultFleet([
      ...TRANSIENT.map(({ name, play }) => ({ name: name.replaceAll(/\W+/g, '-'), play })),
      { name: 'login', play: { kind: 'fault', moment: 'login', action: 'reset', times: 1 } },
    ]);
    const { out } = await fleet.cli(
      'run',
      fleet.inventory,
      ...fleet.flags,
      '--retries=2',
      '-q',
      '-f',
      'json',
    );
    const { hosts } = JSON.parse(out) as ReportLike;
    const counts = [...fleet.hosts.values()].map((host) => host.connections());
    await fleet.stop();
    expect(hosts.filter(({ failure }) => failure).map(({ name }) => name)).toEqual(['login']);
    // A login is not repeated: what failed there may have been counted against us.
    expect(counts).toEqual([3, 2, 3, 2, 3, 1]);
  });
});
