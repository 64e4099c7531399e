/**
 * How a script and its output travel by Run Command, which takes 64 KB of parameters and hands out the first 24,000
 * characters of standard output and 8,000 of standard error: both are compressed, and the output tells its length.
 *
 * One script goes to many hosts, so it can hold no nonce of one host. Each host draws its own from /dev/urandom and
 * tells it in the very first line of its output, where nothing that is collected can stand: what one host knows is of no
 * use on another. The token in that line is new for every command.
 *
 * Output: `@@ssm TOKEN NONCE gz|raw LENGTH SHA256`, then LENGTH characters of base64 with `!STATUS!` somewhere among them;
 * what is over the first line's share goes to standard error behind `@@more TOKEN `.
 */
import { createHash } from 'node:crypto';
import { constants, gunzipSync, gzipSync } from 'node:zlib';
import type { GatherFailure } from '../../model.js';
import { shellWord } from '../shell-word.js';
import { failure } from '../ssh/failure.js';

/** Characters of base64 put on standard output; the first line and the line break fit beside it in 24,000. */
const FIRST = 23_800;
/** Run Command refuses more than 64 KB of parameters; JSON and the words around need room. */
const MAX_PARAMETERS = 60_000;
/** Width of a line when the output goes to a log group: an event holds at most 256 KB. */
const LOG_LINE = 1000;
const NONCE_LINE = /^NONCE=[0-9a-f]{32}\n/;

/** The script without the nonce it was made with, to be the same for every host. */
export function withoutNonce(script: string): { readonly body: string; readonly draws: boolean } {
  const draws = NONCE_LINE.test(script);
  return { body: draws ? script.replace(NONCE_LINE, '') : script, draws };
}

export interface Envelope {
  /** What runs on the host, as its login shell would be asked to. */
  readonly command: string;
  readonly body: string;
  readonly draws: boolean;
  /** 32 hexadecimal digits, new for every command. */
  readonly token: string;
  readonly maxStdout: number;
  readonly maxStderr: number;
  /** The whole output on standard output, for a log group. */
  readonly toLogs: boolean;
}

/** @returns the lines for AWS-RunShellScript, or null when the script is too long however it is packed. */
export function pack(envelope: Envelope): string[] | null {
  const { command, body, draws, token, maxStdout, maxStderr, toLogs } = envelope;
  const packed = gzipSync(body, { level: 9 }).toString('base64');
  const lines = [
    `T=${token}; LC_ALL=C; export LC_ALL`,
    // Not the login's PATH: the agent's own may hold anything.
    'PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin; export PATH',
    `refuse() { printf '@@ssm %s - %s 0 -\\n' "$T" "$1"; exit 0; }`,
    `if command -v base64 >/dev/null 2>&1; then e() { base64; }; d() { base64 -d; }`,
    `elif command -v openssl >/dev/null 2>&1; then e() { openssl base64; }; d() { openssl base64 -d -A; }`,
    `else refuse no-base64; fi`,
    'command -v gzip >/dev/null 2>&1 || refuse no-gzip',
    // busybox may be built to unpack only.
    'if echo | gzip -9 -c >/dev/null 2>&1; then Z=gz; z() { gzip -9 -c; }; else Z=raw; z() { cat; }; fi',
    `N=$(od -An -v -N16 -tx1 /dev/urandom 2>/dev/null | tr -dc 0-9a-f)`,
    '[ "${#N}" = 32 ] || refuse no-random',
    `s() { ${draws ? `printf 'NONCE=%s\\n' "$N"; ` : ''}printf %s '${packed}' | d | gzip -d -c; }`,
    // 3: the status, beside the packed output; 4: standard error; 5: standard output. Floods end at their limits.
    `c() { s | /bin/sh -c ${shellWord(command)} 2>&4 3>&- 4>&- 5>&-; printf '!%s!' "$?" >&3; }`,
    `f() { { c 4>&1 1>&5; } | head -c ${maxStderr + 1} >&2 3>&- 5>&-; }`,
    `B=$({ { f; } 5>&1 | head -c ${maxStdout + 1} | z | e | tr -d '\n'; } 3>&1)`,
    // This line comes by the agent's own channel: it vouches for the rest, wherever that is fetched from.
    'if command -v sha256sum >/dev/null 2>&1; then h() { sha256sum; }; else h() { openssl dgst -sha256 -r; }; fi',
    `H=$(printf %s "$B" | h 2>/dev/null | cut -c1-64)`,
    `printf '@@ssm %s %s %s %s %s\\n' "$T" "$N" "$Z" "\${#B}" "\${H:--}"`,
    ...(toLogs
      ? [`printf '%s\\n' "$B" | fold -w ${LOG_LINE}`]
      : [
          `printf %s "$B" | head -c ${FIRST}`,
          `[ "\${#B}" -le ${FIRST} ] || { printf '\\n@@more %s ' "$T"; printf %s "$B" | tail -c +${FIRST + 1}; } >&2`,
        ]),
    'exit 0',
  ];
  return lines.join('\n').length > MAX_PARAMETERS ? null : lines;
}

