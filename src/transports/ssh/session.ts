/** One hop: connect, exchange keys with a verified host, log in. Settles once, whatever the peer does. */
import type { Duplex } from 'node:stream';
import ssh2, { type Client } from 'ssh2';
import { messageOf } from '../../errors.js';
import type { ConnectionRecord, GatherFailure, Phase } from '../../model.js';
import type { Limits } from '../transport.js';
import { beyondSsh2 } from './beyond.js';
import { failed, failure, socketFailure, success, type Attempt } from './failure.js';
import {
  judgeHostKey,
  offerFor,
  type HostKeyOffer,
  type HostKeyRule,
  type HostKeyVerdict,
} from './host-key.js';
import { selectIdentities, type IdentityTools, type Selection } from './identities.js';
import type { KnownHosts } from './known-hosts.js';
import { followHandshake, type Handshake } from './handshake.js';
import { createLoginReport } from './login-report.js';
import { adoptHostCertificate, loginWith, wire } from './private-seam.js';
import { endpointOf, type Hop } from './route.js';
import { answerAtOnce, openSocket } from './socket.js';
import { onStop, stopped } from './stop.js';

/** The server decides by our order which of its host keys it shows; more rounds than key families are useless. */
const MAX_KEY_ROUNDS = 4;
/** Every connection says goodbye; one that does not close by itself is destroyed after this. */
const GOODBYE_MS = 500;
/**
 * Bytes that may wait for the host to read them. The protocol answers much of what a host asks, so one that asks and
 * never reads would fill this machine's memory. A bastion carries the scripts of many hosts.
 */
const UNREAD = { host: 4 * 1024 * 1024, bastion: 64 * 1024 * 1024 } as const;

export interface Session {
  readonly client: Client;
  isOpen(): boolean;
  onClosed(listener: () => void): void;
  /** Says goodbye, and makes sure that nothing stays open. */
  end(): void;
  destroy(): void;
}

/** Filled in as the connection proceeds; what is there when it fails goes into the evidence. */
export interface Progress {
  phase: Phase;
  hostKey?: NonNullable<ConnectionRecord['hostKey']>;
  authenticatedBy?: string;
  serverVersion?: string;
  readonly handshake: Handshake;
  readonly timings: Record<string, number>;
  /** Milliseconds since the attempt began. */
  readonly elapsed: () => number;
}

export interface SessionTools {
  readonly knownHosts: (files: readonly string[]) => KnownHosts;
  readonly identities: (hop: Hop) => IdentityTools;
  readonly now: () => number;
}

export interface SessionRequest {
  readonly hop: Hop;
  /** The bastion before it. */
  readonly via: Client | undefined;
  readonly limits: Limits;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** Notice a dead peer while nothing is sent: for bastions, which wait. Milliseconds; 0 for never. */
  readonly keepaliveMs: number;
}

export function createProgress(): Progress {
  const start = performance.now();
  return {
    phase: 'resolve',
    handshake: {},
    timings: {},
    elapsed: () => Math.round(performance.now() - start),
  };
}

/** Checks the identities first: with none that could work, nothing is connected. Never rejects. */
export async function openSession(request: SessionRequest, tools: SessionTools): Promise<Attempt<Session>> {
  const { hop, progress } = request;
  progress.phase = 'login';
  const selection = await selectIdentities(hop.identity, tools.identities(hop));
  if (!selection.ok) return selection;
  const rule: HostKeyRule = {
    name: hop.hostKeyAlias ?? hop.address,
    ...(hop.hostKeyAlias === undefined ? { port: hop.port } : {}),
    pins: hop.pins,
    known: tools.knownHosts(hop.knownHostsFiles),
    now: tools.now,
  };
  let offer = offerFor(rule);
  let first: GatherFailure | undefined;
  for (let round = 1; ; round += 1) {
    const outcome = await connectOnce(request, rule, offer, selection.value);
    if (outcome.ok) return outcome;
    const refused = outcome.refused?.ok === false ? outcome.refused : undefined;
    // The known kind of key was asked for and is not there: the first answer was the telling one.
    if (first && !refused && outcome.failure.code === 'handshake-failed') return failed(first);
    if (!refused || refused.tryInstead.length === 0 || round === MAX_KEY_ROUNDS)
      return failed(first ?? outcome.failure);
    first ??= outcome.failure;
    offer = { plain: refused.tryInstead, certificates: [] };
  }
}

