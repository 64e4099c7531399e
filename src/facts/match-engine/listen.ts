/** ListenAddress as `sshd -T` prints it: every address with every port. Host names stay as written: only the host's resolver knows. */
import { formatAddress, parseAddress } from './addresses.js';

/** sshd itself ends at 16 (sshd.c, MAX_LISTEN_SOCKS) and at 256 ports (servconf.h, MAX_PORTS); every address has every port. */
const MOST = 4096;

/** Whether there are so many that no sshd would start with them. */
export function tooManySockets(queued: readonly string[], ports: readonly string[]): boolean {
  return Math.max(1, queued.length) * ports.length > MOST;
}

/**
 * @param queued `host TAB port TAB rdomain` per directive, port '' when not given.
 * @returns none when {@link tooManySockets}
 */
export function listenAddresses(
  queued: readonly string[],
  ports: readonly string[],
  family: string,
): readonly string[] {
  if (tooManySockets(queued, ports)) return [];
  const wildcards = [family === 'inet' ? [] : ['::'], family === 'inet6' ? [] : ['0.0.0.0']].flat();
  if (queued.length === 0) return ports.flatMap((port) => wildcards.map((host) => format(host, port, '')));
  return queued.flatMap((entry) => {
    const [host = '', port = '', rdomain = ''] = entry.split('\t');
    return (port === '' ? ports : [port]).map((each) => format(host, each, rdomain));
  });
}

function format(host: string, port: string, rdomain: string): string {
  const address = parseAddress(host);
  const text = address === null ? host : formatAddress(address);
  const end = rdomain === '' ? '' : ` rdomain ${rdomain}`;
  return address?.bits === 128 ? `[${text}]:${port}${end}` : `${text}:${port}${end}`;
}
