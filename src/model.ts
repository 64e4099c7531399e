/**
 * The nouns of ssh-scorecard. No Node types here: checks and reports compile against this file alone.
 *
 * The life of one host's data:
 *   inventory entry -> transport runs the collector once -> Evidence (raw, saved)
 *   -> facts (typed Readings) -> checks (pure) -> Outcomes -> closure -> FleetReport -> reports.
 */
export type * from './model/access.js';
export type * from './model/check.js';
export type * from './model/closure.js';
export type * from './model/evidence.js';
export { ACTORS } from './model/inventory.js';
export type * from './model/inventory.js';
export { ATTESTATION_KINDS } from './model/policy.js';
export type * from './model/policy.js';
export type * from './model/reading.js';
export type * from './model/report.js';
export { SOURCE_NAMES } from './model/source.js';
export type * from './model/source.js';
export type * from './model/standing.js';
