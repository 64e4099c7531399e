/**
 * What a host said instead of running the collector. Texts read on real sudo 1.9, sudo-rs, busybox and login(1);
 * sudo(8) gives no distinct exit statuses, so its words are all there is.
 */
import type { FailureCode, GatherFailure } from '../model.js';

const REFUSALS: readonly (readonly [RegExp, FailureCode, string, string])[] = [
  [
    /ssh-scorecard collector: expected its parameters/,
    'no-frames',
    'this login runs a collector of its own, and no script',
    'run with --forced-command',
  ],
  [
    /ssh-scorecard-collector: .*not found/,
    'no-frames',
    'this login runs what it is asked: there is no forced command',
    'issue the certificate with force-command (docs/auditor-access.md), or leave out --forced-command',
  ],
  [
    /must have a tty|no tty present and no askpass/i,
    'sudo-tty',
    'sudo wants a terminal (requiretty)',
    "add `Defaults:AUDITOR !requiretty` to the host's sudoers",
  ],
  [
    /a password is required|interactive authentication is required|a terminal is required to read the password/i,
    'sudo-password',
    'sudo asks for a password',
    'give the login a NOPASSWD rule for /bin/sh',
  ],
  [
    /is not in the sudoers|is not allowed to (execute|run)|may not run sudo|user NOT in sudoers|not permitted to/i,
    'sudo-not-allowed',
    'sudo does not allow this login to run /bin/sh as root',
    'add a sudoers rule: AUDITOR ALL=(root) NOPASSWD: /bin/sh',
  ],
  [
    /sudo: (command )?not found|sudo: No such file|exec: .*sudo/i,
    'sudo-missing',
    'there is no sudo on the host',
    'install sudo, or log in as root with `become: none`',
  ],
  [
    /sudo: |sudo-rs: /i,
    'sudo-failed',
    'sudo failed',
    'run `sudo -n -- /bin/sh -c id` on the host as this login',
  ],
  [
    /account is currently not available|nologin|This account is restricted/i,
    'no-shell',
    'the login has no usable shell',
    'give the auditor login /bin/sh as its shell',
  ],
  [
    /\/bin\/sh: (not found|No such file)|exec format error/i,
    'no-shell',
    'the host has no /bin/sh',
    'the collector needs a POSIX shell at /bin/sh',
  ],
];

/**
 * Names the refusal behind an exec that printed no frames.
 * @param stdout noise included: some login shells complain on standard output.
 */
export function explainRefusal(
  stderr: Uint8Array,
  stdout: Uint8Array,
  exitCode: number | undefined,
): GatherFailure {
  const said = text(stderr) || text(stdout);
  const found =
    REFUSALS.find(([pattern]) => pattern.test(text(stderr))) ??
    REFUSALS.find(([pattern]) => pattern.test(text(stdout)));
  const quote = said === '' ? 'it printed nothing' : `it said: ${said.trim().slice(-300)}`;
  const status = exitCode === undefined ? '' : ` (exit status ${exitCode})`;
  if (found) {
    const [, code, detail, hint] = found;
    return { code, phase: 'exec', detail: `${detail}${status}; ${quote}`, hint };
  }
  return {
    code: 'no-frames',
    phase: 'exec',
    detail: `the collector did not start${status}; ${quote}`,
    hint: 'a forced command, a restricted shell or an rc file that exits takes the place of the collector',
  };
}

/** The first and last of what was said; the middle of a flood tells nothing. */
function text(bytes: Uint8Array): string {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return all.length <= 16_384
    ? all.toString('utf8')
    : `${all.toString('utf8', 0, 8192)}\n${all.toString('utf8', all.length - 8192)}`;
}
