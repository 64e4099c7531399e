/**
 * The only file, with private-kex.ts and private-offer.ts, that touches what ssh2 does not document. ssh2 has no certificates, neither for
 * users nor for hosts, and asks every server to prove all its host keys after login; each is put right here, on one
 * connection.
 *
 * All of it rests on the shapes of one version of ssh2, which package.json pins exactly. {@link assertSsh2Shape}
 * looks at them before the first connection; and should one still differ, logins fail: nothing is let through.
 */
/* oxlint-disable no-underscore-dangle -- the underscores are ssh2's, and this file is where they are touched */
import { createRequire } from 'node:module';
import ssh2, { type Client, type ClientChannel, type ParsedKey } from 'ssh2';
import { messageOf, UserError } from '../../errors.js';
import { wireString } from '../../openssh/wire.js';
import { Duplex } from 'node:stream';
import type { Identity } from './identity.js';
import { quickenX25519, type Exchange } from './private-kex.js';
import { replaceOffer, type Offer } from './private-offer.js';

export const SSH2_VERSION = '1.17.0';
const CERTIFICATE_SUFFIX = '-cert-v01@openssh.com';
const RSA_CERTIFICATE = /^rsa-sha2-(?:256|512)-cert-v01@openssh\.com$/;
/** SSH_MSG_USERAUTH_REQUEST (RFC 4252). */
const USERAUTH_REQUEST = 50;

interface KeyExchange extends Exchange {
  readonly sessionID: Buffer;
  readonly negotiated: { serverHostKey: string };
}
type GlobalRequest = (protocol: Protocol, name: string, wantReply: boolean, data: unknown) => void;
type AuthFailure = (protocol: Protocol, methods: readonly string[], partial: boolean) => void;
type AuthPublicKey = (user: string, key: object, algorithm?: string, sign?: unknown) => void;
interface Protocol {
  readonly _packetRW: {
    readonly write: {
      readonly allocStart: number;
      alloc(size: number): Buffer;
      finalize(packet: Buffer): Buffer;
    };
  };
  readonly _authsQueue: string[];
  readonly _cipher: { encrypt(packet: Buffer): void };
  readonly _kexinit: unknown;
  readonly _handlers: { GLOBAL_REQUEST: GlobalRequest; USERAUTH_FAILURE: AuthFailure };
  _kex: KeyExchange | undefined;
  _offer: Offer;
  authPK: AuthPublicKey;
  requestSuccess(): void;
  signal(channel: number, name: string): void;
}

export interface LoginWatch {
  /** The identity whose signature is about to be sent, or which is asked about. */
  offered(identity: Identity): void;
  /** The signer failed (an agent that died or refused); the next identity is tried. */
  notSigned(identity: Identity, error: unknown): void;
  /** The server refused; `methods` are those it would still take, `partial` says the key was good but not enough. */
  refused(methods: readonly string[], partial: boolean): void;
}

function protocolOf(client: Client): Protocol {
  return (client as unknown as { readonly _protocol: Protocol })._protocol;
}

/** Lends ssh2 its mark of "this is a parsed key"; the key itself is never used. */
const MARKED = ssh2.utils.parseKey(`ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${'A'.repeat(43)}`) as ParsedKey;
const identityOf = new WeakMap<object, Identity>();

class IdentityAgent extends ssh2.BaseAgent<ParsedKey> {
  readonly #keys: ParsedKey[];

  constructor(identities: readonly Identity[]) {
    super();
    this.#keys = identities.map((identity) => {
      const key = Object.assign(Object.create(MARKED), {
        type: identity.wireAlgorithm,
        getPublicSSH: () => identity.blob,
      }) as ParsedKey;
      identityOf.set(key, identity);
      return key;
    });
  }

  override getIdentities(done: (error: Error | undefined, keys: ParsedKey[]) => void): void {
    done(undefined, this.#keys);
  }

  /** Never reached: `authPK` is replaced and signs by itself. */
  override sign(_key: ParsedKey, _data: Buffer, options: unknown, done?: (error: Error) => void): void {
    const answer = (done ?? options) as (error: Error) => void;
    answer(new Error('signatures are made elsewhere'));
  }
}

/** The login methods for `connect`: these identities one after another, nothing else. */
export function loginWith(
  user: string,
  identities: readonly Identity[],
): () => false | { type: 'agent'; username: string; agent: IdentityAgent } {
  let asked = false;
  return () => {
    if (asked) return false;
    asked = true;
    return { type: 'agent', username: user, agent: new IdentityAgent(identities) };
  };
}

