/**
 * npm run soak [-- --seconds N] [--hosts N] [--seed N]: audits a fleet of scripted hosts again and again, each time with
 * other faults on some of them. Default: 30 minutes, 300 hosts. The hosts live in a process of their own, so that
 * what is open here is the auditor's. Exits 1 when a host is lost, a fault is told wrongly, a host on a sound path is
 * judged otherwise than in peace, or a socket, timer or process is left over.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startFaultFleet, verdictOf, type FaultFleet, type ReportLike } from '../test/faults/fleet.js';
import { CLOCKS, COMMAND_FAULTS, FLOODS, TRANSIENT, WIRE_FAULTS, type Fault } from '../test/faults/plays.js';
import { seeded } from '../test/faults/random.js';
import { runMain } from '../test/helpers/io.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '1800' },
    hosts: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    fleet: { type: 'boolean', default: false },
  },
});
/** Heavy floods have a test of their own. */
const QUICK_FLOODS = FLOODS.filter(({ heavy }) => heavy !== true);
const FAULTS: readonly Fault[] = [
  ...WIRE_FAULTS,
  ...COMMAND_FAULTS,
  ...CLOCKS,
  ...TRANSIENT,
  ...QUICK_FLOODS,
];
/** Of all hosts, how many have a fault. */
const SHARE = 0.4;
/** How long what is closing may take. Milliseconds. */
const SETTLE_MS = 20_000;

interface Round {
  readonly folder: string;
  readonly inventory: string;
  readonly flags: readonly string[];
  /** Index into FAULTS by host; absent: sound. */
  readonly faults: Readonly<Record<string, number>>;
}

if (values.fleet) serveRounds();
else await soak();

/** In the process of the hosts: a new fleet for every message, a number: the seed, or a negative one for peace. */
function serveRounds(): void {
  let fleet: FaultFleet | undefined;
  process.on('message', (seed: number) => {
    void (async () => {
      await fleet?.stop();
      const random = seeded(seed);
      const faults: Record<string, number> = {};
      const members = Array.from({ length: Number(values.hosts) }, (_, index) => {
        const name = `host-${String(index).padStart(4, '0')}`;
        if (seed < 0 || random() > SHARE) return { name, play: { kind: 'sound' } as const };
        const chosen = Math.floor(random() * FAULTS.length);
        faults[name] = chosen;
        return { name, play: FAULTS[chosen]?.play ?? ({ kind: 'sound' } as const) };
      });
      fleet = await startFaultFleet(members);
      const { folder, inventory, flags } = fleet;
      process.send?.({ folder, inventory, flags, faults } satisfies Round);
    })();
  });
  process.on('disconnect', () => {
    void fleet?.stop().finally(() => process.exit());
  });
}

async function soak(): Promise<void> {
  const child = fork(fileURLToPath(import.meta.url), ['--fleet', '--hosts', values.hosts], {
    execArgv: process.execArgv,
  });
  const end = performance.now() + Number(values.seconds) * 1000;
  const problems: string[] = [];
  const counts = { rounds: 0, hosts: 0, faults: 0 };
  const seen = new Set<number>();
  const peace = await audit(await nextRound(child, -1));
  const sound = verdictOf(peace, peace.hosts[0]?.name ?? '');
  if (peace.hosts.length !== Number(values.hosts) || peace.hosts.some(({ failure }) => failure))
    problems.push('in peace not every host was read');
  const before = await held();
  for (let seed = Number(values.seed); performance.now() < end && problems.length < 20; seed += 1) {
    const round = await nextRound(child, seed);
    const report = await audit(round);
    problems.push(...judge(report, round, sound).map((problem) => `round ${seed}: ${problem}`));
    problems.push(...(await leaks(before)).map((problem) => `round ${seed}: ${problem}`));
    counts.rounds += 1;
    counts.hosts += report.hosts.length;
    counts.faults += Object.keys(round.faults).length;
    for (const fault of Object.values(round.faults)) seen.add(fault);
  }
  child.disconnect();
  for (const problem of problems.slice(0, 20)) console.error(problem);
  const rss = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(
    `soak: ${counts.rounds} rounds, ${counts.hosts} hosts, ${counts.faults} faults of ${seen.size} kinds, ${problems.length} violations, peak ${rss} MiB, seed ${values.seed}`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
}

async function nextRound(child: ChildProcess, seed: number): Promise<Round> {
  child.send(seed);
  const [round] = (await once(child, 'message')) as [Round];
  return round;
}

async function audit({ folder, inventory, flags }: Round): Promise<ReportLike> {
  // More patience than the tests have: a busy machine must not look like a fault.
  const patient = flags.map((flag) => flag.replace(/=[13]s$/, '=10s'));
  const world = { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder } };
  const base = join(folder, 'runs');
  const { out, err } = await runMain(
    ['run', inventory, ...patient, '--retries=2', '--timeout=60s', '-q', '-f', 'json', '--evidence', base],
    world,
  );
  if (out === '') throw new Error(err);
  const [run = ''] = readdirSync(base);
  const verified = await runMain(['verify', join(base, run)], world);
  if (verified.code !== 0) throw new Error(`verify: ${verified.out}${verified.err}`);
  return JSON.parse(out) as ReportLike;
}

function judge(report: ReportLike, { faults }: Round, sound: Readonly<Record<string, string>>): string[] {
  const names = new Set(report.hosts.map(({ name }) => name));
  const lost = Number(values.hosts) - names.size;
  const problems = lost === 0 ? [] : [`${lost} hosts lost`];
  for (const host of report.hosts) {
    const index = faults[host.name];
    const fault = index === undefined ? undefined : FAULTS[index];
    const code = fault?.code ?? null;
    const name = `${host.name} (${fault?.name ?? 'sound'})`;
    const told = host.failure?.code ?? null;
    if (told !== code && told !== (fault?.also ?? code))
      problems.push(
        `${name}: told ${host.failure?.code ?? 'nothing'} (${host.failure?.detail ?? ''}), not ${code ?? 'nothing'}`,
      );
    const verdict = verdictOf(report, host.name);
    if (code === null && JSON.stringify(verdict) !== JSON.stringify(sound))
      problems.push(`${name}: judged otherwise`);
    if (code !== null && Object.values(verdict).includes('pass')) problems.push(`${name}: passes by absence`);
  }
  return problems;
}

interface Held {
  readonly sockets: number;
  readonly timers: number;
  readonly children: number;
}

async function held(): Promise<Held> {
  await sleep(1000);
  const sockets = readdirSync('/proc/self/fd').filter((file) => {
    try {
      return readlinkSync(`/proc/self/fd/${file}`).startsWith('socket:');
    } catch {
      return false;
    }
  });
  const resources = process.getActiveResourcesInfo();
  const of = (kind: string): number => resources.filter((one) => one === kind).length;
  return { sockets: sockets.length, timers: of('Timeout'), children: of('ProcessWrap') };
}

async function leaks(before: Held): Promise<string[]> {
  const end = performance.now() + SETTLE_MS;
  for (;;) {
    const now = await held();
    const more = (['sockets', 'timers', 'children'] as const).filter((kind) => now[kind] > before[kind]);
    if (more.length === 0) return [];
    if (performance.now() > end) return more.map((kind) => `${now[kind] - before[kind]} ${kind} left over`);
  }
}
