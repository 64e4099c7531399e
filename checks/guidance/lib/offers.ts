/** What each SSH server of a host offers: the one that answered by its own words, every other sshd by `sshd -T`. */
import type { AlgorithmOffer, Origin, SshdCase, SshdFacts } from '../../../src/facts/types.js';
import type { EvidenceRef, Reading } from '../../../src/model.js';
import { excerpt } from '../../lib/law.js';
import type { Kind } from './algorithms/rule.js';

/** One sshd and what `sshd -T` prints of it. These keywords are never set inside Match: one case stands for all. */
export interface Configured {
  readonly one: SshdCase;
  /** Absent: this sshd does not print the keyword. */
  readonly names: Readonly<Partial<Record<Kind, readonly string[]>>>;
}

/** The keyword of sshd_config(5) for each kind. */
export const KEYWORDS: Readonly<Partial<Record<Kind, string>>> = {
  kex: 'KexAlgorithms',
  hostKey: 'HostKeyAlgorithms',
  cipher: 'Ciphers',
  mac: 'MACs',
};

export const NAMES: Readonly<Record<Kind, string>> = {
  kex: 'key exchange',
  hostKey: 'host key algorithm',
  cipher: 'cipher',
  mac: 'MAC',
  compression: 'compression',
};

/** By kind, in the order of the message. */
export function offered(offer: AlgorithmOffer): readonly (readonly [Kind, readonly string[]])[] {
  const { kex, hostKey, ciphers, macs, compression } = offer;
  return [
    ['kex', kex],
    ['hostKey', hostKey],
    ['cipher', ciphers],
    ['mac', macs],
    ['compression', compression],
  ];
}

/** One name-list of the offer. */
export function offerLine(offer: AlgorithmOffer, kind: Kind): EvidenceRef {
  const names = offered(offer).find(([one]) => one === kind)?.[1] ?? [];
  return { probe: 'handshake', excerpt: excerpt(`SSH_MSG_KEXINIT ${NAMES[kind]}: ${names.join(',')}`) };
}

/** Every sshd that is started on the host, the main one first. */
export function configured(sshd: Reading<SshdFacts>): readonly Configured[] {
  const found = new Map<string, Configured>();
  for (const one of sshd.ok ? sshd.value.cases : []) {
    const id = one.daemon?.command ?? '';
    // What sshd printed itself goes before what its text says: that lacks the defaults.
    if (found.has(id) && (one.by !== 'sshd' || found.get(id)?.one.by === 'sshd')) continue;
    found.set(id, { one, names: namesOf(one) });
  }
  return [...found.values()];
}

function namesOf(one: SshdCase): Configured['names'] {
  return Object.fromEntries(
    Object.entries(KEYWORDS).flatMap(([kind, keyword]) => {
      const [value] = one.settings[keyword.toLowerCase()] ?? [];
      return value === undefined
        ? []
        : [
            [
              kind,
              value
                .trim()
                .split(',')
                .filter((name) => name !== ''),
            ],
          ];
    }),
  );
}

/** How a sentence names an sshd. */
export function whose(server: Configured | null): string {
  return server?.one.daemon ? `the sshd \`${server.one.daemon.command}\`` : 'sshd';
}

/** What the server that answered and this sshd's configuration do not share. Null: `sshd -T` does not tell. */
export function difference(
  offer: AlgorithmOffer,
  { names }: Configured,
): { readonly onlyOffered: readonly string[]; readonly onlyConfigured: readonly string[] } | null {
  const { kex, cipher, mac, hostKey } = names;
  if (!kex || !cipher || !mac || !hostKey) return null;
  // GSSAPI's key exchanges come from another keyword, and need no line here.
  const wire = [...offer.kex.filter((name) => !name.startsWith('gss-')), ...offer.ciphers, ...offer.macs];
  const printed = [...kex, ...cipher, ...mac];
  return {
    // Of host key algorithms sshd offers only those it has a key for.
    onlyOffered: [
      ...wire.filter((name) => !printed.includes(name)),
      ...offer.hostKey.filter((name) => !hostKey.includes(name)),
    ],
    onlyConfigured: printed.filter((name) => !wire.includes(name)),
  };
}

export function isSame(found: ReturnType<typeof difference>): boolean {
  return found !== null && found.onlyOffered.length === 0 && found.onlyConfigured.length === 0;
}

/** The only line of this sshd's files that sets a keyword; undefined when none does, or several, of which one counts. */
export function lineSetting(
  { files, cases }: SshdFacts,
  { one }: Configured,
  keyword: string,
): Origin | undefined {
  const ofOthers = new Set(cases.flatMap(({ daemon }) => daemon?.configFile ?? []));
  const own = files.filter(({ path }) => (one.daemon ? path === one.daemon.configFile : !ofOthers.has(path)));
  const sets = new RegExp(`^[ \\t]*"?${keyword}"?(?:[ \\t]*=|[ \\t])`, 'i');
  const lines = own.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => (sets.test(line) ? [{ path, line: index + 1 }] : [])),
  );
  return lines.length === 1 ? lines[0] : undefined;
}