/**
 * Prepares one connection. Call it directly after `client.connect()`, before anything was sent.
 * `certificateAlgorithms`: host certificate algorithms to ask for before plain keys; usually none.
 * `hostKeys` is told the host keys the server says it has, unproven: those of the types ssh2 knows.
 */
export function wire(
  client: Client,
  certificateAlgorithms: readonly string[],
  watch: LoginWatch,
  hostKeys: (keys: readonly Buffer[]) => void,
): void {
  const protocol = protocolOf(client);
  silenceHostKeysProve(protocol, hostKeys);
  signInsteadOfSsh2(protocol, watch);
  onKeyExchange(protocol, (kex) => {
    nameRsaSignature(kex);
    quickenX25519(kex);
  });
  if (certificateAlgorithms.length > 0) offerHostCertificates(protocol, certificateAlgorithms);
}

/** ssh2 would have the server sign with every host key it has, and verify all of it; nobody reads the result. */
function silenceHostKeysProve(protocol: Protocol, hostKeys: (keys: readonly Buffer[]) => void): void {
  const handlers = protocol._handlers;
  const original = handlers.GLOBAL_REQUEST;
  handlers.GLOBAL_REQUEST = (self, name, wantReply, data) => {
    if (name !== 'hostkeys-00@openssh.com') return original(self, name, wantReply, data);
    hostKeys(publicBlobs(data));
    if (wantReply) self.requestSuccess();
  };
}

/** ssh2 has parsed each key as anything it knows, whatever the server sent: what is no public key has no such function. */
function publicBlobs(data: unknown): Buffer[] {
  if (!Array.isArray(data)) return [];
  return data.flatMap((key: Partial<ParsedKey>) => {
    const blob = key.getPublicSSH?.();
    return Buffer.isBuffer(blob) ? [blob] : [];
  });
}

/**
 * Public-key authentication (RFC 4252 section 7) in our own words: ssh2 would name the certificate's type as the
 * signature's algorithm. With `signFirst` the signed request goes out at once: one round trip less, and the server
 * checks the certificate once instead of twice.
 */
function signInsteadOfSsh2(protocol: Protocol, watch: LoginWatch): void {
  const handlers = protocol._handlers;
  const onRefusal = handlers.USERAUTH_FAILURE;
  handlers.USERAUTH_FAILURE = (self, methods, partial) => {
    watch.refused(methods, partial);
    onRefusal(self, methods, partial);
  };
  const original = protocol.authPK;
  const signed = new Set<Identity>();
  protocol.authPK = function authPK(user, key, algorithm, sign) {
    const identity = identityOf.get(key);
    if (identity === undefined) throw new Error('an identity that is not ours');
    if (sign === undefined) watch.offered(identity);
    if (sign === undefined && !identity.signFirst) return original.call(protocol, user, key, algorithm, sign);
    // A server that answers "go on" to a signed request would have us sign for ever.
    if (signed.has(identity)) return onRefusal(protocol, ['publickey'], false);
    signed.add(identity);
    const request = Buffer.concat([
      Buffer.from([USERAUTH_REQUEST]),
      ...[user, 'ssh-connection', 'publickey'].map(wireString),
      Buffer.from([1]),
      wireString(identity.wireAlgorithm),
      wireString(identity.blob),
    ]);
    const sessionId = protocol._kex?.sessionID ?? Buffer.alloc(0);
    identity
      .sign(Buffer.concat([wireString(sessionId), request]))
      .then(
        (signature) => send(protocol, Buffer.concat([request, wireString(signature)])),
        (error: unknown) => {
          watch.notSigned(identity, error);
          onRefusal(protocol, ['publickey'], false);
        },
      )
      .catch((error: unknown) => watch.notSigned(identity, error));
  };
}

function send(protocol: Protocol, payload: Buffer): void {
  // While keys are being exchanged nothing else may be sent. No server re-keys during login.
  if (protocol._kexinit !== undefined) throw new Error('the server started a key exchange during login');
  const { write } = protocol._packetRW;
  const packet = write.alloc(payload.length);
  packet.set(payload, write.allocStart);
  protocol._authsQueue.push('publickey');
  protocol._cipher.encrypt(write.finalize(packet));
}

/** For RSA host certificates: what the signature is made with, while ssh2 compares the type of the blob. */
const rsaSignature = new WeakMap<KeyExchange, string>();

function offerHostCertificates(protocol: Protocol, algorithms: readonly string[]): void {
  const { serverHostKey } = protocol._offer.lists;
  replaceOffer(protocol, { serverHostKey: [...algorithms, ...serverHostKey.array] });
}

