/** A run that is killed again and again goes on where it was: every host is asked until it answered, and judged once. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HostEvidence } from '../../src/model.js';
import { prepareCli, startCli } from './child.js';
import { startFaultFleet, verdictOf, type FaultFleet, type ReportLike } from './fleet.js';
import { seeded } from './random.js';

const HOSTS = Array.from({ length: 32 }, (_, index) => `host-${String(index).padStart(2, '0')}`);
const SEED = 20_261_121;

describe('interrupts at random moments', () => {
  let fleet: FaultFleet;
  beforeAll(async () => {
    await prepareCli();
    fleet = await startFaultFleet(
      HOSTS.map((name, index) => ({
        name,
        play: { kind: 'sound', answerAfterMs: 150 + ((index * 97) % 300) } as const,
      })),
    );
  });
  afterAll(async () => {
    await fleet.stop();
  });

  const base = () => join(fleet.folder, 'runs');
  const folder = () => {
    const [found] = existsSync(base()) ? readdirSync(base()).filter((name) => !name.startsWith('.')) : [];
    return found === undefined ? undefined : join(base(), found);
  };
  /** Evidence files seen so far, by name and time: whose whole answer each is, or null. */
  const seen = new Map<string, string | null>();
  const wholeAnswer = (path: string): string | null => {
    const { mtimeMs, size } = statSync(path);
    const key = `${path} ${mtimeMs} ${size}`;
    const known = seen.get(key);
    if (known !== undefined) return known;
    const { host, failure } = JSON.parse(gunzipSync(readFileSync(path)).toString()) as HostEvidence;
    const whole = failure ? null : host;
    seen.set(key, whole);
    return whole;
  };
  /** Hosts whose whole answer is in the folder; those that an interrupt left out have a file that says so. */
  const kept = (): string[] => {
    const run = folder();
    if (run === undefined) return [];
    return readdirSync(join(run, 'evidence'))
      .filter((name) => name.endsWith('.json.gz'))
      .flatMap((name) => wholeAnswer(join(run, 'evidence', name)) ?? []);
  };
  const asked = () => new Map([...fleet.hosts].map(([name, host]) => [name, host.connections()]));
  const start = () => {
    const run = folder();
    const common = fleet.flags.filter((flag) => flag !== '--now' && flag !== fleet.now);
    const tail = ['-q', '-f', 'json', '--concurrency', '4'];
    return run === undefined
      ? startCli(fleet.folder, ['run', fleet.inventory, ...fleet.flags, ...tail, '--evidence', 'runs'])
      : startCli(fleet.folder, ['run', '--resume', run, ...common, ...tail]);
  };

  test('SIGKILL, SIGTERM, SIGINT, and then to the end', async () => {
    const next = seeded(SEED);
    const codes: (number | string | null)[] = [];
    for (const signal of ['SIGKILL', 'SIGTERM', 'SIGKILL', 'SIGINT'] as const) {
      const before = { kept: kept(), asked: asked() };
      const child = start();
      // Some time after it began to keep what hosts say.
      while (kept().length === before.kept.length && child.process.exitCode === null) await sleep(50);
      await sleep(next() * 500);
      child.process.kill(signal);
      const { code, signal: by, err } = await child.ended;
      expect(err).not.toContain('internal error');
      codes.push(by ?? code);
      // What is kept is not asked for again.
      for (const name of before.kept)
        expect([name, asked().get(name)]).toEqual([name, before.asked.get(name)]);
      expect(kept()).toEqual(expect.arrayContaining(before.kept));
    }
    expect(codes).toEqual(['SIGKILL', 143, 'SIGKILL', 130]);

    // With this seed the last interrupt leaves hosts to ask.
    expect(kept().length).toBeLessThan(HOSTS.length);
    const { out, code, err } = await start().ended;
    expect(code === 1 || code === 3 ? '' : err).toBe('');
    const report = JSON.parse(out) as ReportLike;
    expect(report.hosts.map(({ name }) => name)).toEqual(HOSTS);
    expect(report.hosts.filter(({ failure }) => failure)).toEqual([]);
    const verdicts = HOSTS.map((name) => verdictOf(report, name));
    expect(verdicts).toEqual(HOSTS.map(() => verdicts[0]));
    expect(kept().sort()).toEqual(HOSTS);
    expect(readdirSync(base()).length).toBe(1);
    expect(await fleet.cli('verify', folder() ?? '')).toMatchObject({ code: 0 });
  }, 240_000);
});

describe('killed at any moment of its life', () => {
  const names = HOSTS.slice(0, 6);
  let fleet: FaultFleet;
  beforeAll(async () => {
    await prepareCli();
    fleet = await startFaultFleet(names.map((name) => ({ name, play: { kind: 'sound' } as const })));
  });
  afterAll(() => fleet.stop());

  test('before its folder is there, while it asks, while it seals: --resume or a new run ends it well', async () => {
    const tail = ['-q', '-f', 'json', '--evidence'];
    const whole = (base: string) => ['run', fleet.inventory, ...fleet.flags, ...tail, base];
    const started = performance.now();
    const calm = await startCli(fleet.folder, whole('calm')).ended;
    const life = performance.now() - started;
    const next = seeded(SEED);
    for (let round = 0; round < 4; round += 1) {
      const base = `killed-${round}`;
      const child = startCli(fleet.folder, whole(base));
      // From its first moment to its last, one quarter after the other.
      await sleep(((round + next()) / 4) * life);
      child.process.kill('SIGKILL');
      await child.ended;
      const path = join(fleet.folder, base);
      const runs = existsSync(path) ? readdirSync(path).filter((name) => !name.startsWith('.')) : [];
      const [run] = runs;
      expect(runs.length).toBeLessThanOrEqual(1);
      const own = fleet.flags.filter((flag) => flag !== '--now' && flag !== fleet.now);
      const resume = ['run', '--resume', join(base, run ?? ''), ...own, '-q', '-f', 'json'];
      const ended = await startCli(fleet.folder, run === undefined ? whole(base) : resume).ended;
      // It may have come to its end before it was killed.
      const done = ended.err.includes('is complete: every host was asked');
      const kept = readdirSync(path).find((name) => !name.startsWith('.')) ?? '';
      const report = done ? await fleet.cli('audit', join(path, kept), '-q', '-f', 'json') : ended;
      if (report.out === '') throw new Error(`round ${round}: ${report.err}`);
      const { hosts } = JSON.parse(report.out) as ReportLike;
      expect(hosts.map(({ name, failure }) => [name, failure])).toEqual(
        names.map((name) => [name, undefined]),
      );
      const before = JSON.parse(calm.out) as ReportLike;
      for (const name of names)
        expect(verdictOf(JSON.parse(report.out) as ReportLike, name)).toEqual(verdictOf(before, name));
      expect(await fleet.cli('verify', join(path, kept))).toMatchObject({ code: 0 });
    }
  }, 240_000);
});
