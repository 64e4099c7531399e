/**
 * Guidance, "Modern algorithms": whatever an SSH server of the host offers for key exchange, host keys, encryption and
 * integrity is sound on the day of the run. Source: lib/algorithms/, rule by rule; RFC 4253, section 7.1.
 */
import type { AlgorithmOffer, DaemonFacts } from '../../src/facts/types.js';
import type { Check, Reading } from '../../src/model.js';
import { judge, missingFrom, type Missing } from '../lib/law.js';
import { otherServers, serverName } from '../lib/sshd.js';
import { createJudge } from './lib/algorithm-policy.js';
import { REVIEWED } from './lib/algorithms/rule.js';
import { judgeHandshake } from './lib/handshake.js';
import { judgeServer } from './lib/judged-server.js';
import { configured, difference, isSame, offerLine } from './lib/offers.js';

export const algorithms: Check<'offer' | 'sshd' | 'daemons', never> = {
  meta: {
    pack: 'guidance',
    id: 'algorithms',
    title: 'SSH servers offer only sound algorithms',
    category: 'Guidance',
    directive: '1 (state of the art)',
    why: 'Client and server agree on the best they have in common. Whoever speaks with an old or careless client gets the weakest thing the server offers, and whoever records it reads it, changes it or poses as the host.',
    fix: 'Remove KexAlgorithms, HostKeyAlgorithms, Ciphers and MACs from sshd_config where they add old names, upgrade OpenSSH where its defaults are old, and replace RSA host keys of fewer than 3072 bits.',
    looksAt: [
      'the offer the server sent in clear when the collector logged in (SSH_MSG_KEXINIT): no connection is made for it',
      'the host keys the server showed and listed, and their size',
      'strict key exchange, the answer to CVE-2023-48795 (Terrapin)',
      'KexAlgorithms, HostKeyAlgorithms, Ciphers and MACs of every sshd of the host, as sshd -T prints them',
      `rules with a date and a source for each algorithm, last reviewed on ${REVIEWED}, and policy.algorithms`,
    ],
    limits: [
      'The size of groups in /etc/ssh/moduli (diffie-hellman-group-exchange) takes a connection to see.',
      'An sshd that did not answer the collector is judged by its configuration alone: neither its host keys nor strict key exchange are seen.',
      'Flaws of a program that no name on the wire tells: keep OpenSSH patched.',
    ],
    severity: 'medium',
    needs: { host: ['offer', 'sshd', 'daemons'], fleet: [] },
    controls: {
      'NIST 800-53 r5': ['SC-8(1)', 'SC-12', 'SC-13', 'AC-17(2)'],
      'ISO 27001:2022': ['A.8.24', 'A.8.20'],
      'CIS Controls v8': ['3.10', '4.1'],
      'SOC 2': ['CC6.1', 'CC6.7'],
    },
  },
  evaluate({ host, policy, now }) {
    const { offer, sshd, daemons } = host;
    const verdictOf = createJudge(policy, now);
    const all = configured(sshd);
    // The sshd that answered is the one whose configuration says the same; by default the main one.
    const answered = offer.ok
      ? (all.find((server) => isSame(difference(offer.value, server))) ?? all[0] ?? null)
      : null;
    const judged = [
      ...(offer.ok ? [judgeServer({ offer: offer.value, server: answered, sshd }, verdictOf)] : []),
      ...(offer.ok ? [judgeHandshake(offer.value, now)] : []),
      ...all
        .filter((server) => server !== answered)
        .map((server) => judgeServer({ offer: null, server, sshd }, verdictOf)),
    ];
    return judge({
      findings: judged.flatMap(({ findings }) => findings),
      missing: [
        ...missingFrom(offer, sshd, daemons),
        ...judged.flatMap(({ missing }) => missing),
        ...strangers(offer, daemons),
      ],
      because: `${offer.ok ? summary(offer.value) : ''}; sshd -T names the same. The rules reviewed on ${REVIEWED} accept all of it.`,
      evidence: offer.ok
        ? (['kex', 'hostKey', 'cipher', 'mac'] as const).map((kind) => offerLine(offer.value, kind))
        : [],
      notes: judged.flatMap(({ notes }) => notes),
    });
  },
};

function summary({ serverVersion, kex, hostKey, ciphers, macs, strictKex }: AlgorithmOffer): string {
  const strict = strictKex
    ? 'with strict key exchange'
    : 'without strict key exchange, which none of it needs';
  return `the offer of ${serverVersion || 'the server'} was read whole (key exchanges: ${kex.length}, host key algorithms: ${hostKey.length}, ciphers: ${ciphers.length}, MACs: ${macs.length}), ${strict}`;
}

/** Servers other than sshd whose offer was not seen. */
function strangers(offer: Reading<AlgorithmOffer>, daemons: Reading<DaemonFacts>): Missing[] {
  const version = offer.ok ? offer.value.serverVersion.toLowerCase() : '';
  return otherServers(daemons)
    .filter(({ program }) => !version.includes(`-${program.toLowerCase()}_`))
    .map((server) => ({
      reason: 'unsupported',
      detail: `${serverName(server)}, ${server.executable}, accepts logins too: what it offers was not seen. Stop it, or audit it as a host of its own.`,
    }));
}
