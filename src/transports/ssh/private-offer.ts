/** ssh2's own offer of algorithms (SSH_MSG_KEXINIT) with other names. Rests on private shapes: see private-seam.ts. */
/* oxlint-disable no-underscore-dangle -- the underscores are ssh2's */
import type { Connection } from 'ssh2';

type NameList = { readonly array: readonly string[] };
interface OfferLists<T> {
  readonly kex: T;
  readonly serverHostKey: T;
  readonly cs: { readonly cipher: T; readonly mac: T; readonly compress: T; readonly lang: T };
  readonly sc: { readonly cipher: T; readonly mac: T; readonly compress: T; readonly lang: T };
}
export interface Offer {
  readonly lists: OfferLists<NameList>;
  readonly constructor: new (lists: OfferLists<readonly string[]>) => Offer;
}

/** Names in the place of ssh2's own, in order; lists that are absent stay. */
export interface OfferedNames {
  readonly kex?: readonly string[];
  readonly serverHostKey?: readonly string[];
  readonly cipher?: readonly string[];
  readonly mac?: readonly string[];
}

/** Call it before the offer was sent. */
export function replaceOffer(protocol: { _offer: Offer }, names: OfferedNames): void {
  const { kex, serverHostKey, cs, sc } = protocol._offer.lists;
  const direction = (from: typeof cs): OfferLists<readonly string[]>['cs'] => ({
    cipher: names.cipher ?? from.cipher.array,
    mac: names.mac ?? from.mac.array,
    compress: from.compress.array,
    lang: from.lang.array,
  });
  const KexInit = protocol._offer.constructor;
  protocol._offer = new KexInit({
    kex: names.kex ?? kex.array,
    serverHostKey: names.serverHostKey ?? serverHostKey.array,
    cs: direction(cs),
    sc: direction(sc),
  });
}

/**
 * Has a server of ssh2's make another server's offer. Call it when the connection comes in. What ssh2 cannot do must
 * not be chosen by the client, or the key exchange fails.
 */
export function offerLike(connection: Connection, names: OfferedNames): void {
  replaceOffer((connection as unknown as { readonly _protocol: { _offer: Offer } })._protocol, names);
}
