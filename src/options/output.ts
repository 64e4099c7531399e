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
      "what standard output gets: table, closure, json, junit, csv, github, html, markdown, ocsf, oscal, prometheus, sarif or a plug-in's",
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
    otherwise: 'not kept; gather, merge and --shard: runs',
    describe: 'keep the raw evidence in a new run folder under DIR',
  },
  sign: {
    kind: 'text',
    group: 'Output',
    value: 'KEY',
    describe:
      'sign the run folder with this key, by ssh-keygen: a private key, or a public one whose other half is in the agent',
  },
  save: {
    kind: 'switch',
    group: 'Output',
    fallback: false,
    flagOnly: true,
    describe: 'write the results into the run folder and seal it, when the run was only gathered',
  },
  status: {
    kind: 'list',
    group: 'Output',
    value: 'WORD,…',
    choices: ['pass', 'fail', 'unknown', 'waived'],
    fallback: [],
    describe:
      'what standard output shows of pass, fail, unknown and waived (table, markdown, csv, github); all of it is judged and counted',
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
  last: {
    kind: 'integer',
    group: 'Output',
    value: 'N',
    fallback: 30,
    min: 0,
    max: 10_000,
    flagOnly: true,
    describe: 'show only the last N runs; 0: all',
  },
} as const satisfies OptionTable;
