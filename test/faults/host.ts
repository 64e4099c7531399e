/** A scripted SSH host: sound on the wire (real handshake, login, exec, frames) up to the moment its play tells. */
import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import { PROTOCOL } from '../../src/collector/compose.js';
import { generateKey, privateKeyFile } from '../../src/demo/certificate-authority.js';
import { recording } from '../../src/demo/fleet.js';
import type { ProbeOutput } from '../../src/model.js';
import { fingerprint } from '../../src/openssh/public-key.js';
import { startGate, type Action, type Passage } from './gate.js';

export const MOMENTS = ['connect', 'banner', 'key exchange', 'login', 'exec', 'output'] as const;
export type Moment = (typeof MOMENTS)[number];

export type Play =
  | { readonly kind: 'sound'; readonly answerAfterMs?: number }
  /** Sound up to `moment`, then `action`; with `times`, only on that many connections. */
  | { readonly kind: 'fault'; readonly moment: Moment; readonly action: Action; readonly times?: number }
  /** Says this on connect, instead of a banner, and closes; with `times`, only on that many connections. */
  | { readonly kind: 'says'; readonly text: string; readonly times?: number }
  /** Says a little, again and again, and comes to no end: no silence ever lasts. */
  | { readonly kind: 'drips'; readonly on: 'greeting' | 'login' | 'output' }
  | {
      readonly kind: 'flood';
      readonly on: 'greeting' | 'login banner' | 'stdout' | 'stderr' | 'requests' | 'tiny packets' | 'lines';
    }
  /** Prints everything, and then does not end as a command should. */
  | {
      readonly kind: 'ends';
      readonly how: 'never' | 'by signal' | 'without status' | 'refusing exec' | 'refusing session';
    }
  /** Its clock, in seconds since the epoch. */
  | { readonly kind: 'clock'; readonly clock: string };

export interface ScriptedHost {
  readonly port: number;
  readonly hostKey: string;
  connections(): number;
  close(): Promise<void>;
}

const CHUNK = Buffer.alloc(32_768, 0x61);
/** Recorded on a real, sound host. */
const SOUND = recording('sound').probes;
const HOST_KEY = generateKey();
/** The banner line and the start of KEXINIT, which is some 1 KB. */
const INTO_KEY_EXCHANGE = 200;

/** Shorter than any time limit of the tests. */
const DRIP_MS = 100;

