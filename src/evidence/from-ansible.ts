/**
 * What Ansible saved of the stand-alone collector: `ansible … --tree DIR` (one JSON file per host), the `json` and
 * `oneline` callbacks' output, or results a play wrote as DIR/HOST.json. Nothing here throws on what a file holds.
 * Sources: ansible(1), plugins/callback/{tree,oneline}.py, ansible.posix.json.
 */
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, UserError } from '../errors.js';
import type { FailureCode, GatherFailure } from '../model.js';

/** One file of a host; a log of all hosts. Bytes. */
const MOST = { host: 64 * 1024 * 1024, log: 512 * 1024 * 1024 };
const MOST_HOSTS = 100_000;

/** What one host printed, or why it printed nothing. */
export interface SavedOutput {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly exitCode?: number;
  readonly failure?: GatherFailure;
  /** The nonce of the collector's first frame; absent: there is none. */
  readonly nonce?: string;
}

export interface SavedHost {
  /** When the file was written, ISO 8601: when the collector ran, as far as this machine knows. */
  readonly at: string;
  read(): Promise<SavedOutput>;
}

/** By Ansible's name of the host. @throws UserError when nothing there can be a result. */
export async function readAnsible(path: string): Promise<ReadonlyMap<string, SavedHost>> {
  const about = await stat(path).catch((error: unknown) => {
    throw new UserError('ansible-unreadable', `cannot read ${path}: ${messageOf(error)}`, {
      hint: 'give the folder of ansible --tree, or a file with the output of its json or oneline callback',
    });
  });
  const found = about.isDirectory() ? await fromFolder(path) : await fromLog(path, about.mtime.toISOString());
  if (found.size === 0)
    throw new UserError('ansible-empty', `${path} holds no result of any host`, {
      hint: `expected what this saves: ansible all -m script -a ssh-access-scorecard.sh --become --tree DIR`,
    });
  return found;
}

async function fromFolder(folder: string): Promise<Map<string, SavedHost>> {
  const found = new Map<string, SavedHost>();
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort();
  for (const name of names.slice(0, MOST_HOSTS)) {
    const path = join(folder, name);
    const about = await stat(path).catch(() => undefined);
    if (!about?.isFile()) continue;
    found.set(name.replace(/\.json$/, ''), {
      at: about.mtime.toISOString(),
      read: async () => {
        try {
          return savedOutput(JSON.parse(await readText(path, MOST.host)));
        } catch (error) {
          return nothing('output-corrupt', `${path} is no result of Ansible: ${messageOf(error)}`);
        }
      },
    });
  }
  return found;
}

async function fromLog(path: string, at: string): Promise<Map<string, SavedHost>> {
  const text = await readText(path, MOST.log).catch((error: unknown) => {
    throw new UserError('ansible-unreadable', `cannot read ${path}: ${messageOf(error)}`);
  });
  const results = text.trimStart().startsWith('{') ? fromJson(path, text) : fromLines(text);
  return new Map(
    [...results].map(([name, result]) => [name, { at, read: () => Promise.resolve(savedOutput(result)) }]),
  );
}

/** The json callback: `plays[].tasks[].hosts`. Of several tasks the one that printed frames counts, else the last. */
function fromJson(path: string, text: string): Map<string, unknown> {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (error) {
    throw new UserError('ansible-unreadable', `${path} is not JSON to its end: ${messageOf(error)}`, {
      hint: 'keep standard output alone: warnings of Ansible go to standard error',
    });
  }
  const found = new Map<string, unknown>();
  for (const play of list(field(root, 'plays')))
    for (const task of list(field(play, 'tasks')))
      for (const [name, result] of Object.entries(mapping(field(task, 'hosts'))))
        if (found.size < MOST_HOSTS && (!found.has(name) || !hasFrames(found.get(name))))
          found.set(name, result);
  return found;
}