export interface Opened {
  /** What the command printed, as far as it arrived. */
  readonly stdout: Uint8Array;
  /** Its standard error, without what belongs to the envelope. */
  readonly stderr: string;
  readonly exitCode?: number;
  readonly nonce?: string;
  /** The first line, when it holds a SHA-256 of the rest. */
  readonly seal?: string;
  /** Characters the output has, and how many of them arrived. */
  readonly told?: number;
  readonly arrived: number;
  readonly failure?: GatherFailure;
}

/** Why a host could not pack or unpack, by the word it said. */
const REFUSALS = new Map([
  ['no-base64', 'it has neither base64 nor openssl'],
  ['no-gzip', 'it has no gzip'],
  ['no-random', 'it has no /dev/urandom'],
]);

/** Reads what came back. Never throws, whatever it is: a cut or altered output is a failure with what can be used of it. */
export function open(stdout: string, stderr: string, token: string, maxStdout: number): Opened {
  const nothing = { stdout: new Uint8Array(), arrived: 0 };
  const more = `\n@@more ${token} `;
  const at = stderr.indexOf(more);
  const said = at < 0 ? stderr : stderr.slice(0, at);
  const first =
    /^@@ssm ([0-9a-f]{32}) ([0-9a-f]{32}|-) ([a-z0-9-]{1,20}) (\d{1,9}) ([0-9a-f]{64}|-)\r?\n/.exec(stdout);
  if (first?.[1] !== token) {
    const why = stdout === '' ? 'no output at all' : 'the output does not begin as the script begins it';
    return { ...nothing, stderr: said, failure: failure('no-frames', 'parse', why) };
  }
  const [line, , nonce = '-', packing = '', length = '', digest = '-'] = first;
  const refused = REFUSALS.get(packing);
  if (refused !== undefined || nonce === '-') {
    const why = `the host cannot run the collector by Run Command: ${refused ?? 'it does not say why'}`;
    return { ...nothing, stderr: said, failure: failure('exec-refused', 'exec', why) };
  }
  const told = Number(length);
  const body = (stdout.slice(line.length) + (at < 0 ? '' : stderr.slice(at + more.length))).replaceAll(
    /\s+/g,
    '',
  );
  const whole = bodyOf(body, told);
  const status = /!(\d{1,3})!/.exec(whole);
  const base64 = whole.replace(/!(\d{1,3})!/, '').replace(/!\d{0,3}$/, '');
  const unpacked = unpack(Buffer.from(base64, 'base64'), packing, maxStdout);
  const cut = whole.length < told;
  const problem = cut
    ? failure(
        'output-cut',
        'run',
        `Run Command handed out ${whole.length} of ${told} characters of the packed output`,
        'Configure a log group for long output: ssm: { cloudwatch_log_group: … } (docs/ssm.md).',
      )
    : digest !== '-' && digest !== sha256(whole)
      ? failure('output-corrupt', 'parse', 'the output was altered on its way: its SHA-256 is another')
      : unpacked.failure;
  return {
    stdout: unpacked.bytes,
    stderr: said,
    nonce,
    ...(digest !== '-' && { seal: line.trimEnd() }),
    told,
    arrived: whole.length,
    ...(status && { exitCode: Number(status[1]) }),
    ...(problem && { failure: problem }),
  };
}

/** What of the text is body: the agent ends a cut output with `--output truncated--`, which is not. */
function bodyOf(text: string, told: number): string {
  const end = /[^A-Za-z0-9+/=!]/.exec(text)?.index ?? text.length;
  return text.slice(0, Math.min(end, told));
}

function unpack(
  packed: Buffer,
  packing: string,
  maxStdout: number,
): { readonly bytes: Uint8Array; readonly failure?: GatherFailure } {
  const tooMuch = failure('too-much-output', 'run', `more than ${maxStdout} bytes on standard output`);
  if (packing === 'raw') return bounded(packed, maxStdout);
  if (packing !== 'gz')
    return { bytes: new Uint8Array(), failure: failure('output-corrupt', 'parse', 'an unknown packing') };
  try {
    // A cut stream gives what is whole in it.
    const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: maxStdout + 1 };
    return bounded(gunzipSync(packed, options), maxStdout);
  } catch (error) {
    if (error instanceof RangeError) return { bytes: new Uint8Array(), failure: tooMuch };
    return {
      bytes: new Uint8Array(),
      failure: failure('output-corrupt', 'parse', 'the packed output cannot be unpacked'),
    };
  }

  function bounded(bytes: Buffer, limit: number): { bytes: Uint8Array; failure?: GatherFailure } {
    return bytes.length > limit ? { bytes: bytes.subarray(0, limit), failure: tooMuch } : { bytes };
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'latin1').digest('hex');
}
