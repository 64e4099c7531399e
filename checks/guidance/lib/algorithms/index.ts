/** What is thought of each algorithm of SSH, and since when: one file a kind. */
import { CIPHERS } from './ciphers.js';
import { COMPRESSIONS } from './compression.js';
import { HOST_KEYS } from './host-keys.js';
import { KEY_EXCHANGES } from './key-exchanges.js';
import { MACS } from './macs.js';
import type { Kind, Rule } from './rule.js';

/** The first that matches decides. A name that matches none is judged by nobody. */
export const RULES: Readonly<Record<Kind, readonly Rule[]>> = {
  kex: KEY_EXCHANGES,
  hostKey: HOST_KEYS,
  cipher: CIPHERS,
  mac: MACS,
  compression: COMPRESSIONS,
};
