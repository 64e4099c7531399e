/** Runs over time, for programs. */
import { jsonDocument } from '../escape.js';
import type { History } from './table.js';

/** `{ points, earlier, unreadable }`, points oldest first, as the results schema has them under `history`. */
export function historyJson({ points, earlier, unreadable }: History): string {
  return `${jsonDocument(JSON.stringify({ points, earlier, unreadable }, null, 2))}\n`;
}
