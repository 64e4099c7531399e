/** Runs in one line each, oldest first. Pure. */
import type { HistoryPoint } from '../model.js';

/** Runs a report remembers. */
const MOST = 400;

/** Each run once, by its ID, the last word about it counting; in the order of their clocks. */
export function inOrder(points: readonly HistoryPoint[]): HistoryPoint[] {
  const byId = new Map(points.map((point) => [point.id, point]));
  return [...byId.values()].sort((a, b) => order(a.now, b.now) || order(a.id, b.id));
}

/** The runs before, oldest first, and this one last; of many the latest. A run judged again takes its own place. */
export function joinHistory(before: readonly HistoryPoint[], point: HistoryPoint): HistoryPoint[] {
  return [...inOrder(before.filter(({ id }) => id !== point.id)).slice(1 - MOST), point];
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
