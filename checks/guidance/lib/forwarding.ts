/** Where a login may forward to. Source: sshd_config(5), sshd(8) "AUTHORIZED_KEYS FILE FORMAT". */
import type { SshdCase } from '../../../src/facts/types.js';
import { isOn, setting } from '../../lib/sshd.js';
import type { Entry } from './entries.js';

/** What is not limited, each as a phrase to follow `it may`; and keywords this sshd does not print. */
export interface Forwarding {
  readonly open: readonly string[];
  readonly unprinted: readonly string[];
}

export function forwardingOf(one: SshdCase, { options }: Entry): Forwarding {
  const has = (name: string) => options.some((option) => option.name === name);
  const value = (keyword: string) => setting(one, keyword);
  if (isOn(one, 'disableforwarding')) return { open: [], unprinted: [] };
  const keyword = ['allowtcpforwarding', 'permitopen'].filter((name) => value(name) === undefined);
  if (keyword.length > 0) return { open: [], unprinted: keyword };
  // The last of `no-port-forwarding`, `restrict` and `port-forwarding` counts (auth-options.c).
  const last = options.findLast(({ name }) =>
    ['restrict', 'no-port-forwarding', 'port-forwarding'].includes(name),
  );
  if (last !== undefined && last.name !== 'port-forwarding') return { open: [], unprinted: [] };
  const tcp = value('allowtcpforwarding') ?? 'yes';
  const streams = value('allowstreamlocalforwarding') ?? 'no';
  const limited = (option: string) =>
    (value(option) ?? 'any') !== 'any' ||
    options.some(({ name, value: to }) => name === option && !to.startsWith('*:*'));
  const local = ['yes', 'all', 'local'].includes(tcp) && !limited('permitopen');
  const remote = ['yes', 'all', 'remote'].includes(tcp) && !limited('permitlisten');
  const tunnel = (value('permittunnel') ?? 'no') !== 'no' && !has('restrict');
  return {
    open: [
      ...(local ? ['forward to any address and port this host reaches'] : []),
      ...(remote ? ['listen here on any port for others'] : []),
      ...(streams === 'no' ? [] : ['reach any Unix socket the account may open']),
      ...(tunnel ? ['open tunnel devices'] : []),
    ],
    unprinted: [],
  };
}
