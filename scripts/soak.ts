/**
 * npm run soak [-- --seconds N] [--hosts N] [--seed N]: audits a fleet of scripted hosts again and again, each time with
 * other faults on some of them. Default: 30 minutes, 300 hosts. The hosts live in a process of their own, so that
 * what is open here is the auditor's. Exits 1 when a host is lost, a fault is told wrongly, a host on a sound path is
 * judged otherwise than in peace, a socket, timer or process is left over, or memory grows.
 *
 * A host that ran into a time limit which was not its fault's is asked again, with far more patience: on a machine
 * that has no time for its hosts a limit tells the truth. It counts as late when the second answer is right.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startFaultFleet, verdictOf, type FaultFleet, type ReportLike } from '../test/faults/fleet.js';
import {
  CLOCKS,
  COMMAND_FAULTS,
  FLOODS,
  SLOW_FAULTS,
  TRANSIENT,
  WIRE_FAULTS,
  type Fault,
} from '../test/faults/plays.js';
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
  // What only the limit of the whole host ends would hold up every round.
  ...SLOW_FAULTS.filter(({ code }) => code !== 'total-timeout'),
];
/** Of all hosts, how many have a fault. */
const SHARE = 0.4;
/** How long what is closing may take. Milliseconds. */
const SETTLE_MS = 20_000;
/** Time limits of a round, and of the second look. Seconds. */
const PATIENCE = { round: 10, again: 90 };
/** What may be kept more at the end than after the first rounds: caches are bounded, and smaller. Bytes. */
const GROWTH = 48 * 1024 * 1024;
/** Rounds that are compared at either end. */
const COMPARED = 3;

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
  const counts = { rounds: 0, hosts: 0, faults: 0, late: 0 };
  const seen = new Set<number>();
  const kept: number[] = [];
  const peace = await audit(await nextRound(child, -1), PATIENCE.again);
  const sound = verdictOf(peace, peace.hosts[0]?.name ?? '');
  if (peace.hosts.length !== Number(values.hosts) || peace.hosts.some(({ failure }) => failure))
    problems.push('in peace not every host was read');
  const before = await held();
  for (let seed = Number(values.seed); performance.now() < end && problems.length < 20; seed += 1) {
    const round = await nextRound(child, seed);
    const report = await audit(round);
    const { wrong, late } = judge(report, round, sound);
    const again = late.length === 0 ? [] : await lookAgain(late, round, sound);
    const found = [...lostOf(report), ...wrong.map(({ text }) => text), ...again, ...(await leaks(before))];
    problems.push(...found.map((problem) => `round ${seed}: ${problem}`));
    counts.rounds += 1;
    counts.hosts += report.hosts.length;
    counts.faults += Object.keys(round.faults).length;
    counts.late += late.length - again.length;
    for (const fault of Object.values(round.faults)) seen.add(fault);
    kept.push(memory());
  }
  child.disconnect();
  const growth = Math.min(...kept.slice(-COMPARED)) - Math.min(...kept.slice(0, COMPARED));
  if (growth > GROWTH) problems.push(`memory grows: ${Math.round(growth / 1024 / 1024)} MiB more are kept`);
  for (const problem of problems.slice(0, 20)) console.error(problem);
  const rss = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(
    `soak: ${counts.rounds} rounds, ${counts.hosts} hosts, ${counts.faults} faults of ${seen.size} kinds, ${problems.length} violations, ${counts.late} late, peak ${rss} MiB, growth ${Math.round(growth / 1024)} KiB, seed ${values.seed}`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
}

/** What is kept on purpose: bytes after a whole collection. */
function memory(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function nextRound(child: ChildProcess, seed: number): Promise<Round> {
  child.send(seed);
  const [round] = (await once(child, 'message')) as [Round];
  return round;
}

async function audit({ folder, inventory, flags }: Round, seconds = PATIENCE.round): Promise<ReportLike> {
  const base = join(folder, 'runs');
  const report = await ask(folder, inventory, patient(flags, seconds), ['--evidence', base]);
  const [run = ''] = readdirSync(base);
  const verified = await runMain(['verify', join(base, run)], worldOf(folder));
  if (verified.code !== 0) throw new Error(`verify: ${verified.out}${verified.err}`);
  return report;
}

async function ask(
  folder: string,
  inventory: string,
  flags: readonly string[],
  more: readonly string[],
): Promise<ReportLike> {
  const argv = ['run', inventory, ...flags, '--retries=2', '-q', '-f', 'json', ...more];
  const { out, err } = await runMain(argv, worldOf(folder));
  if (out === '') throw new Error(err);
  return JSON.parse(out) as ReportLike;
}

function worldOf(folder: string) {
  return { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder } };
}

function patient(flags: readonly string[], seconds: number): string[] {
  return [...flags.map((flag) => flag.replace(/=[13]s$/, `=${seconds}s`)), `--timeout=${6 * seconds}s`];
}

function lostOf({ hosts }: ReportLike): string[] {
  const lost = Number(values.hosts) - new Set(hosts.map(({ name }) => name)).size;
  return lost === 0 ? [] : [`${lost} hosts lost`];
}

interface Deviation {
  readonly host: string;
  readonly text: string;
}

/** `late`: a time limit came first; what is wrong may be this machine. */
function judge(
  report: ReportLike,
  { faults }: Round,
  sound: Readonly<Record<string, string>>,
): { readonly wrong: readonly Deviation[]; readonly late: readonly Deviation[] } {
  const wrong: Deviation[] = [];
  const late: Deviation[] = [];
  for (const host of report.hosts) {
    const index = faults[host.name];
    const fault = index === undefined ? undefined : FAULTS[index];
    const code = fault?.code ?? null;
    const name = `${host.name} (${fault?.name ?? 'sound'})`;
    const told = host.failure?.code ?? null;
    const verdict = verdictOf(report, host.name);
    const deviates = (why: string) => ({ host: host.name, text: `${name}: ${why}` });
    if (told !== code && told !== (fault?.also ?? code)) {
      const text = `told ${told ?? 'nothing'} (${host.failure?.detail ?? ''}), not ${code ?? 'nothing'}`;
      (told?.endsWith('-timeout') ? late : wrong).push(deviates(text));
    } else if (code === null && JSON.stringify(verdict) !== JSON.stringify(sound))
      wrong.push(deviates('judged otherwise'));
    if (told !== null && Object.values(verdict).includes('pass')) wrong.push(deviates('passes by absence'));
  }
  return { wrong, late };
}

/** Asks them again, with more patience, and few at a time. @returns what is still wrong. */
async function lookAgain(
  late: readonly Deviation[],
  round: Round,
  sound: Readonly<Record<string, string>>,
): Promise<string[]> {
  const named = late.flatMap(({ host }) => ['--host', host]);
  const flags = patient(round.flags, PATIENCE.again);
  const report = await ask(round.folder, round.inventory, flags, ['--concurrency', '8', ...named]);
  const second = judge(report, round, sound);
  return [...second.wrong, ...second.late].map(({ text }) => `${text}, also when asked again`);
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
