/** ListenAddress as `sshd -T` prints it: every address with every port. Host names stay as written: only the host's resolver knows. */
import { formatAddress, parseAddress } from './addresses.js';

/** @param queued `host TAB port TAB rdomain` per directive, port '' when not given. */
export function listenAddresses(
  queued: readonly string[],
  ports: readonly string[],
  family: string,
): readonly string[] {
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
