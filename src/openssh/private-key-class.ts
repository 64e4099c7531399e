import type { FoundPrivateKey } from '../facts/types.js';

/** What is told of a private key: never its material. */
export type PrivateKeyClass = Pick<
  FoundPrivateKey,
  'format' | 'encrypted' | 'hardwareBound' | 'keyType' | 'fingerprint'
>;
