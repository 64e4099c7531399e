/** What is printed, and where files go. */
import type { OptionTable } from './spec.js';

export const OUTPUT = {
  format: {
    kind: 'text',
    group: 'Output',
    alias: 'f',
    value: 'KIND',
    fallback: 'table',
    describe:
      "what standard output gets: table, json, junit, csv, github, markdown, ocsf, oscal, prometheus, sarif or a plug-in's",
  },
  output: {
    kind: 'list',
    group: 'Output',
    alias: 'o',
    value: 'KIND=PATH',
    fallback: [],
    describe:
      'also write a file, of the same kinds, e.g. junit=junit.xml; - as PATH: standard output, instead of --format (repeatable)',
  },
  evidence: {
    kind: 'text',
    group: 'Output',
    value: 'DIR',
    otherwise: 'not kept',
    describe: 'keep the raw evidence in a new run folder under DIR',
  },
  quiet: {
    kind: 'switch',
    group: 'Output',
    alias: 'q',
    fallback: false,
    describe: 'no progress, no warnings',
  },
  verbose: {
    kind: 'switch',
    group: 'Output',
    alias: 'v',
    fallback: false,
    describe: 'show passes and evidence too; stack of internal errors',
  },
  color: {
    kind: 'choice',
    group: 'Output',
    choices: ['auto', 'always', 'never'],
    fallback: 'auto',
    value: 'WHEN',
    describe: 'colour (NO_COLOR and FORCE_COLOR are honoured)',
  },
  'no-color': { kind: 'switch', group: 'Output', fallback: false, describe: 'same as --color never' },
  ascii: { kind: 'switch', group: 'Output', fallback: false, describe: 'draw with ASCII only' },
  'no-progress': { kind: 'switch', group: 'Output', fallback: false, describe: 'no progress line' },
} as const satisfies OptionTable;
