/** What V8 is told about this kind of program. docs/performance.md has the figures. */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/**
 * A run makes garbage by the host and keeps little of each, and does a lot of different things a few thousand times.
 * All of these V8 reads anew whenever it decides; tried with Node 20, 22 and 24. Call it before anything else is loaded.
 */
export function tuneV8(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  // The program itself is in use as soon as it is loaded: nothing to be collected.
  growBy(LOADING_GROWTH);
  loading = true;
  // A young generation of one megabyte is not worth waking other threads for.
  setFlagsFromString('--no-parallel-scavenge');
  // Nor is the machine code of the baseline compiler worth its room, for what is loaded once and for a large fleet.
  setFlagsFromString('--no-sparkplug');
  // Code that is merely lukewarm is not worth the optimising compiler: it took a quarter of all processor time.
  optimiseAfter(1_000_000);
}

/** Percent that the heap grows by before it is collected: while the program is loaded, and at the least. */
const LOADING_GROWTH = 400;
const LEAST_GROWTH = 40;
/** MiB of heap, garbage included, that a run of any size may take. */
const ROOM = 80;
/** MiB of heap that are in use: by the program, and by a thousand hosts with their results. */
const PROGRAM = 30;
const THOUSAND_HOSTS = 4;

/** Bytes of the young generation, both halves, as long as it was never let grow. */
const SMALL = 2 * 1024 * 1024;
/** Objects that survive: more than enough of them that V8 sees a reason to let it grow. */
const MOST_ROUNDS = 400;
const ROUND = 1000;
/** Hosts from which it takes less than it saves. */
const WORTH_IT = 50;
/** Hosts from which optimised code earns what making it takes; the budget is V8's own then. */
const MANY = 5000;

let loading = false;

/**
 * Before anything is read, of nobody knows how many hosts: collected sooner, their peak is less than half. Nothing where
 * {@link tuneV8} was not called: a program of its own that calls this one has its own ideas.
 */
export function tuneWhenLoaded(): void {
  if (!loading) return;
  loading = false;
  growBy(LEAST_GROWTH);
  // What reads a file does the same thing for every line of it.
  setFlagsFromString('--sparkplug');
}

/**
 * For the hosts of an inventory that was just read.
 *
 * Lets garbage take the room that a large fleet would need anyway. Marking what is in use is most of what collecting
 * costs, and a small heap that grows by two fifths only is marked three times as often. A large fleet has no room for the
 * baseline compiler's code either, and enough hosts for the optimising one to pay.
 *
 * Lets the young generation grow once, to four megabytes, when the inventory is read and hosts are about to be: what one
 * host leaves behind then dies where it was made. Before, it would only add to the peak of reading the inventory. Nothing
 * where it has grown already. There is no flag for a size once V8 runs, but it grows by a factor when enough survives.
 */
export function tuneForHosts(count: number): void {
  if (count < WORTH_IT) return;
  growBy(growthFor(count));
  if (count >= MANY) {
    setFlagsFromString('--no-sparkplug');
    optimiseAfter(132_000);
  }
  if (youngBytes() > SMALL) return;
  setFlagsFromString('--semi-space-growth-factor=4');
  const surviving: object[] = [];
  for (let round = 0; round < MOST_ROUNDS && youngBytes() <= SMALL; round += 1)
    for (let one = 0; one < ROUND; one += 1) surviving.push({ one });
  setFlagsFromString('--semi-space-growth-factor=1');
}

/** Percent that the heap may grow by, with so many hosts, before it is collected. */
export function growthFor(count: number): number {
  const used = PROGRAM + (THOUSAND_HOSTS * count) / 1000;
  return Math.max(LEAST_GROWTH, Math.floor((ROOM / used - 1) * 100));
}

/** @param budget bytes of bytecode that a function runs before it is optimised. */
function optimiseAfter(budget: number): void {
  if (knowsBudget(process.versions.v8)) setFlagsFromString(`--interrupt-budget=${budget}`);
}

/** V8 says on standard error, with every command, what it does not know: this flag is gone in Node 22. */
export function knowsBudget(v8: string): boolean {
  return v8.startsWith('11.3.');
}

function growBy(percent: number): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`);
}

function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0;
}