type Connected =
  | { readonly ok: true; readonly value: Session }
  | { readonly ok: false; readonly failure: GatherFailure; readonly refused?: HostKeyVerdict };

async function connectOnce(
  request: SessionRequest,
  rule: HostKeyRule,
  offer: HostKeyOffer,
  selection: Selection,
): Promise<Connected> {
  const { hop, via, limits, signal, progress } = request;
  progress.phase = 'connect';
  const socket = await openSocket(hop, via, limits.connectMs, signal);
  if (!socket.ok) return socket;
  progress.timings['connect'] = progress.elapsed();
  progress.phase = 'handshake';
  const outcome = await logIn(request, socket.value.stream, rule, offer, selection);
  const complaint = socket.value.complaint();
  if (outcome.ok || complaint === '') return outcome;
  return {
    ...outcome,
    failure: { ...outcome.failure, detail: `${outcome.failure.detail} (ProxyCommand: ${complaint})` },
  };
}

function logIn(
  request: SessionRequest,
  stream: Duplex,
  rule: HostKeyRule,
  offer: HostKeyOffer,
  selection: Selection,
): Promise<Connected> {
  const { hop, limits, signal, progress } = request;
  const endpoint = endpointOf(hop);
  const where = endpoint.slice(hop.user.length + 1);
  const report = createLoginReport();
  const client = new ssh2.Client();
  let open = true;
  const session = sessionOf(client, stream, () => open);

  return new Promise((resolve) => {
    let settled = false;
    let timer: NodeJS.Timeout | undefined;
    let forget = (): void => undefined;
    let opening = '';
    let presented: Buffer | undefined;
    let verdict: HostKeyVerdict | undefined;

    const settle = (outcome: Connected): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      forget();
      if (!outcome.ok) session.destroy();
      resolve(outcome);
    };
    const fail = (gone: GatherFailure): void => settle(failed(gone));
    const deadline = (ms: number, gone: () => GatherFailure): void => {
      clearTimeout(timer);
      timer = setTimeout(() => fail(gone()), ms);
    };
    const verify = (key: Buffer): boolean => {
      // Asked again at every re-keying: only the very key that was accepted will do.
      if (presented && !presented.equals(key)) return false;
      presented ??= Buffer.from(key);
      progress.handshake.presented = presented;
      verdict ??= judgeHostKey(rule, presented, offer);
      if (verdict.ok && verdict.certifiedKey) adoptHostCertificate(client, presented, verdict.certifiedKey);
      if (!verdict.ok) settle({ ok: false, failure: verdict.failure, refused: verdict });
      return verdict.ok;
    };

    // These stay attached: ssh2 tells some errors many times over, and an unheard one would end the process.
    client.on('error', (error) => fail(explain(error)));
    client.on('close', () => {
      open = false;
      fail(closed());
    });
    client.on('handshake', () => {
      if (settled || progress.phase !== 'handshake') return;
      progress.phase = 'login';
      progress.timings['handshake'] = progress.elapsed();
      if (verdict?.ok)
        progress.hostKey = {
          type: verdict.type,
          fingerprint: verdict.fingerprint,
          verifiedBy: verdict.verifiedBy,
        };
      deadline(limits.loginMs, () =>
        failure(
          'login-timeout',
          'login',
          `${endpoint} did not decide about the login within ${String(limits.loginMs)} ms`,
        ),
      );
    });
    client.on('ready', () => {
      const by = report.current();
      if (by !== undefined) progress.authenticatedBy = `publickey ${by}`;
      progress.timings['login'] = progress.elapsed();
      settle(success(session));
    });
    stream.on('error', (error) => fail(socketFailure(error, progress.phase, where)));

    function explain(error: Error & { level?: string; code?: unknown }): GatherFailure {
      const text = messageOf(error).slice(0, 300);
      if (error.level === 'client-authentication') return report.refusal(endpoint, selection.skipped);
      if (error.level === 'client-socket' || typeof error.code === 'string')
        return socketFailure(error, progress.phase, where);
      if (typeof error.code === 'number' && report.wasRefused())
        return report.refusal(endpoint, selection.skipped, text);
      if (typeof error.code === 'number')
        return failure('closed-before-login', progress.phase, `${where} ended the connection: ${text}`);
      if (text.startsWith('Connection lost')) return closed();
      return failure(
        'handshake-failed',
        progress.phase,
        `${where}: ${text}${opening.startsWith('SSH-') ? '' : said()}`,
        handshakeHint(text),
      );
    }
    function closed(): GatherFailure {
      if (report.wasRefused())
        return report.refusal(endpoint, selection.skipped, 'nothing, it closed the connection');
      return failure(
        'closed-before-login',
        progress.phase,
        `${where} closed the connection during ${progress.phase}${said()}`,
        closedHint(opening),
      );
    }
    function said(): string {
      return opening === '' || opening.startsWith('SSH-')
        ? ''
        : `; it said ${JSON.stringify(opening.slice(0, 120))}`;
    }

    forget = onStop(signal, () => fail(stopped(signal, progress.phase)));
    if (settled) return;
    deadline(limits.handshakeMs, () =>
      failure(
        'handshake-timeout',
        'handshake',
        `${where} did not finish the key exchange within ${String(limits.handshakeMs)} ms${said()}`,
      ),
    );
    try {
      client.connect({
        sock: stream,
        username: hop.user,
        readyTimeout: 0,
        keepaliveInterval: request.keepaliveMs,
        algorithms: { serverHostKey: [...offer.plain] as never },
        authHandler: loginWith(hop.user, selection.identities),
        hostVerifier: verify,
      });
      wire(client, offer.certificates, report, (keys) => {
        progress.handshake.listed ??= keys;
      });
    } catch (error) {
      fail(failure('internal', 'handshake', messageOf(error)));
      return;
    }
    const unread = request.keepaliveMs > 0 ? UNREAD.bastion : UNREAD.host;
    stream.on('data', () => {
      if (!open || stream.writableLength <= unread) return;
      client.emit('error', new Error(`${where} does not read the answers to what it asks`));
      session.destroy();
    });
    followHandshake(stream, progress.handshake);
    answerAtOnce(stream);
    stream.prependOnceListener('data', (chunk: Buffer) => {
      opening = chunk.toString('latin1', 0, 255).split(/\r?\n/, 1)[0] ?? '';
      const version = /SSH-[0-9.]+-[^\r\n]{0,200}/.exec(chunk.toString('latin1', 0, 1024))?.[0];
      if (version !== undefined) progress.serverVersion = version;
    });
  });
}

