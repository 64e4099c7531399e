/**
 * The server's offer, from ssh's own log: `peer server KEXINIT proposal`, then a line for each name-list (kex.c,
 * kex_choose_conf and kex_buf2prop). Whatever the host says in it is its own offer, so nothing in it can be forged.
 */
import type { HandshakeRecord, KexInit } from '../../model.js';
import { KEXINIT_LISTS } from '../../openssh/kexinit.js';

const BEGIN = 'peer server KEXINIT proposal';
const LIST =
  /^(KEX algorithms|host key algorithms|ciphers ctos|ciphers stoc|MACs ctos|MACs stoc|compression ctos|compression stoc): ?(.*)$/;
const FIELDS: Readonly<Record<string, keyof KexInit>> = {
  'KEX algorithms': 'kex',
  'host key algorithms': 'hostKey',
  'ciphers ctos': 'ciphersToServer',
  'ciphers stoc': 'ciphersToClient',
  'MACs ctos': 'macsToServer',
  'MACs stoc': 'macsToClient',
  'compression ctos': 'compressionToServer',
  'compression stoc': 'compressionToClient',
};
/** ssh cuts its log lines silently at 1023 bytes (MSGBUFSIZ); a line this long may be a cut one. */
const MAYBE_CUT = 1000;

export interface OfferLines {
  /** One line of ssh's log without its tag, and its length with it. */
  push(message: string, length: number): void;
  /** Undefined until all lists were seen. */
  outcome(): Pick<HandshakeRecord, 'kexInit' | 'problem'> | undefined;
}

/** The first exchange counts; later ones repeat it. Never throws. */
export function createOfferLines(): OfferLines {
  const lists = new Map<keyof KexInit, string>();
  let begun = false;
  let cut: string | undefined;
  let outcome: ReturnType<OfferLines['outcome']>;
  return {
    push: (message, length) => {
      if (outcome) return;
      if (message === BEGIN) {
        begun = true;
        return;
      }
      const [, title = '', names = ''] = begun ? (LIST.exec(message) ?? []) : [];
      const field = FIELDS[title];
      if (field === undefined) return;
      if (length >= MAYBE_CUT) cut ??= title;
      lists.set(field, names);
      if (lists.size < KEXINIT_LISTS.length) return;
      outcome =
        cut === undefined
          ? { kexInit: Object.fromEntries(lists) as unknown as KexInit }
          : {
              problem: `the list of ${cut} is too long for a line of ssh's log; transport ssh reads it whole`,
            };
    },
    outcome: () => outcome,
  };
}
