import type { Awkward } from '../types.js';

/** Hosts that never let anybody in: nothing behind them is a finding, and none of them may vanish. */
export const UNREACHABLE: readonly Awkward[] = [
  {
    id: 'down',
    title: 'nothing listens',
    why: 'the plainest of failures',
    expect: ['connect-refused'],
    kind: 'down',
  },
  {
    id: 'silent-before-banner',
    title: 'accepts and says nothing',
    why: 'a load balancer without a server behind it',
    expect: ['handshake-timeout'],
    kind: 'socket',
    listener: 'silent',
    patience: 20_000,
  },
  {
    id: 'silent-after-banner',
    title: 'sends its banner and nothing more',
    why: 'a host that swaps itself to death',
    expect: ['handshake-timeout'],
    kind: 'socket',
    listener: 'banner-then-silent',
    patience: 20_000,
  },
  {
    id: 'closes-at-once',
    title: 'accepts and closes',
    why: 'MaxStartups, TCP wrappers, penalties',
    expect: ['closed-before-login', 'connection-reset', 'handshake-failed'],
    kind: 'socket',
    listener: 'closes',
  },
  {
    id: 'speaks-http',
    title: 'answers in another protocol',
    why: 'the wrong port',
    expect: ['handshake-failed', 'closed-before-login', 'handshake-timeout', 'connection-reset'],
    kind: 'socket',
    listener: 'garbage',
    patience: 20_000,
  },
  {
    id: 'wrong-host-key',
    title: 'known_hosts has another key',
    why: 'somebody stands in between, or the host was rebuilt',
    expect: ['host-key-mismatch'],
    kind: 'host',
    knownHost: 'wrong',
  },
  {
    id: 'unknown-host-key',
    title: 'known_hosts does not know the host',
    why: 'nothing says that it is the right one',
    expect: ['host-key-unknown'],
    kind: 'host',
    knownHost: 'none',
  },
];
