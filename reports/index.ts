import type { Report } from '../src/model.js';

/**
 * Every format, by id, sorted; each is loaded when it is asked for, as the libraries behind HTML alone would be a sixth
 * of every start. A new format is one file and one line here.
 */
export const reports: Readonly<Record<string, () => Promise<Report>>> = {
  closure: async () => (await import('./closure.js')).closure,
  csv: async () => (await import('./csv.js')).csv,
  github: async () => (await import('./github.js')).github,
  html: async () => (await import('./html.js')).html,
  json: async () => (await import('./json.js')).json,
  junit: async () => (await import('./junit.js')).junit,
  markdown: async () => (await import('./markdown.js')).markdown,
  ocsf: async () => (await import('./ocsf.js')).ocsf,
  oscal: async () => (await import('./oscal.js')).oscal,
  prometheus: async () => (await import('./prometheus.js')).prometheus,
  sarif: async () => (await import('./sarif.js')).sarif,
  table: async () => (await import('./table.js')).table,
};
