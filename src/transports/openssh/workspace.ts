/** A private directory for one run: logs, control sockets and generated host key files. Removed at the end. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fingerprint, parsePublicKeyLine } from '../../openssh/public-key.js';
import type { KnownHosts } from '../ssh/known-hosts.js';
import { asciiLower } from '../ssh/known-hosts.js';
import type { Hop } from '../ssh/route.js';
import type { KnownKeys } from './arguments.js';

/** A Unix socket's path may have 104 bytes (macOS), of which ssh wants 17 for a temporary name. */
const MAX_DIRECTORY = 60;

export interface Workspace {
  /** A path in it that was never given out before. */
  fresh(name: string): string;
  write(path: string, text: string): void;
  forget(path: string): void;
  remove(): void;
}

/** Makes the directory when it is first needed. `fresh` and `write` throw what the file system throws. */
export function createWorkspace(base: string = tmpdir()): Workspace {
  let directory: string | undefined;
  let count = 0;
  return {
    fresh: (name) => {
      directory ??= mkdtempSync(join(base.length > MAX_DIRECTORY ? '/tmp' : base, 'ssh-scorecard-'));
      count += 1;
      return join(directory, `${name}${String(count)}`);
    },
    write: (path, text) => writeFileSync(path, text, { mode: 0o600, flag: 'wx' }),
    forget: (path) => rmSync(path, { force: true }),
    remove: () => {
      if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
      directory = undefined;
    },
  };
}

/** The files of a hop whose host key the inventory pins. `undefined` for one that known_hosts vouches for. */
export function pinnedKeys(
  hop: Hop,
  known: KnownHosts,
  workspace: Workspace,
): { readonly file: string; readonly command?: string } | undefined {
  if (hop.pins.length === 0) return undefined;
  const file = workspace.fresh('known_hosts');
  workspace.write(file, pinnedKnownHosts(hop, known));
  const prints = hop.pins.filter((pin) => pin.startsWith('SHA256:'));
  if (prints.length === 0) return { file };
  const script = workspace.fresh('pins');
  workspace.write(script, pinScript(prints));
  return { file, command: `/bin/sh "${script.replaceAll('%', '%%')}" %f %H %t %K` };
}

/** Whole keys that are pinned, and what known_hosts revokes: a pin does not clear a revoked key. */
function pinnedKnownHosts(hop: Hop, known: KnownHosts): string {
  const keys = hop.pins.flatMap((pin) => {
    const key = parsePublicKeyLine(pin);
    return key === null ? [] : [`* ${key.type} ${key.blob.toString('base64')}`];
  });
  const name = asciiLower(hop.hostKeyAlias ?? hop.address);
  const revoked = [`[${name}]:${String(hop.port)}`, name]
    .flatMap((one) => known.readable(one))
    .filter((entry) => entry.marker === '@revoked')
    .map((entry) => `@revoked * ${entry.type} ${entry.blob.toString('base64')}`);
  return [...new Set([...revoked, ...keys])].map((line) => `${line}\n`).join('');
}

/**
 * ssh asks it (KnownHostsCommand) with a key's fingerprint, the name looked up, the type and the key: a pinned
 * fingerprint makes the key known.
 */
export function pinScript(prints: readonly string[]): string {
  // Nothing but base64 may stand in the pattern unquoted.
  const safe = prints.filter((print) => /^SHA256:[A-Za-z0-9+/]{43}$/.test(print));
  return safe.length === 0
    ? 'exit 0\n'
    : `case "$1" in\n${safe.join('|')}) printf '%s %s %s\\n' "$2" "$3" "$4" ;;\nesac\nexit 0\n`;
}

/** Host key algorithms of the key types a server showed, so that it shows another one. */
export function algorithmsWithout(types: readonly string[]): KnownKeys['without'] {
  return types.flatMap((type) => {
    const plain = type.replace(/-cert-v01@openssh\.com$/, '');
    const names = /^(?:ssh-rsa|rsa-sha2-\d+)$/.test(plain)
      ? ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa']
      : [plain];
    return names.flatMap((name) => [name, `${name.replace('@openssh.com', '')}-cert-v01@openssh.com`]);
  });
}

/** For sentences: what the inventory pins. */
export function pinnedInWords(pins: readonly string[]): string {
  return pins
    .map((pin) => {
      const key = parsePublicKeyLine(pin);
      return key === null ? pin : `${key.type} ${fingerprint(key.blob)}`;
    })
    .join(', ');
}
