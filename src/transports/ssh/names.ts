/**
 * Host and user names come from the inventory and from ssh_config, and end in known_hosts look-ups, on `ssh`'s
 * command line and in a ProxyCommand's shell. They are held to what all of these can carry unquoted.
 */

import { isIPv6 } from 'node:net';

const HOST = /^[A-Za-z0-9_.:%-]{1,253}$/;
// OpenSSH's valid_ruser and valid_hostname (ssh.c) refuse these for the sake of ProxyCommand and Match exec.
// eslint-disable-next-line no-control-regex -- control characters are what is being refused
const UNSAFE_IN_USER = /[\u0000-\u0020\u007f'"`$\\;&<>|(){}*?!#~[\]]/u;

/** Why this cannot be a host name or address, or undefined. */
export function hostNameProblem(name: string): string | undefined {
  if (name === '') return 'the host name is empty';
  if (name.startsWith('-')) return `host name ${JSON.stringify(name)} starts with "-"`;
  if (/[:%]/.test(name) && !isIPv6(name))
    return `${JSON.stringify(name.slice(0, 80))} is neither a host name nor an IPv6 address`;
  if (!HOST.test(name)) {
    return `host name ${JSON.stringify(name.slice(0, 80))} holds characters that no host name has (write international names as xn--…)`;
  }
  return undefined;
}

/** Why this cannot be a login name, or undefined. */
export function userNameProblem(name: string): string | undefined {
  if (name === '') return 'the user name is empty';
  if (name.startsWith('-')) return `user name ${JSON.stringify(name)} starts with "-"`;
  if (name.length > 255 || UNSAFE_IN_USER.test(name)) {
    return `user name ${JSON.stringify(name.slice(0, 80))} holds white space, control or shell characters`;
  }
  return undefined;
}

export interface JumpSpec {
  readonly user?: string;
  readonly host: string;
  readonly port?: number;
}

/** Reads `[user@]host[:port]`, `[user@][ipv6]:port` or the same after `ssh://` (ssh_config(5), ProxyJump). */
export function parseJumpSpec(text: string): JumpSpec | { readonly problem: string } {
  const spec = text.replace(/^ssh:\/\//, '').replace(/\/$/, '');
  const at = spec.lastIndexOf('@');
  const user = at === -1 ? undefined : spec.slice(0, at);
  const address = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(spec.slice(at + 1));
  // More than one colon and no brackets: an IPv6 address without a port.
  const host = address ? (address[1] ?? address[2] ?? '') : spec.slice(at + 1);
  const port = address?.[3] === undefined ? undefined : Number(address[3]);
  const problem =
    hostNameProblem(host) ??
    (user === undefined ? undefined : userNameProblem(user)) ??
    (port !== undefined && (port < 1 || port > 65_535)
      ? `port ${String(port)} is not between 1 and 65535`
      : undefined);
  if (problem !== undefined) return { problem: `${problem} (in ${JSON.stringify(text.slice(0, 120))})` };
  return { host, ...(user === undefined ? {} : { user }), ...(port === undefined ? {} : { port }) };
}

/** `user@host:port`, with IPv6 addresses in brackets. */
export function formatEndpoint(user: string, address: string, port: number): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return `${user}@${host}:${String(port)}`;
}
