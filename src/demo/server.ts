/**
 * One demo host: ssh2's own server on a loopback port. Certificate login is required and really verified; the
 * collector's script is answered with evidence that was recorded on a real host. The handshake, the login, the
 * exec and the frames are those of any other run.
 */
import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import ssh2, { type AuthContext, type Connection, type ServerChannel } from 'ssh2';
import { certificateValidity, tryParseCertificate, verifyCertificate } from '../openssh/certificate.js';
import { readPublicBlob } from '../openssh/key-blob.js';
import { verifySignature } from '../openssh/signature.js';
import { WireReader } from '../openssh/wire.js';
import { PROTOCOL } from '../collector/compose.js';
import type { ProbeOutput } from '../model.js';
import { offerLike, type OfferedNames } from '../transports/ssh/private-offer.js';
import { privateKeyFile, type DemoKey } from './certificate-authority.js';

/** What a demo host does once it is logged in to. */
export type Behaviour =
  | {
      readonly kind: 'answers';
      readonly probes: Readonly<Record<string, ProbeOutput>>;
      /** What the recorded host's sshd offers. */
      readonly offer: OfferedNames;
    }
  /** sudo says no: these words on standard error. */
  | { readonly kind: 'refuses'; readonly stderr: string };

export interface DemoServer {
  readonly port: number;
  close(): Promise<void>;
}

const PRINCIPAL = 'atm-scorecard';

export function startServer(hostKey: DemoKey, caBlob: Buffer, behaviour: Behaviour): Promise<DemoServer> {
  const connections = new Set<Connection>();
  const server = new ssh2.Server(
    { hostKeys: [privateKeyFile(hostKey)], ident: 'OpenSSH_9.2 demo' },
    (connection) => {
      connections.add(connection);
      if (behaviour.kind === 'answers') offerLike(connection, behaviour.offer);
      connection.on('close', () => connections.delete(connection));
      connection.on('error', () => undefined);
      connection.on('authentication', (context) =>
        accepts(context, caBlob) ? context.accept() : context.reject(['publickey']),
      );
      connection.on('session', (accept) => {
        accept().on('exec', (acceptExec) => answer(acceptExec(), behaviour));
      });
    },
  );
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      resolve({
        port: (server.address() as AddressInfo).port,
        close: () =>
          new Promise((done) => {
            for (const connection of connections) connection.end();
            server.close(() => done());
          }),
      });
    });
  });
}

/** As sshd decides: our CA, a valid signature, a user certificate in its validity, the right principal, proof of possession. */
function accepts(context: AuthContext, caBlob: Buffer): boolean {
  if (context.method !== 'publickey') return false;
  const certificate = tryParseCertificate(context.key.data);
  if ('problem' in certificate) return false;
  const now = BigInt(Math.floor(Date.now() / 1000));
  const sound =
    certificate.caBlob.equals(caBlob) &&
    verifyCertificate(certificate) &&
    certificate.kind === 'user' &&
    certificateValidity(certificate, now) === 'valid' &&
    certificate.principals.includes(PRINCIPAL);
  if (!sound) return false;
  if (!context.signature || !context.blob) return true;
  // ssh2 unwraps signatures of plain keys only: with a certificate it is still `string algorithm, string signature`.
  return verifySignature(
    readPublicBlob(new WireReader(certificate.plainBlob)).fields,
    context.blob,
    context.signature,
  );
}

function answer(channel: ServerChannel, behaviour: Behaviour): void {
  const chunks: Buffer[] = [];
  channel.on('data', (chunk: Buffer) => chunks.push(chunk));
  channel.on('end', () => {
    if (behaviour.kind === 'refuses') {
      channel.stderr.write(behaviour.stderr);
      channel.exit(1);
    } else {
      channel.write(frames(Buffer.concat(chunks).toString('utf8'), behaviour.probes));
      channel.exit(0);
    }
    channel.end();
  });
}

/** The frames the script would have printed on the recorded host. */
function frames(script: string, probes: Readonly<Record<string, ProbeOutput>>): string {
  const nonce = /^NONCE=([0-9a-f]{32})$/m.exec(script)?.[1] ?? '';
  const asked = [...script.matchAll(/^probe (\S+) (\d+) probe_/gm)].map(
    (match) => [match[1] ?? '', match[2] ?? ''] as const,
  );
  const clock = Math.floor(Date.now() / 1000);
  const body = asked.map(([name, max]) => {
    const output = probes[name];
    // The recorded host's clock ran then; the demo's hosts live now.
    const stdout =
      name === 'system' && output
        ? output.stdout.replace(/^clock \d+$/m, `clock ${clock}`)
        : (output?.stdout ?? '');
    const bytes = Buffer.from(stdout, output?.stdoutEncoding ?? 'utf8');
    const lines = `r${output?.rc ?? 127}\no${bytes.toString('base64')}\ne${Buffer.from(output?.stderr ?? '').toString('base64')}\n`;
    return `@@${nonce} P ${name} ${max}\n${lines}h${createHash('sha256').update(lines).digest('hex')}\n`;
  });
  return `\n@@${nonce} S ${PROTOCOL} 0 ${clock} sh\n${body.join('')}@@${nonce} E ${asked.length}\n`;
}
