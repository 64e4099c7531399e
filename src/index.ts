/**
 * The engine for other programs: load an inventory, audit its hosts, render the report. And the types that plug-ins
 * are written against.
 */
export { GUIDANCE } from '../checks/guidance/index.js';
export { CHECKS } from '../checks/index.js';
export { reports } from '../reports/index.js';
export { auditFleet, type Audit, type AuditOptions } from './audit.js';
export { UserError, type Location } from './errors.js';
export type * from './facts/types.js';
export { loadInventory, type Inventory } from './inventory/load.js';
export { selectHosts } from './inventory/select.js';
export type * from './model.js';
export { exitCodeOf } from './report.js';
export { createTransport } from './transports/index.js';
export type { Limits, RunRequest, RunResult, Transport } from './transports/transport.js';
