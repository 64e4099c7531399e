/** What can go wrong, and exactly how it must be told. One line a fault. */
import type { FailureCode, Phase } from '../../src/model.js';
import { ACTIONS, type Action } from './gate.js';
import { MOMENTS, type Moment, type Play } from './host.js';

export interface Fault {
  readonly name: string;
  readonly play: Play;
  /** Null: the host is judged as a sound one is. */
  readonly code: FailureCode | null;
  readonly phase?: Phase;
  /** What it may be taken for on a busy machine. */
  readonly also?: FailureCode;
  /** A flood that keeps a processor busy for as long as it may. */
  readonly heavy?: true;
}

type Told = readonly [FailureCode, Phase?];

const CLOSED: Told = ['closed-before-login', 'handshake'];
const LOST: Told = ['connection-lost', 'run'];
const NO_KEYS: Told = ['handshake-failed', 'handshake'];
const NO_HANDSHAKE: Told = ['handshake-timeout', 'handshake'];
const RESET: Told = ['connection-reset', 'handshake'];
/** The RST may overtake the news that the connection stands. */
const RESET_AT_ONCE: Told = ['connection-reset'];

/** When data, RST and the news of the connection are seen in one turn, the kernel may tell an end instead of the RST. */
const EARLY: readonly Moment[] = ['connect', 'banner', 'key exchange'];

/** Every action at every moment. */
const TABLE: Readonly<Record<Moment, Readonly<Record<Action, Told>>>> = {
  connect: {
    reset: RESET_AT_ONCE,
    close: CLOSED,
    silence: NO_HANDSHAKE,
    drip: NO_HANDSHAKE,
    garbage: NO_KEYS,
    flip: NO_KEYS,
  },
  banner: {
    reset: RESET,
    close: CLOSED,
    silence: NO_HANDSHAKE,
    drip: NO_HANDSHAKE,
    garbage: NO_KEYS,
    flip: NO_KEYS,
  },
  'key exchange': {
    reset: RESET,
    close: CLOSED,
    silence: NO_HANDSHAKE,
    drip: NO_HANDSHAKE,
    garbage: NO_KEYS,
    flip: NO_KEYS,
  },
  login: {
    reset: ['connection-reset', 'login'],
    close: ['closed-before-login', 'login'],
    silence: ['login-timeout', 'login'],
    drip: ['login-timeout', 'login'],
    garbage: ['handshake-failed', 'login'],
    flip: ['handshake-failed', 'login'],
  },
  exec: {
    reset: ['connection-lost', 'exec'],
    close: ['connection-lost', 'exec'],
    silence: ['first-byte-timeout', 'exec'],
    drip: ['first-byte-timeout', 'exec'],
    garbage: ['connection-lost', 'exec'],
    flip: ['connection-lost', 'exec'],
  },
  output: {
    reset: LOST,
    close: LOST,
    silence: ['idle-timeout', 'run'],
    drip: ['idle-timeout', 'run'],
    garbage: LOST,
    flip: LOST,
  },
};

export const WIRE_FAULTS: readonly Fault[] = MOMENTS.flatMap((moment) =>
  ACTIONS.map((action): Fault => {
    const [code, phase] = TABLE[moment][action];
    return {
      name: `${moment}: ${action}`,
      play: { kind: 'fault', moment, action },
      code,
      ...(phase && { phase }),
      ...(action === 'reset' && EARLY.includes(moment) && { also: 'closed-before-login' }),
    };
  }),
);

export const COMMAND_FAULTS: readonly Fault[] = [
  {
    name: 'an exec that never exits',
    play: { kind: 'ends', how: 'never' },
    code: 'idle-timeout',
    phase: 'run',
  },
  {
    name: 'an exec that is killed',
    play: { kind: 'ends', how: 'by signal' },
    code: 'killed-by-signal',
    phase: 'run',
  },
  {
    name: 'a channel closed without a status',
    play: { kind: 'ends', how: 'without status' },
    code: 'connection-lost',
    phase: 'run',
  },
  {
    name: 'a refused exec',
    play: { kind: 'ends', how: 'refusing exec' },
    code: 'exec-refused',
    phase: 'exec',
  },
  {
    name: 'a refused session',
    play: { kind: 'ends', how: 'refusing session' },
    code: 'exec-refused',
    phase: 'exec',
  },
  {
    name: 'shut out by PerSourcePenalties',
    play: { kind: 'says', text: 'Not allowed at this time\r\n' },
    code: 'closed-before-login',
    phase: 'handshake',
  },
  {
    name: 'MaxStartups in words',
    play: { kind: 'says', text: 'Exceeded MaxStartups\r\n' },
    code: 'closed-before-login',
    phase: 'handshake',
  },
];

/** Gone by the second or third attempt: nothing is told. */
export const TRANSIENT: readonly Fault[] = (
  [
    ['connect', 'reset', 2],
    ['connect', 'close', 1],
    ['banner', 'close', 2],
    ['key exchange', 'reset', 1],
    ['key exchange', 'close', 2],
  ] as const
).map(([moment, action, times]): Fault => ({
  name: `${moment}: ${action}, ${times} times`,
  play: { kind: 'fault', moment, action, times },
  code: null,
}));

/** No silence lasts, and nothing ends: each is ended by the limit of its phase, the last one by that of the host. */
export const SLOW_FAULTS: readonly Fault[] = [
  {
    name: 'lines before the banner, one after the other',
    play: { kind: 'drips', on: 'greeting' },
    code: 'handshake-timeout',
    phase: 'handshake',
  },
  {
    name: 'login banners, one after the other',
    play: { kind: 'drips', on: 'login' },
    code: 'login-timeout',
    phase: 'login',
  },
  {
    name: 'output, one byte after the other',
    play: { kind: 'drips', on: 'output' },
    code: 'total-timeout',
    phase: 'run',
  },
];

/** A host's wrong clock is the host's: what it shows must not stop a run. */
export const CLOCKS: readonly Fault[] = [
  '0',
  '4102444800',
  '253402300799',
  '999999999999999',
  '-1',
  'soon',
].map((clock): Fault => ({ name: `a clock that says ${clock}`, play: { kind: 'clock', clock }, code: null }));

export const FLOODS: readonly Fault[] = [
  { name: 'lines before the banner', play: { kind: 'flood', on: 'greeting' }, code: 'handshake-failed' },
  { name: 'login banners', play: { kind: 'flood', on: 'login banner' }, code: 'login-timeout', heavy: true },
  { name: 'standard output', play: { kind: 'flood', on: 'stdout' }, code: 'too-much-output' },
  { name: 'standard error', play: { kind: 'flood', on: 'stderr' }, code: 'too-much-output' },
  {
    name: 'packets of one byte',
    play: { kind: 'flood', on: 'tiny packets' },
    code: 'too-much-output',
    heavy: true,
  },
  { name: 'lines after an opening frame', play: { kind: 'flood', on: 'lines' }, code: 'too-much-output' },
  {
    name: 'requests whose answers are not read',
    play: { kind: 'flood', on: 'requests' },
    code: 'connection-lost',
    heavy: true,
  },
];
