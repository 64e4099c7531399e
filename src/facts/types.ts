/**
 * What the checks are told about a host and about the fleet: shapes only, no code, no Node types.
 * Every value was parsed from host-controlled text; strings are unescaped and untrusted.
 */
export type * from './types/access.js';
export type * from './types/actors.js';
export type * from './types/bundles.js';
export type * from './types/cloud.js';
export type * from './types/credentials.js';
export type * from './types/custody.js';
export type * from './types/files.js';
export type * from './types/issuance.js';
export type * from './types/keys.js';
export type * from './types/logs.js';
export type * from './types/offer.js';
export type * from './types/people.js';
export type * from './types/sshd.js';
export type * from './types/system.js';
