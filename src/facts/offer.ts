/** The server's own offer of algorithms, from the handshake. Source: RFC 4253, section 7.1; RFC 8308; OpenSSH PROTOCOL, 1.10. */
import type { HandshakeRecord, HostEvidence, Phase, Reading } from '../model.js';
import { decodeBase64 } from '../openssh/base64.js';
import { fingerprint, keyBits, plainBlob } from '../openssh/public-key.js';
import { WireError, WireReader } from '../openssh/wire.js';
import type { AlgorithmOffer, HostKeySeen } from './types.js';

const STRICT_KEX = 'kex-strict-s-v00@openssh.com';
/** Names in the list of key exchanges that are none: they announce an extension (RFC 8308; dropbear's first guess). */
const MARKERS: ReadonlySet<string> = new Set([
  STRICT_KEX,
  'kex-strict-c-v00@openssh.com',
  'ext-info-s',
  'ext-info-c',
  'kexguess2@matt.ucc.asn.au',
]);
/** Phases of a connection in which nothing was offered yet. */
const BEFORE: ReadonlySet<Phase> = new Set(['resolve', 'connect', 'handshake']);
/** Names of one list that are read; OpenSSH knows some fifty of any kind. */
const MOST_NAMES = 300;
/** RFC 4251, section 6: a name has at most 64 characters. Longer ones are shown cut, and are known to nobody. */
const MOST_CHARACTERS = 100;

export function readOffer(evidence: HostEvidence): Reading<AlgorithmOffer> {
  const { handshake } = evidence;
  if (handshake?.kexInit === undefined)
    return { ok: false, reason: 'not-collected', detail: whyNot(evidence, handshake) };
  const { kexInit } = handshake;
  const gaps: string[] = [];
  const names = (what: string, ...lists: readonly string[]): string[] => {
    const all = [...new Set(lists.flatMap((list) => list.split(',', MOST_NAMES + 1)))];
    const kept = all.filter((name) => name !== '').slice(0, MOST_NAMES);
    if (all.length > MOST_NAMES)
      gaps.push(`the server offers more than ${MOST_NAMES} ${what}: the rest was not looked at`);
    return kept.map((name) => name.slice(0, MOST_CHARACTERS));
  };
  const kex = names('key exchanges', kexInit.kex);
  const value: AlgorithmOffer = {
    kex: kex.filter((name) => !MARKERS.has(name)),
    hostKey: names('host key algorithms', kexInit.hostKey),
    ciphers: names('ciphers', kexInit.ciphersToServer, kexInit.ciphersToClient),
    macs: names('MACs', kexInit.macsToServer, kexInit.macsToClient),
    compression: names('compressions', kexInit.compressionToServer, kexInit.compressionToClient),
    strictKex: kex.includes(STRICT_KEX),
    hostKeys: seenKeys(handshake, gaps),
    serverVersion: evidence.connection?.serverVersion ?? '',
  };
  return { ok: true, value, gaps };
}

function whyNot({ connection, failure }: HostEvidence, handshake: HandshakeRecord | undefined): string {
  if (handshake?.problem !== undefined) return `the server's offer could not be read: ${handshake.problem}`;
  const transport = connection?.transport;
  if (transport !== undefined && transport !== 'ssh' && transport !== 'openssh')
    return `the host was asked over ${transport}, not over SSH: what its SSH server offers was not seen`;
  if (failure && BEFORE.has(failure.phase))
    return `the key exchange did not begin: ${failure.code}: ${failure.detail}`;
  if (transport === 'openssh')
    return 'ssh did not tell what the server offers (LogVerbose, OpenSSH 8.5 and later): use transport ssh';
  return 'what the server offers was not kept: this run is older than the question';
}

function seenKeys(handshake: HandshakeRecord, gaps: string[]): HostKeySeen[] {
  const seen = new Map<string, HostKeySeen>();
  for (const encoded of handshake.hostKeys) {
    const blob = decodeBase64(encoded);
    try {
      if (blob === null) throw new WireError('no base64');
      const plain = plainBlob(blob);
      const print = fingerprint(plain);
      seen.set(print, { type: new WireReader(plain).text(), bits: keyBits(plain), fingerprint: print });
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      gaps.push(`a host key could not be read: ${error.message}`);
    }
  }
  return [...seen.values()];
}
