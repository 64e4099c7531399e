/** Which identities to offer to one hop, and why one that was asked for cannot be. Nothing is sent to decide this. */
import type { GatherFailure } from '../../model.js';
import { messageOf } from '../../errors.js';
import { tryParseCertificate, type ParsedCertificate } from '../../openssh/certificate.js';
import { AgentError, type Agent, type AgentKey } from './agent.js';
import { beyondSsh2 } from './beyond.js';
import { certificateProblem } from './certificate-check.js';
import { failed, failure, success, type Attempt } from './failure.js';
import {
  agentSigner,
  certificateIdentities,
  fileSigner,
  keyIdentities,
  type Identity,
  type Signer,
} from './identity.js';
import type { CertificateFile, KeyFile, KeyFiles } from './key-file.js';

/** Where one hop's identities come from. */
export interface IdentitySources {
  /** Named by the user for this hop; then nothing else is offered. */
  readonly identityFile?: string;
  readonly certificateFile?: string;
  /** ssh_config's, or ssh's defaults: missing ones are passed over. */
  readonly configIdentityFiles: readonly string[];
  readonly configCertificateFiles: readonly string[];
  readonly identitiesOnly: boolean;
}

export interface IdentityTools {
  readonly files: KeyFiles;
  readonly agent?: Agent;
  /** The agent's keys, asked for at most now and then. */
  readonly agentKeys: () => Promise<readonly AgentKey[]>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Selection {
  readonly identities: readonly Identity[];
  /** What was passed over, and why: told when the login is refused. */
  readonly skipped: readonly GatherFailure[];
}

const ADD_HINT = 'Load the key into ssh-agent (ssh-add FILE), or name a key without a passphrase.';
const SUFFIX = '-cert.pub';

/** Identities in the order they will be offered: certificates before plain keys. */
export async function selectIdentities(
  sources: IdentitySources,
  tools: IdentityTools,
): Promise<Attempt<Selection>> {
  const held = await agentHoldings(tools);
  const named =
    sources.identityFile ??
    sources.certificateFile?.slice(0, sources.certificateFile.endsWith(SUFFIX) ? -SUFFIX.length : undefined);
  return named === undefined
    ? selectDefaults(sources, tools, held)
    : selectNamed(named, sources, tools, held);
}

interface Holdings {
  readonly keys: readonly AgentKey[];
  readonly trouble?: GatherFailure;
}

async function agentHoldings(tools: IdentityTools): Promise<Holdings> {
  if (tools.agent === undefined) return { keys: [] };
  try {
    const keys = await tools.agentKeys();
    if (keys.length > 0) return { keys };
    return {
      keys,
      trouble: failure(
        'agent-empty',
        'login',
        `the agent at ${tools.agent.path} holds no keys`,
        'Load one with ssh-add, or name an identity file.',
      ),
    };
  } catch (error) {
    return { keys: [], trouble: agentTrouble(error) };
  }
}

export function agentTrouble(error: unknown): GatherFailure {
  if (error instanceof AgentError)
    return failure(
      'agent-unavailable',
      'login',
      error.message,
      'Is ssh-agent running, and SSH_AUTH_SOCK its socket?',
    );
  return failure('agent-unavailable', 'login', `the agent failed: ${messageOf(error)}`);
}

function selectNamed(
  path: string,
  sources: IdentitySources,
  tools: IdentityTools,
  held: Holdings,
): Attempt<Selection> {
  const key = tools.files.key(path);
  const beside = sources.certificateFile ?? `${path}${SUFFIX}`;
  const certificate = tools.files.certificate(beside);
  if (
    certificate.kind === 'unusable' ||
    (certificate.kind === 'missing' && sources.certificateFile !== undefined)
  ) {
    return failed(
      failure(
        'identity-unusable',
        'login',
        `certificate file ${beside} cannot be used: ${certificate.kind === 'missing' ? 'there is no such file' : certificate.why}`,
      ),
    );
  }
  // The certificate names its key: enough to find the private half in an agent.
  const wanted =
    blobOf(key) ??
    (key.kind !== 'unusable' && certificate.kind === 'certificate'
      ? certificate.certificate.plainBlob
      : undefined);
  const signer = signerFor(key, path, wanted, tools, held);
  if (signer === undefined) return failed(noSigner(key, path, held));
  const own = certificate.kind === 'certificate' ? fromFile(certificate, beside, signer, tools) : undefined;
  if (own !== undefined && !own.ok) return own;
  const plain = sources.certificateFile === undefined ? keyIdentities(signer) : [];
  const loaded =
    own === undefined
      ? agentCertificates(held.keys, tools, (blob) => blob.equals(signer.plainBlob))
      : { identities: [], skipped: [] };
  return success({
    identities: unique([...(own?.value ?? []), ...loaded.identities, ...plain]),
    skipped: loaded.skipped,
  });
}

function selectDefaults(sources: IdentitySources, tools: IdentityTools, held: Holdings): Attempt<Selection> {
  const skipped: GatherFailure[] = [];
  const signers: Signer[] = [];
  const wanted: Buffer[] = [];
  const certificates: Identity[] = [];
  for (const path of sources.configIdentityFiles) {
    const key = tools.files.key(path);
    if (key.kind === 'missing') continue;
    const blob = blobOf(key);
    if (blob) wanted.push(blob);
    const signer = signerFor(key, path, blob, tools, held);
    if (signer) signers.push(signer);
    else skipped.push(noSigner(key, path, held));
  }
  const all = [...signers, ...held.keys.flatMap((one) => agentSignerOf(one, tools))];
  const paths = [
    ...sources.configCertificateFiles,
    ...sources.configIdentityFiles.map((path) => `${path}${SUFFIX}`),
  ];
  for (const path of paths) {
    const file = tools.files.certificate(path);
    if (file.kind === 'unusable')
      skipped.push(
        failure('identity-unusable', 'login', `certificate file ${path} cannot be used: ${file.why}`),
      );
    if (file.kind !== 'certificate') continue;
    const signer = all.find((one) => one.plainBlob.equals(file.certificate.plainBlob));
    const made = signer
      ? fromFile(file, path, signer, tools)
      : failed(failure('identity-unusable', 'login', `no private key was found for certificate ${path}`));
    if (made.ok) certificates.push(...made.value);
    else skipped.push(made.failure);
  }
  const allowed = (blob: Buffer): boolean =>
    !sources.identitiesOnly || wanted.some((one) => one.equals(blob));
  const loaded = agentCertificates(held.keys, tools, allowed);
  const agentPlain = held.keys
    .filter((one) => !isCertificate(one) && allowed(one.blob))
    .flatMap((one) => agentSignerOf(one, tools));
  const plain = [...agentPlain, ...signers].flatMap(keyIdentities);
  skipped.push(...loaded.skipped);
  const identities = unique([...certificates, ...loaded.identities, ...plain]);
  if (identities.length > 0) return success({ identities, skipped });
  const worst =
    skipped.find((one) => one.code.startsWith('certificate-')) ??
    (held.trouble?.code === 'agent-unavailable' ? held.trouble : undefined) ??
    skipped[0] ??
    held.trouble;
  return failed(
    worst ??
      failure(
        'identity-unusable',
        'login',
        'there is no key to log in with: no agent, no identity file',
        beyondSsh2(
          'Name one with --identity, `identity_file` in the inventory or IdentityFile in ssh_config',
        ),
      ),
  );
}

function blobOf(key: KeyFile): Buffer | undefined {
  return 'plainBlob' in key ? key.plainBlob : undefined;
}

function signerFor(
  key: KeyFile,
  path: string,
  wanted: Buffer | undefined,
  tools: IdentityTools,
  held: Holdings,
): Signer | undefined {
  if (key.kind === 'private') return fileSigner(key.plainBlob, key.key, path);
  if (wanted === undefined) return undefined;
  const all = held.keys.flatMap((one) => agentSignerOf(one, tools));
  return all.find((one) => one.plainBlob.equals(wanted));
}

function agentSignerOf(key: AgentKey, tools: IdentityTools): Signer[] {
  if (tools.agent === undefined || !SIGNABLE.test(key.type)) return [];
  const plain = isCertificate(key) ? readCertificate(key)?.plainBlob : key.blob;
  return plain === undefined ? [] : [agentSigner(plain, tools.agent, key.blob)];
}

/** DSA is gone from OpenSSH; other types mean nothing here. */
const SIGNABLE =
  /^(?:ssh-(?:ed25519|rsa)|ecdsa-sha2-nistp(?:256|384|521)|sk-ssh-ed25519|sk-ecdsa-sha2-nistp256)(?:@openssh\.com|-cert-v01@openssh\.com)?$/;

function isCertificate(key: AgentKey): boolean {
  return key.type.endsWith(`-cert-v01@openssh.com`);
}

/** Parsed once per listing, not once per host: parsing checks the CA's signature. */
const parsedCertificates = new WeakMap<AgentKey, ParsedCertificate | { readonly problem: string }>();

function readCertificate(key: AgentKey): ParsedCertificate | undefined {
  const parsed = parsedCertificates.get(key) ?? tryParseCertificate(key.blob);
  parsedCertificates.set(key, parsed);
  // One we cannot read is passed over, as if the agent did not hold it.
  return 'problem' in parsed ? undefined : parsed;
}

function agentCertificates(
  keys: readonly AgentKey[],
  tools: IdentityTools,
  allowed: (plainBlob: Buffer) => boolean,
): Selection {
  const identities: Identity[] = [];
  const skipped: GatherFailure[] = [];
  for (const key of keys) {
    const certificate = isCertificate(key) && SIGNABLE.test(key.type) ? readCertificate(key) : undefined;
    if (certificate === undefined || tools.agent === undefined || !allowed(certificate.plainBlob)) continue;
    const problem = certificateProblem(
      certificate,
      `the agent's certificate (${key.comment || 'no comment'})`,
      tools.now(),
    );
    if (problem) skipped.push(problem);
    else
      identities.push(
        ...certificateIdentities(
          certificate,
          key.blob,
          agentSigner(certificate.plainBlob, tools.agent, key.blob),
          'agent',
        ),
      );
  }
  return { identities, skipped };
}

function fromFile(
  file: Extract<CertificateFile, { kind: 'certificate' }>,
  path: string,
  signer: Signer,
  tools: IdentityTools,
): Attempt<Identity[]> {
  const { certificate, blob } = file;
  const problem = certificateProblem(certificate, `certificate ${path}`, tools.now());
  if (problem) return failed(problem);
  if (!certificate.plainBlob.equals(signer.plainBlob)) {
    return failed(
      failure(
        'identity-unusable',
        'login',
        `certificate ${path} is for another key: it certifies ${certificate.fingerprint}, not the key from ${signer.origin}`,
      ),
    );
  }
  return success(certificateIdentities(certificate, blob, signer, path));
}

function noSigner(key: KeyFile, path: string, held: Holdings): GatherFailure {
  if (key.kind === 'encrypted')
    return failure(
      'identity-encrypted',
      'login',
      `identity ${path} is encrypted, and no agent holds its key`,
      ADD_HINT,
    );
  if (key.kind === 'unusable')
    return failure('identity-unusable', 'login', `identity ${path} cannot be used: ${key.why}`);
  if (key.kind === 'missing')
    return failure('identity-unusable', 'login', `identity ${path} cannot be used: there is no such file`);
  if ('fido' in key)
    return failure(
      'identity-unusable',
      'login',
      `identity ${path} cannot be used: it is a handle of a FIDO device, and no agent holds it`,
      beyondSsh2('Load it into ssh-agent (ssh-add FILE)'),
    );
  const why = 'only its public half is there, and no agent holds the private one';
  return (
    held.trouble ?? failure('identity-unusable', 'login', `identity ${path} cannot be used: ${why}`, ADD_HINT)
  );
}

function unique(identities: readonly Identity[]): Identity[] {
  const seen = new Set<string>();
  return identities.filter((identity) => {
    const id = `${identity.wireAlgorithm} ${identity.blob.toString('base64')}`;
    if (seen.has(id)) return false;
    seen.add(id);
    return true;
  });
}
