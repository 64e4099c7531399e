/** The access report for programs. */
import type { AccessReport } from '../../src/access/types.js';
import { jsonDocument } from '../escape.js';

export function accessJson(report: AccessReport): string {
  return `${jsonDocument(JSON.stringify(report, null, 2))}\n`;
}
