/**
 * One POSIX sh script from prelude, set-up and probes. Read from files beside this module: what is reviewed and
 * shellchecked is what runs.
 */
import { readFileSync } from 'node:fs';
import { assetPath } from '../assets.js';
import { UserError } from '../errors.js';
import type { ProbeSpec } from './probes.js';

/** Raised when the frame format changes; the reader refuses others. */
export const PROTOCOL = 1;

const cache = new Map<string, string>();

/** A script under probes/ without its comments: fewer bytes on the wire, same line of code. */
function part(name: string): string {
  const known = cache.get(name);
  if (known !== undefined) return known;
  const text = readFileSync(assetPath(`collector/probes/${name}.sh`), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s*#/.test(line))
    .join('\n');
  cache.set(name, text);
  return text;
}

/** What the policy tells the collector. */
export interface ScriptParameters {
  /** Absolute paths of the programs agents and automations must go through. */
  readonly wrappers: readonly string[];
  /** How many days of logins to read. */
  readonly loginWindowDays: number;
}

/** A path that is one word for sh. Only harmless characters: the inventory's schema promises them, and this holds it to that. */
export function plainPath(path: string): string {
  if (!/^\/[A-Za-z0-9_.+@/-]{1,400}$/.test(path))
    throw new UserError('bad-path', `not a plain absolute path: ${JSON.stringify(path)}`);
  return path;
}

/**
 * The whole script for one run on one host.
 * @param nonce 32 hexadecimal digits from a cryptographic source, new for every host and run: host output cannot
 *   guess it, so it cannot forge a frame.
 */
export function compose(
  probes: readonly ProbeSpec[],
  nonce: string,
  parameters: ScriptParameters = { wrappers: [], loginWindowDays: 14 },
): string {
  return beginning(nonce, parameters) + plainCode(probes).text;
}

/** The same as bytes, in pieces. All but the first are the same for every host, and shared: change none of them. */
export function composeBytes(
  probes: readonly ProbeSpec[],
  nonce: string,
  parameters: ScriptParameters,
): readonly [Uint8Array, Uint8Array] {
  return [Buffer.from(beginning(nonce, parameters)), plainCode(probes).bytes];
}

function beginning(nonce: string, parameters: ScriptParameters): string {
  if (!/^[0-9a-f]{32}$/.test(nonce)) throw new UserError('bad-nonce', 'a nonce is 32 hexadecimal digits');
  return [`NONCE=${nonce}`, ...parameterLines(parameters), ''].join('\n');
}

const codes = new WeakMap<readonly ProbeSpec[], { readonly text: string; readonly bytes: Uint8Array }>();

/** What follows the parameters: for one list of probes made once, and not once a host. */
function plainCode(probes: readonly ProbeSpec[]): { readonly text: string; readonly bytes: Uint8Array } {
  const known = codes.get(probes);
  if (known) return known;
  const bytes = Buffer.from(codeOf(probes, {}));
  // Flat, and a byte a character: comments had others, and slices of a text with them are twice as long.
  const made = { text: bytes.toString(), bytes };
  codes.set(probes, made);
  return made;
}

/** The parameters as assignments. @throws UserError for a path that is more than one plain word. */
export function parameterLines({ wrappers, loginWindowDays }: ScriptParameters): string[] {
  return [`WRAPPERS='${wrappers.map(plainPath).join('\n')}'`, `LOGIN_DAYS=${wholeDays(loginWindowDays)}`];
}

export function wholeDays(days: number): number {
  return Math.max(1, Math.floor(days));
}

/**
 * Prelude, set-up, probes and their calls. What comes before must set NONCE, WRAPPERS and LOGIN_DAYS.
 * @param around.head lines before the prelude
 * @param around.checks lines after it, with its functions
 * @param around.told a word more for the opening frame, as sh writes it
 */
export function scriptOf(
  probes: readonly ProbeSpec[],
  { head, checks = [], told }: { head: readonly string[]; checks?: readonly string[]; told?: string },
): string {
  return [...head, codeOf(probes, { checks, ...(told !== undefined && { told }) })].join('\n');
}

function codeOf(
  probes: readonly ProbeSpec[],
  { checks = [], told }: { checks?: readonly string[]; told?: string },
): string {
  const setups = [...new Set(probes.flatMap((probe) => probe.setup))];
  return [
    part('prelude'),
    ...checks,
    // A leading newline: whatever an rc file printed without one must not swallow the first frame.
    `printf '\\n@@%s S ${PROTOCOL} %s %s %s${told === undefined ? '' : ' %s'}\\n' "$NONCE" "$ME" "$(date +%s)" "\${0##*/}"${told === undefined ? '' : ` ${told}`}`,
    ...setups.map(part),
    ...probes.map((probe) => part(probe.name)),
    ...probes.map(
      (probe) => `probe ${probe.name} ${probe.maxBytes} probe_${probe.name.replaceAll('-', '_')}`,
    ),
    `printf '@@%s E %s\\n' "$NONCE" "$COUNT"`,
    'exit 0',
    '',
  ].join('\n');
}

/**
 * What the login shell is asked to run: the same words in sh, csh and fish (single quotes, no `!`, no backslash).
 * One sudo per host, never interactive; a login that is root already needs none.
 */
export function command(become: 'sudo' | 'none'): string {
  return become === 'none'
    ? 'exec /bin/sh -s'
    : `exec /bin/sh -c 'if [ "$(id -u)" = 0 ]; then exec /bin/sh -s; else exec sudo -n -- /bin/sh -s; fi'`;
}
