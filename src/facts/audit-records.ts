/**
 * Lines of audit.log -> the programs login sessions ran. One event is a SYSCALL and its EXECVE, joined by
 * `audit(time:serial)`. Source: audit-userspace, auparse/interpret.c; kernel/auditsc.c (audit_log_execve_info).
 */
import { REDACTED, withoutSecrets } from './command-text.js';
import type { AuditedCommand, AuditLogin } from './types.js';

const HEADER =
  /^(?:node=\S{1,255} )?type=([A-Z_]{1,32}) msg=audit\((\d{1,12})\.(\d{1,3}):(\d{1,20})\):(.*)$/s;
const MOST_ARGUMENTS = 500;
const MOST_ARGUMENT = 4096;
/** `--password`, `-token`: the next argument is the secret. */
const NAMES_SECRET =
  /^-*[a-z0-9_-]*(?:passw(?:or)?d|passphrase|secret|token|api_?-?key|credential)[a-z0-9_-]*$/i;

export interface AuditEvents {
  readonly commands: readonly AuditedCommand[];
  readonly logins: readonly AuditLogin[];
  /** Records that were not whole. */
  readonly problems: number;
}

/** Records of one event may stand apart: the kernel interleaves them. Never throws. */
export function parseEvents(lines: readonly string[]): AuditEvents {
  const calls = new Map<string, Omit<AuditedCommand, 'argv'>>();
  const parts = new Map<string, string[]>();
  const logins: AuditLogin[] = [];
  let problems = 0;
  for (const line of lines) {
    const [, type = '', seconds = '', milliseconds = '', serial = '', rest = ''] = HEADER.exec(line) ?? [];
    const id = `${seconds}.${milliseconds}:${serial}`;
    const at = Number(seconds) * 1000 + Number(milliseconds.padEnd(3, '0'));
    // ENRICHED logs repeat ids as names behind 0x1d.
    const body = rest.split('\u001d', 1)[0] ?? '';
    if (type === 'SYSCALL') {
      const call = callOf(body, at);
      if (call) calls.set(id, call);
      else problems += 1;
    } else if (type === 'EXECVE') {
      const known = parts.get(id);
      if (known === undefined) parts.set(id, [body]);
      else if (known.length < MOST_ARGUMENTS) known.push(body);
    } else if (type === 'LOGIN') {
      const pid = field(body, 'pid');
      const session = field(body, 'ses');
      const loginUid = field(body, 'auid');
      if (pid !== null && session !== null && loginUid !== null) logins.push({ at, pid, session, loginUid });
    } else problems += 1;
  }
  const commands: AuditedCommand[] = [];
  for (const [id, call] of calls) {
    const argv = argumentsOf((parts.get(id) ?? []).join(' '));
    if (argv.length > 0) commands.push({ ...call, argv });
    else problems += 1;
  }
  return { commands: commands.sort((a, b) => a.at - b.at), logins, problems };
}

function callOf(body: string, at: number): Omit<AuditedCommand, 'argv'> | null {
  const session = field(body, 'ses');
  const loginUid = field(body, 'auid');
  const uid = field(body, 'euid') ?? field(body, 'uid');
  if (session === null || loginUid === null || uid === null) return null;
  return {
    at,
    session,
    loginUid,
    uid,
    executable: decoded(/ exe=(\S+)/.exec(body)?.[1] ?? '') ?? '',
    succeeded: / success=yes\b/.test(body),
  };
}

/** A number of a record; null when it is not set (2^32-1, -1, `unset`). */
function field(body: string, name: string): number | null {
  const found = new RegExp(`(?:^| )${name}=(\\d{1,10})(?: |$)`).exec(body)?.[1];
  return found === undefined || Number(found) >= 4_294_967_295 ? null : Number(found);
}

/** `a0="apt" a1=68656C6C6F`, long ones in pieces: `a2_len=9000 a2[0]=… a2[1]=…`. Secrets are taken out. */
export function argumentsOf(body: string): readonly string[] {
  const pieces = new Map<number, Buffer[]>();
  for (const [, index, value] of body.matchAll(/(?:^| )a(\d{1,6})(?:\[\d{1,6}\])?=("[^"]*"|\S*)/g)) {
    const number = Number(index);
    if (number >= MOST_ARGUMENTS) continue;
    const known = pieces.get(number);
    // A piece may end in the middle of a character: bytes are joined, not texts.
    const bytes = bytesOf(value ?? '') ?? Buffer.alloc(0);
    if (known) known.push(bytes);
    else pieces.set(number, [bytes]);
  }
  const argv = [...pieces]
    .sort(([a], [b]) => a - b)
    .map(([, all]) => Buffer.concat(all).subarray(0, MOST_ARGUMENT).toString('utf8'));
  return argv.map((text, index) =>
    index > 0 && NAMES_SECRET.test(argv[index - 1] ?? '') && (argv[index - 1] ?? '').startsWith('-')
      ? REDACTED
      : withoutSecrets(text),
  );
}

/** Quoted text as it is; anything else is hexadecimal, two digits a byte. Null when it is neither. */
export function decoded(value: string): string | null {
  return bytesOf(value)?.toString('utf8') ?? null;
}

function bytesOf(value: string): Buffer | null {
  if (value.startsWith('"')) return Buffer.from(value.replace(/^"|"$/g, ''));
  if (value === '(null)') return Buffer.alloc(0);
  return /^(?:[0-9A-Fa-f]{2})+$/.test(value) ? Buffer.from(value, 'hex') : null;
}
