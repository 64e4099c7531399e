import { reports } from '../../reports/index.js';
import type { Report } from '../../src/model.js';

/** Every format, loaded. */
export const formats: Readonly<Record<string, Report>> = Object.fromEntries(
  await Promise.all(Object.entries(reports).map(async ([id, load]) => [id, await load()] as const)),
);