function sessionOf(client: Client, stream: Duplex, isOpen: () => boolean): Session {
  const destroy = (): void => {
    client.destroy();
    stream.destroy();
  };
  return {
    client,
    isOpen,
    onClosed: (listener) => {
      if (isOpen()) client.once('close', listener);
      else listener();
    },
    destroy,
    end: () => {
      if (!isOpen()) return destroy();
      const timer = setTimeout(destroy, GOODBYE_MS);
      timer.unref();
      client.once('close', () => clearTimeout(timer));
      try {
        client.end();
      } catch {
        destroy();
      }
    },
  };
}

function handshakeHint(text: string): string | undefined {
  if (text.includes('no matching host key format'))
    return beyondSsh2(
      'The host has no key of a type this program can check: give it an ed25519, ECDSA or RSA host key',
    );
  if (text.includes('no matching'))
    return beyondSsh2(
      'The host allows only algorithms that ssh2 lacks (post-quantum key exchange, umac): allow curve25519-sha256 and an AES-GCM cipher',
    );
  if (/Max greeting lines exceeded|Header line too long/.test(text))
    return beyondSsh2('The host says more before the protocol begins than ssh2 takes');
  return undefined;
}

function closedHint(opening: string): string | undefined {
  if (/not allowed at this time/i.test(opening))
    return 'sshd’s PerSourcePenalties shuts this address out for a while after failed logins.';
  return 'Often MaxStartups: lower --concurrency, or the number of hosts behind one bastion.';
}
