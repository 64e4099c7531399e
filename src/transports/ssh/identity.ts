/** One thing that can be offered at login: a public key or a certificate, and what makes its signatures. */
import { sign as cryptoSign, type KeyObject } from 'node:crypto';
import type { ParsedCertificate } from '../../openssh/certificate.js';
import { fingerprint } from '../../openssh/public-key.js';
import { WireReader, wireMpint, wireString } from '../../openssh/wire.js';
import { AgentError, type Agent } from './agent.js';

export interface Identity {
  /** Public key algorithm name in the request, e.g. `rsa-sha2-512-cert-v01@openssh.com`. */
  readonly wireAlgorithm: string;
  /** Key or certificate blob. */
  readonly blob: Buffer;
  /** For people: `certificate ssh-ed25519 SHA256:… ID "atm-x" (serial 7) from FILE`. Holds text from the key: escape at the edge. */
  readonly label: string;
  readonly certificate?: ParsedCertificate;
  /** Send the signature without asking first whether the key would do. */
  readonly signFirst: boolean;
  /** The signature blob (algorithm name first) over `data`. */
  sign(data: Buffer): Promise<Buffer>;
}

/** Makes signatures of one key, by whatever holds the private half. */
export interface Signer {
  readonly plainBlob: Buffer;
  /** `file PATH` or `agent`. */
  readonly origin: string;
  readonly local: boolean;
  sign(data: Buffer, algorithm: string): Promise<Buffer>;
}

const HASHES: Readonly<Record<string, string | null>> = {
  'ssh-ed25519': null,
  'rsa-sha2-512': 'sha512',
  'rsa-sha2-256': 'sha256',
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
};
/** SSH_AGENT_RSA_SHA2_256 and _512 (draft-miller-ssh-agent section 4.5.1). */
const AGENT_FLAGS: Readonly<Record<string, number>> = { 'rsa-sha2-256': 2, 'rsa-sha2-512': 4 };

/** A signature blob made with a key in memory (RFC 4253 6.6, RFC 5656 3.1.2, RFC 8332, RFC 8709). */
function signWithKey(key: KeyObject, algorithm: string, data: Buffer): Buffer {
  const hash = HASHES[algorithm];
  if (hash === undefined) throw new Error(`no signatures of type ${algorithm}`);
  if (!algorithm.startsWith('ecdsa-')) {
    return Buffer.concat([wireString(algorithm), wireString(cryptoSign(hash, data, key))]);
  }
  const halves = cryptoSign(hash, data, { key, dsaEncoding: 'ieee-p1363' });
  const middle = halves.length / 2;
  const pair = Buffer.concat([wireMpint(halves.subarray(0, middle)), wireMpint(halves.subarray(middle))]);
  return Buffer.concat([wireString(algorithm), wireString(pair)]);
}

export function fileSigner(plainBlob: Buffer, key: KeyObject, path: string): Signer {
  return {
    plainBlob,
    origin: `file ${path}`,
    local: true,
    sign: async (data, algorithm) => signWithKey(key, algorithm, data),
  };
}

/**
 * `held` is the blob the agent listed: some agents hold a certificate without the plain key beside it.
 * The agent's signature is passed on as it stands (FIDO keys add fields), after a look at the algorithm it names.
 */
export function agentSigner(plainBlob: Buffer, agent: Agent, held: Buffer): Signer {
  return {
    plainBlob,
    origin: 'agent',
    local: false,
    sign: async (data, algorithm) => {
      const signature = await agent.sign(held, data, AGENT_FLAGS[algorithm] ?? 0);
      const made = new WireReader(signature).text();
      if (made !== algorithm)
        throw new AgentError(
          'refused',
          `the agent signed with ${made.slice(0, 60)} where ${algorithm} was asked for`,
        );
      return signature;
    },
  };
}

/** RSA keys sign with two algorithms; the better one is offered first. ssh-rsa (SHA-1) is never offered. */
function algorithmsOf(plainType: string): readonly string[] {
  return plainType === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [plainType];
}

function certificateAlgorithm(algorithm: string): string {
  return `${algorithm.replace('@openssh.com', '')}-cert-v01@openssh.com`;
}

export function certificateIdentities(
  certificate: ParsedCertificate,
  blob: Buffer,
  signer: Signer,
  origin: string,
): Identity[] {
  const plainType = new WireReader(certificate.plainBlob).text();
  const label =
    `certificate ${plainType} ${certificate.fingerprint} ID ${JSON.stringify(certificate.keyId)} ` +
    `(serial ${String(certificate.serial)}) from ${origin}`;
  return algorithmsOf(plainType).map((algorithm) => ({
    wireAlgorithm: certificateAlgorithm(algorithm),
    blob,
    label,
    certificate,
    signFirst: true,
    sign: (data) => signer.sign(data, algorithm),
  }));
}

export function keyIdentities(signer: Signer): Identity[] {
  const plainType = new WireReader(signer.plainBlob).text();
  const label = `key ${plainType} ${fingerprint(signer.plainBlob)} from ${signer.origin}`;
  return algorithmsOf(plainType).map((algorithm) => ({
    wireAlgorithm: algorithm,
    blob: signer.plainBlob,
    label,
    // An agent may ask a person, or a device for a touch: only for a key the server would take.
    signFirst: signer.local,
    sign: (data) => signer.sign(data, algorithm),
  }));
}
