import type { Report } from '../src/model.js';
import { closure } from './closure.js';
import { csv } from './csv.js';
import { github } from './github.js';
import { html } from './html.js';
import { json } from './json.js';
import { junit } from './junit.js';
import { markdown } from './markdown.js';
import { ocsf } from './ocsf.js';
import { oscal } from './oscal.js';
import { prometheus } from './prometheus.js';
import { sarif } from './sarif.js';
import { table } from './table.js';

/** Every format, by id, sorted. A new format is one file and one line here. */
export const reports: Readonly<Record<string, Report>> = {
  closure,
  csv,
  github,
  html,
  json,
  junit,
  markdown,
  ocsf,
  oscal,
  prometheus,
  sarif,
  table,
};
