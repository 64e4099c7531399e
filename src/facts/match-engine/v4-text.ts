/** Text patterns over dotted-quad addresses (`10.0.*`, `192.168.?.1`), combined with IPv4 networks, without guessing. */
import { formatAddress, type Cidr } from './addresses.js';
import { startPattern, stepPattern, type Positions } from './pattern-run.js';

/** Most states kept per octet. */
const MOST_STATES = 2_000;

interface State {
  readonly value: bigint;
  /** Per pattern. */
  readonly runs: readonly Positions[];
  /** Networks whose prefix still fits. */
  readonly fitting: readonly Cidr[];
}

/** One address per reachable combination of pattern matches and network memberships. */
export function v4TextWitnesses(
  patterns: readonly string[],
  networks: readonly Cidr[],
): { addresses: string[]; complete: boolean } {
  if (patterns.length === 0) return { addresses: [], complete: true };
  let states: State[] = [
    { value: 0n, runs: patterns.map((pattern) => startPattern(pattern)), fitting: networks },
  ];
  for (let octet = 0; octet < 4; octet += 1) {
    const next = new Map<string, State>();
    for (const state of states) {
      for (const value of OCTETS) {
        const reached = advance(state, value, octet, patterns);
        const key = `${reached.runs.join('|')}|${reached.fitting.map((cidr) => networks.indexOf(cidr)).join(',')}`;
        if (!next.has(key)) next.set(key, reached);
      }
      if (next.size > MOST_STATES) return { addresses: [], complete: false };
    }
    states = [...next.values()];
  }
  return {
    addresses: states.map(({ value }) => formatAddress({ bits: 32, value, scope: '' })),
    complete: true,
  };
}

/** Ordinary host numbers first, so that witnesses look like addresses people have. */
const OCTETS = [
  10,
  ...Array.from({ length: 256 }, (_, index) => (index + 1) % 256).filter((value) => value !== 10),
];

function advance(state: State, octet: number, index: number, patterns: readonly string[]): State {
  const text = index < 3 ? `${octet}.` : String(octet);
  const value = (state.value << 8n) | BigInt(octet);
  const runs = patterns.map((pattern, at) =>
    text.split('').reduce((run, char) => stepPattern(pattern, run, char), state.runs[at] ?? []),
  );
  const known = 8 * (index + 1);
  const fitting = state.fitting.filter(({ net, length }) => {
    const common = Math.min(known, length);
    return value >> BigInt(known - common) === net.value >> BigInt(32 - common);
  });
  return { value, runs, fitting };
}