/** The oneline callback: `NAME | STATE => {…}`, `NAME | STATE! => {…}`, `NAME | STATE!: text`, or `NAME | STATE | rc=0 | (stdout) …\n… (stderr) …`. */
function fromLines(text: string): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const line of text.split('\n')) {
    if (found.size >= MOST_HOSTS) break;
    const head = /^(\S{1,255}) \| ([A-Z]+)(!:|!? =>| \| rc=(-?\d{1,5}) \|) ?/.exec(line);
    const [all, name, state, kind, rc] = head ?? [];
    if (all === undefined || name === undefined) continue;
    const rest = line.slice(all.length);
    if (kind?.endsWith('=>'))
      found.set(name, { ...mapping(parsed(rest)), ...(state === 'UNREACHABLE' && { unreachable: true }) });
    else if (kind === '!:')
      found.set(name, { msg: rest, unreachable: state === 'UNREACHABLE', failed: true });
    else {
      const [, stdout = '', stderr = ''] = /^\(stdout\) ?(.*?)(?: ?\(stderr\) ?(.*))?$/.exec(rest) ?? [];
      found.set(name, { stdout: unescaped(stdout), stderr: unescaped(stderr), rc: Number(rc) });
    }
  }
  return found;
}

/** The callback writes line ends as `\n` and `\r`; the collector prints no backslash. */
function unescaped(text: string): string {
  return text.replaceAll(String.raw`\r`, '').replaceAll(String.raw`\n`, '\n');
}

function savedOutput(result: unknown): SavedOutput {
  const stdout = `\n${textOf(field(result, 'stdout'))}\n`;
  const said = ['stderr', 'msg', 'module_stderr', 'module_stdout', 'exception'].map((key) =>
    textOf(field(result, key)).slice(0, 20_000),
  );
  const stderr = Buffer.from(said.filter(Boolean).join('\n'), 'utf8');
  const bytes = Buffer.from(stdout, 'utf8');
  const rc = field(result, 'rc');
  const printed = { stdout: bytes, stderr, ...(typeof rc === 'number' && { exitCode: rc }) };
  const nonces = new Set([...stdout.matchAll(/\n@@([0-9a-f]{32}) S /g)].map(([, nonce = '']) => nonce));
  const [nonce] = nonces;
  if (nonces.size > 1)
    return {
      ...printed,
      failure: failure('output-corrupt', 'the result holds frames of more than one collector'),
    };
  if (nonce !== undefined) return { ...printed, nonce };
  if (field(result, 'unreachable') === true) return { ...printed, failure: unreachable(said.join(' ')) };
  return printed;
}

/** OpenSSH's and Ansible's words for why there is no connection. */
const WORDS: readonly (readonly [RegExp, FailureCode])[] = [
  [/IDENTIFICATION HAS CHANGED/i, 'host-key-mismatch'],
  [/host key/i, 'host-key-unknown'],
  [/permission denied|authentication fail|incorrect password|too many authentication/i, 'login-refused'],
  [/could not resolve|name or service not known|nodename nor servname/i, 'dns'],
  [/connection refused/i, 'connect-refused'],
  [/timed? ?out/i, 'connect-timeout'],
  [/no route to host|network is unreachable/i, 'network-unreachable'],
  [/connection reset/i, 'connection-reset'],
];

function unreachable(said: string): GatherFailure {
  const code = WORDS.find(([pattern]) => pattern.test(said))?.[1] ?? 'connection-lost';
  return failure(code, `Ansible could not reach it: ${said.trim().slice(0, 300) || 'it did not say why'}`);
}

function nothing(code: FailureCode, detail: string): SavedOutput {
  return { stdout: new Uint8Array(), stderr: new Uint8Array(), failure: failure(code, detail) };
}

function failure(code: FailureCode, detail: string): GatherFailure {
  return { code, phase: 'connect', detail };
}

async function readText(path: string, most: number): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size > most) throw new Error(`it is larger than ${most} bytes`);
    // Not the whole file at once: it may have grown since, or be endless.
    const buffer = Buffer.alloc(Math.min(size, most));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

function hasFrames(result: unknown): boolean {
  return /(^|\n)@@[0-9a-f]{32} S /.test(textOf(field(result, 'stdout')));
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return { msg: 'the line is cut', failed: true };
  }
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function mapping(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
