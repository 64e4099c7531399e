import type { Report } from '../src/model.js';
import { json } from './json.js';
import { junit } from './junit.js';
import { table } from './table.js';

/** Every format, by id, sorted. A new format is one file and one line here. */
export const reports: Readonly<Record<string, Report>> = { json, junit, table };