export async function startHost(play: Play): Promise<ScriptedHost> {
  const greets =
    (play.kind === 'says' && play.times === undefined) ||
    ((play.kind === 'flood' || play.kind === 'drips') && play.on === 'greeting');
  if (greets)
    return finish(await startGate({ accepted: (passage) => greet(passage, play) }), () => Promise.resolve());

  const passages = new Map<number, Passage>();
  const due = (passage: Passage | undefined): boolean =>
    play.kind === 'fault' && passage !== undefined && passage.number <= (play.times ?? Infinity);
  const server = new ssh2.Server(
    { hostKeys: [privateKeyFile(HOST_KEY)], ident: 'OpenSSH_9.2 scripted' },
    (connection, info) => serve(connection, play, () => passages.get(info.port), due),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const gate = await startGate({
    target: (server.address() as AddressInfo).port,
    accepted: (passage) => {
      if (play.kind === 'fault' && play.moment === 'connect' && due(passage)) passage.act(play.action);
      if (play.kind === 'says' && passage.number <= (play.times ?? 0)) greet(passage, play);
    },
    joined: (passage, localPort) => passages.set(localPort, passage),
    early: (passage) => {
      if (play.kind !== 'fault' || !due(passage)) return undefined;
      if (play.moment === 'banner') return { after: 4, act: play.action };
      return play.moment === 'key exchange' ? { after: INTO_KEY_EXCHANGE, act: play.action } : undefined;
    },
  });
  return finish(gate, () => new Promise((resolve) => server.close(() => resolve())));
}

function finish(gate: Awaited<ReturnType<typeof startGate>>, stop: () => Promise<void>): ScriptedHost {
  return {
    port: gate.port,
    hostKey: fingerprint(HOST_KEY.publicBlob),
    connections: () => gate.connections(),
    close: async () => {
      await gate.close();
      await stop();
    },
  };
}

function greet({ client }: Passage, play: Play): void {
  if (play.kind === 'says') {
    client.end(play.text);
    return;
  }
  if (play.kind === 'drips') return drip(client, () => client.write('please wait\r\n'));
  pour((chunk) => client.write(chunk), client, Buffer.from('welcome to this machine\r\n'.repeat(1000)));
}

/** Writes for as long as the other side takes it. */
function pour(
  write: (chunk: Buffer) => boolean,
  drained: NodeJS.EventEmitter & { readonly destroyed?: boolean },
  chunk: Buffer,
): void {
  const more = (): void => {
    for (let turn = 0; turn < 64 && !drained.destroyed; turn += 1) if (!write(chunk)) return;
    if (!drained.destroyed) setImmediate(more);
  };
  drained.on('drain', more);
  more();
}

function serve(
  connection: Connection,
  play: Play,
  passage: () => Passage | undefined,
  due: (passage: Passage | undefined) => boolean,
): void {
  const at = (moment: Moment): boolean => {
    if (play.kind !== 'fault' || play.moment !== moment || !due(passage())) return false;
    passage()?.act(play.action);
    return play.action !== 'flip' && play.action !== 'drip';
  };
  connection.on('error', () => undefined);
  connection.on('authentication', (context) => {
    if (play.kind === 'flood' && play.on === 'login banner')
      return repeat(connection, () => sendBanner(connection, Buffer.alloc(8192, 0x62)));
    if (play.kind === 'drips' && play.on === 'login')
      return drip(connection, () => sendBanner(connection, Buffer.from('please wait\r\n')));
    if (at('login')) return;
    if (context.method === 'publickey') context.accept();
    else context.reject(['publickey']);
  });
  connection.on('session', (accept, reject) => {
    if (play.kind === 'ends' && play.how === 'refusing session') return reject();
    accept().on('exec', (acceptExec, rejectExec) => {
      if (play.kind === 'ends' && play.how === 'refusing exec') return rejectExec();
      if (at('exec')) return;
      if (play.kind === 'flood' && play.on === 'requests') {
        // Each request wants an answer, and nobody reads the answers.
        passage()?.deafen();
        return repeat(connection, () => protocolOf(connection).ping());
      }
      answer(acceptExec(), play, () => at('output'));
    });
  });
}

/** SSH_MSG_USERAUTH_BANNER (RFC 4252, 5.4), again and again: ssh2's server sends only one, so this writes the packets itself. */
function sendBanner(connection: Connection, text: Buffer): void {
  const protocol = protocolOf(connection);
  const { write } = protocol._packetRW;
  const start = write.allocStart;
  const packet = write.alloc(1 + 4 + text.length + 4);
  packet[start] = 53;
  packet.writeUInt32BE(text.length, start + 1);
  packet.set(text, start + 5);
  packet.writeUInt32BE(0, start + 5 + text.length);
  protocol._cipher.encrypt(write.finalize(packet));
}

function drip(until: { on(event: 'close', listener: () => void): unknown }, send: () => unknown): void {
  const timer = setInterval(send, DRIP_MS);
  until.on('close', () => clearInterval(timer));
}

interface RawProtocol {
  readonly _packetRW: {
    readonly write: {
      readonly allocStart: number;
      alloc(size: number): Buffer;
      finalize(packet: Buffer): Buffer;
    };
  };
  readonly _cipher: { encrypt(packet: Buffer): void };
  ping(): void;
}

function protocolOf(connection: Connection): RawProtocol {
  return (connection as unknown as { readonly _protocol: RawProtocol })._protocol;
}

/** As fast as the event loop turns, until the connection ends. */
function repeat(connection: Connection, send: () => void, atOnce = 64): void {
  const ended = new AbortController();
  connection.on('close', () => ended.abort());
  const turn = (): void => {
    for (let index = 0; index < atOnce && !ended.signal.aborted; index += 1) send();
    if (!ended.signal.aborted) setImmediate(turn);
  };
  turn();
}

function answer(channel: ServerChannel, play: Play, interrupted: () => boolean): void {
  const chunks: Buffer[] = [];
  channel.on('error', () => undefined);
  channel.on('data', (chunk: Buffer) => chunks.push(chunk));
  channel.on('end', () => {
    const text = frames(
      Buffer.concat(chunks).toString('utf8'),
      play.kind === 'clock' ? play.clock : String(Math.floor(Date.now() / 1000)),
    );
    if (play.kind === 'flood') return flood(channel, play.on, text);
    if (play.kind === 'drips') return drip(channel, () => channel.write('.'));
    if (play.kind === 'fault' && play.moment === 'output') {
      channel.write(text.slice(0, text.length / 2));
      setTimeout(() => {
        if (interrupted()) return;
        channel.write(text.slice(text.length / 2));
        end(channel);
      }, 100);
      return;
    }
    channel.write(text);
    if (play.kind === 'ends') {
      if (play.how === 'by signal') channel.exit('KILL', false, '');
      if (play.how !== 'never') channel.end();
      return;
    }
    if (play.kind === 'sound' && play.answerAfterMs !== undefined)
      setTimeout(() => end(channel), play.answerAfterMs);
    else end(channel);
  });
}

function end(channel: ServerChannel): void {
  channel.exit(0);
  channel.end();
}

function flood(channel: ServerChannel, on: string, text: string): void {
  const nonce = /@@([0-9a-f]{32}) /.exec(text)?.[1] ?? '';
  switch (on) {
    case 'stderr':
      return pour((chunk) => channel.stderr.write(chunk), channel.stderr, CHUNK);
    case 'lines': {
      // A true opening frame, and then nothing but lines: each would become a string of its own.
      channel.write(`\n@@${nonce} S ${PROTOCOL} 0 1 sh\n`);
      return pour((chunk) => channel.write(chunk), channel, Buffer.from('h\n'.repeat(16_384)));
    }
    case 'tiny packets': {
      const one = Buffer.from('a');
      return pour((chunk) => channel.write(chunk), channel, one);
    }
    default:
      return pour((chunk) => channel.write(chunk), channel, CHUNK);
  }
}

/** The frames the script would have printed on the recorded host, whose clock is `clock`. */
function frames(script: string, clock: string): string {
  const nonce = /^NONCE=([0-9a-f]{32})$/m.exec(script)?.[1] ?? '';
  const asked = [...script.matchAll(/^probe (\S+) (\d+) probe_/gm)].map(
    (match) => [match[1] ?? '', match[2] ?? ''] as const,
  );
  const body = asked.map(([name, max]) => frame(nonce, name, max, SOUND[name], clock));
  return `\n@@${nonce} S ${PROTOCOL} 0 ${clock} sh\n${body.join('')}@@${nonce} E ${asked.length}\n`;
}

function frame(
  nonce: string,
  name: string,
  max: string,
  output: ProbeOutput | undefined,
  clock: string,
): string {
  const text = output?.stdout ?? '';
  const stdout = name === 'system' ? text.replace(/^clock \d+$/m, `clock ${clock}`) : text;
  const bytes = Buffer.from(stdout, output?.stdoutEncoding ?? 'utf8');
  const lines = `r${output?.rc ?? 127}\no${bytes.toString('base64')}\ne${Buffer.from(output?.stderr ?? '').toString('base64')}\n`;
  return `@@${nonce} P ${name} ${max}\n${lines}h${createHash('sha256').update(lines).digest('hex')}\n`;
}