/** Calls back with every key exchange as it begins: what it will do is agreed on, and nothing of it done. */
function onKeyExchange(protocol: Protocol, begin: (kex: KeyExchange) => void): void {
  let current = protocol._kex;
  Object.defineProperty(protocol, '_kex', {
    configurable: true,
    enumerable: true,
    get: () => current,
    set: (next: KeyExchange | undefined) => {
      current = next;
      if (next !== undefined) begin(next);
    },
  });
}

/** ssh2 wants the blob's type to equal the negotiated algorithm; for RSA certificates these have different names. */
function nameRsaSignature(kex: KeyExchange): void {
  const algorithm = kex.negotiated.serverHostKey;
  if (!RSA_CERTIFICATE.test(algorithm)) return;
  rsaSignature.set(kex, algorithm.replace(CERTIFICATE_SUFFIX, ''));
  kex.negotiated.serverHostKey = `ssh-rsa${CERTIFICATE_SUFFIX}`;
}

/**
 * Called from the host verifier once a certificate was judged good: the exchange hash covers the certificate, the
 * signature is checked with the key inside. ssh2 reads its copy of the host key first for the one, then for the
 * other; were that order to change, the signature would not verify.
 */
export function adoptHostCertificate(client: Client, certificate: Buffer, plainKey: Buffer): void {
  const kex = protocolOf(client)._kex;
  if (kex === undefined) throw new Error('no key exchange is under way');
  let reads = 0;
  Object.defineProperty(kex, '_hostKey', {
    configurable: true,
    get: () => (reads++ === 0 ? certificate : plainKey),
    set: () => {},
  });
  kex.negotiated.serverHostKey =
    rsaSignature.get(kex) ?? kex.negotiated.serverHostKey.replace(CERTIFICATE_SUFFIX, '');
}

/**
 * SIGKILL to the command's process group. The public `stream.signal` does nothing once standard input was ended.
 * Never throws: on a connection that is gone there is nothing to kill.
 */
export function killRemote(client: Client, channel: ClientChannel): void {
  try {
    protocolOf(client).signal(
      (channel as unknown as { readonly outgoing: { readonly id: number } }).outgoing.id,
      'KILL',
    );
  } catch {
    // The connection is gone, and the command's pipes with it.
  }
}

/** What of ssh2's private shapes is not as expected; empty when all is well. Opens no connection. */
export function ssh2Differences(version: string, connect: () => Client = connectNowhere): string[] {
  const differences = version === SSH2_VERSION ? [] : [`version ${version}`];
  let client: Client | undefined;
  try {
    client = connect();
    const seen = protocolOf(client) as unknown as Record<string, unknown>;
    for (const [path, type] of Object.entries(EXPECTED)) {
      const value = path
        .split('.')
        .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], seen);
      if ((Array.isArray(value) ? 'array' : typeof value) !== type) differences.push(`_protocol.${path}`);
    }
    if (!Object.hasOwn(seen, '_kex')) differences.push('_protocol._kex');
  } catch (error) {
    differences.push(messageOf(error));
  } finally {
    client?.destroy();
  }
  return differences;
}

const EXPECTED: Readonly<Record<string, string>> = {
  authPK: 'function',
  signal: 'function',
  requestSuccess: 'function',
  _authsQueue: 'array',
  '_cipher.encrypt': 'function',
  '_packetRW.write.alloc': 'function',
  '_packetRW.write.finalize': 'function',
  '_packetRW.write.allocStart': 'number',
  '_handlers.GLOBAL_REQUEST': 'function',
  '_handlers.USERAUTH_FAILURE': 'function',
  '_offer.constructor': 'function',
  '_offer.lists.kex.array': 'array',
  '_offer.lists.serverHostKey.array': 'array',
  '_offer.lists.cs.cipher.array': 'array',
  '_offer.lists.sc.lang.array': 'array',
};

function connectNowhere(): Client {
  const client = new ssh2.Client();
  client.on('error', () => undefined);
  const nowhere = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  client.connect({ sock: nowhere, username: 'nobody', readyTimeout: 0, authHandler: () => false });
  return client;
}

/** Throws {@link UserError} `ssh2-unsupported` when the installed ssh2 is not the one this program was made for. */
export function assertSsh2Shape(): void {
  const { version } = createRequire(import.meta.url)('ssh2/package.json') as { readonly version: string };
  const differences = ssh2Differences(version);
  if (differences.length === 0) return;
  throw new UserError(
    'ssh2-unsupported',
    `the installed ssh2 ${version} is not usable: ${differences.join(', ')} differ from ssh2 ${SSH2_VERSION}`,
    {
      hint: `Install the pinned version: npm install ssh2@${SSH2_VERSION} --save-exact`,
    },
  );
}
