/** What the handshake shows beside single names: strict key exchange, the size of RSA keys, SSH 1, post-quantum. */
import type { AlgorithmOffer } from '../../../src/facts/types.js';
import type { Finding } from '../../../src/model.js';
import type { Missing } from '../../lib/law.js';
import { judgeRsaSize } from './algorithm-policy.js';
import type { JudgedServer } from './judged-server.js';
import { offerLine } from './offers.js';

const POST_QUANTUM = /^(?:mlkem|sntrup)/;
const RSA = /^(?:ssh-rsa|rsa-sha2-)/;

export function judgeHandshake(offer: AlgorithmOffer, now: Date): JudgedServer {
  const sizes = rsaSizes(offer, now);
  return {
    findings: [...terrapin(offer), ...firstProtocol(offer), ...sizes.findings],
    missing: sizes.missing,
    notes: [...sizes.notes, ...postQuantum(offer)],
  };
}

/**
 * Without strict key exchange somebody on the path can remove packets at the start of a session that uses ChaCha20, or
 * CBC with encrypt-then-MAC. Source: CVE-2023-48795; OpenSSH 9.6; OpenSSH PROTOCOL, section 1.10.
 */
function terrapin(offer: AlgorithmOffer): Finding[] {
  if (offer.strictKex) return [];
  const chacha = offer.ciphers.filter((name) => name.startsWith('chacha20-poly1305'));
  const etm = offer.macs.some((name) => name.includes('-etm'));
  const open = [...chacha, ...(etm ? offer.ciphers.filter((name) => /-cbc(?:@|$)/.test(name)) : [])];
  if (open.length === 0) return [];
  return [
    {
      subject: 'strict key exchange',
      message: `The server offers ${open.slice(0, 8).join(', ')} without strict key exchange (kex-strict-s-v00@openssh.com): somebody on the path can drop the first packets of a session unnoticed and so switch protections off (Terrapin, CVE-2023-48795, 2023-12-18).`,
      evidence: [offerLine(offer, 'kex'), offerLine(offer, 'cipher')],
      remediation: `Upgrade sshd to OpenSSH 9.6 or to the vendor’s fix of CVE-2023-48795; until then: \`Ciphers -${open.join(',')}\` in sshd_config.`,
    },
  ];
}

/** RFC 4253, section 5.1: version 1.99 means that SSH 1 is spoken, too. OpenSSH removed it from the server in 7.4. */
function firstProtocol({ serverVersion }: AlgorithmOffer): Finding[] {
  if (!serverVersion.startsWith('SSH-1.')) return [];
  return [
    {
      subject: 'protocol SSH 1',
      message: `The server speaks SSH 1, too (${serverVersion}): its integrity check can be forged, so somebody on the path can insert commands (RFC 4253, section 5.1; OpenSSH 7.4 removed it, 2016-12-19).`,
      evidence: [{ probe: 'handshake', excerpt: serverVersion }],
      remediation: 'Upgrade the server, or set `Protocol 2` in its sshd_config.',
    },
  ];
}

function rsaSizes(offer: AlgorithmOffer, now: Date): JudgedServer {
  const keys = offer.hostKeys.filter(({ type }) => type === 'ssh-rsa');
  const judged = keys.map((key) => ({ ...key, verdict: judgeRsaSize(key.bits, now) }));
  const missing: Missing[] =
    keys.length === 0 && offer.hostKey.some((name) => RSA.test(name))
      ? [
          {
            reason: 'no-evidence',
            detail: `the server has an RSA host key whose size was not seen: it proved itself with ${offer.hostKeys[0]?.type ?? 'a key that was not kept'}, and listed no other key.`,
          },
        ]
      : [];
  return {
    missing,
    findings: judged
      .filter(({ verdict }) => verdict.level === 'fail')
      .map(({ bits, fingerprint, verdict }) => ({
        subject: `host key ${fingerprint}`,
        message: `The RSA host key ${fingerprint} has ${bits} bits: ${verdict.why} (${verdict.source}).`,
        evidence: [{ probe: 'handshake', excerpt: `ssh-rsa ${bits} ${fingerprint}` }],
        remediation:
          'Make a new one: ssh-keygen -t rsa -b 4096 -N "" -f /etc/ssh/ssh_host_rsa_key, restart sshd, and enter it where host keys are pinned; or drop the HostKey line.',
      })),
    notes: judged
      .filter(({ verdict }) => verdict.level === 'warn')
      .map(
        ({ bits, fingerprint, verdict }) =>
          `To be replaced: the RSA host key ${fingerprint} of ${bits} bits: ${verdict.why} (${verdict.source})${verdict.failsFrom === undefined ? '' : `; it fails from ${verdict.failsFrom} on`}.`,
      ),
  };
}

function postQuantum({ kex }: AlgorithmOffer): string[] {
  if (kex.some((name) => POST_QUANTUM.test(name))) return [];
  return [
    'No post-quantum key exchange is offered (mlkem768x25519-sha256, sntrup761x25519-sha512): what is recorded today can be read once a large quantum computer exists, and clients from OpenSSH 10.1 on warn. OpenSSH 9.9 and later offer both.',
  ];
}
