/**
 * Bytes from a host -> raw evidence. The host is not trusted: only lines that carry this run's nonce count, every
 * length is bounded, and nothing here throws.
 *
 * A frame is `@@NONCE P name max`, then `r<status>`, `o<stdout>`, `e<stderr>` in any order, then `h<sha256>` over
 * those lines as they were sent (or `h-`). `S protocol uid clock shell [script]` opens, `E count` closes; without `E`
 * the output was cut.
 */
import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import type { GatherFailure, HostEvidence, ProbeOutput } from '../model.js';
import { PROTOCOL } from './compose.js';
import type { ProbeSpec } from './probes.js';

export interface Frames {
  readonly collector?: NonNullable<HostEvidence['collector']>;
  readonly probes: Readonly<Record<string, ProbeOutput>>;
  readonly failure?: GatherFailure;
}

/** `P`, `r`, `o`, `e`, `h`. */
const LINES_OF_A_PROBE = 5;
/** What the collector keeps of a probe's standard error. Bytes. */
const MAX_STDERR = 4096;
const CARRIAGE_RETURN = 13;
/** Status of timeout(1) when the limit was hit: GNU, busybox, killed. */
const TIMED_OUT = new Set([124, 137, 143]);

/** @param stdout everything the host printed, rc-file noise included. */
export function readFrames(stdout: Uint8Array, nonce: string, asked: readonly ProbeSpec[]): Frames {
  const bytes = fromFirstFrame(stdout, nonce);
  const lines = wholeLines(bytes, 2 + LINES_OF_A_PROBE * asked.length);
  const mark = `@@${nonce} `;
  const start = lines[0]?.slice(mark.length).split(' ');
  if (start?.[0] !== 'S') {
    return {
      probes: {},
      failure: fail('no-frames', 'the collector did not start: no opening frame in the output'),
    };
  }
  const [, protocol = '', uid = '', clock = '', shell = '', script = ''] = start;
  if (Number(protocol) !== PROTOCOL) {
    return { probes: {}, failure: fail('output-corrupt', `the opening frame is not protocol ${PROTOCOL}`) };
  }
  const collector = {
    protocol: PROTOCOL,
    uid: integer(uid),
    clock: integer(clock),
    shell: shell.slice(0, 40),
    ...(/^[0-9a-f]{64}$/.test(script) && { script }),
  };
  const limits = new Map(asked.map((probe) => [probe.name, probe.maxBytes]));
  const probes: Record<string, ProbeOutput> = {};
  let index = 1;
  // Where the line begins: the checksum is over bytes as they were sent.
  let at = (lines[0]?.length ?? 0) + 1;
  for (; index < lines.length;) {
    const line = lines[index] ?? '';
    const [kind, name = ''] = line.startsWith(mark) ? line.slice(mark.length).split(' ') : [];
    if (kind === 'E') {
      if (Number(name) === Object.keys(probes).length) return { collector, probes };
      return {
        collector,
        probes,
        failure: fail(
          'output-corrupt',
          `the closing frame counts ${name.slice(0, 20)} probes, ${Object.keys(probes).length} arrived`,
        ),
      };
    }
    const limit = limits.get(name);
    if (kind !== 'P' || limit === undefined || name in probes) {
      return {
        collector,
        probes,
        failure: fail('output-corrupt', 'an unexpected line stands between frames'),
      };
    }
    const rest = lines.slice(index + 1, index + LINES_OF_A_PROBE);
    const length = rest.findIndex((text) => text.startsWith('h'));
    if (length < 0) break;
    const body = rest.slice(0, length);
    const sent = rest[length] ?? '';
    const from = at + line.length + 1;
    const to = body.reduce((sum, text) => sum + text.length + 1, from);
    if (sent !== 'h-' && sent !== `h${sha256(bytes.subarray(from, to))}`) {
      return {
        collector,
        probes,
        failure: fail(
          'output-corrupt',
          `the checksum of probe ${name} is wrong: its output was altered on the way`,
        ),
      };
    }
    probes[name] = probeOutput(body, limit);
    index += length + 2;
    at = to + sent.length + 1;
  }
  return {
    collector,
    probes,
    failure: fail(
      'output-cut',
      `the output ends after ${Object.keys(probes).length} of ${asked.length} probes`,
    ),
  };
}

/** What comes before the first frame, rc files and banners, is skipped; carriage returns of a pty are dropped. */
function fromFirstFrame(stdout: Uint8Array, nonce: string): Buffer {
  const buffer = Buffer.from(stdout.buffer, stdout.byteOffset, stdout.byteLength);
  const before = buffer.indexOf(`\n@@${nonce} S `);
  const bytes = buffer.subarray(before < 0 ? buffer.length : before + 1);
  return bytes.includes(CARRIAGE_RETURN)
    ? Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1')
    : bytes;
}

/**
 * One character a byte. What stands behind the last newline is no whole line.
 * @param most how many there can be: a host that sends nothing but newlines must not cost a string for each.
 */
function wholeLines(bytes: Buffer, most: number): string[] {
  return bytes
    .toString('latin1')
    .split('\n', most + 1)
    .slice(0, -1);
}

function probeOutput(body: readonly string[], limit: number): ProbeOutput {
  const field = (letter: string) => body.find((line) => line.startsWith(letter))?.slice(1) ?? '';
  const decode = (text: string) => Buffer.from(text, 'base64');
  const all = decode(field('o'));
  const kept = all.subarray(0, limit);
  const cut = all.length > limit;
  const status = field('r');
  // No status at all: the probe was stopped by the closed pipe.
  const rc = /^\d{1,3}$/.test(status) ? Number(status) : 141;
  const clean = isUtf8(kept);
  return {
    rc,
    stdout: kept.toString(clean ? 'utf8' : 'base64'),
    stdoutEncoding: clean ? 'utf8' : 'base64',
    stderr: decode(field('e')).subarray(0, MAX_STDERR).toString('utf8'),
    bytes: all.length,
    cut,
    timedOut: TIMED_OUT.has(rc),
    sha256: sha256(kept),
  };
}

function fail(code: GatherFailure['code'], detail: string): GatherFailure {
  return { code, phase: 'parse', detail };
}

function integer(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : -1;
}

function sha256(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}
