/** Which hosts and checks. */
import type { OptionTable } from './spec.js';

export const SELECTION = {
  host: {
    kind: 'list',
    group: 'What to audit',
    value: 'GLOB',
    fallback: [],
    describe: 'only hosts whose name matches (repeatable; * ? and [01-40]; !GLOB leaves out)',
  },
  tag: {
    kind: 'list',
    group: 'What to audit',
    value: 'TAG',
    fallback: [],
    describe: 'only hosts with this tag (repeatable)',
  },
  environment: {
    kind: 'list',
    group: 'What to audit',
    value: 'ENV',
    fallback: [],
    describe: 'only hosts of this environment (repeatable)',
  },
  shard: {
    kind: 'text',
    group: 'What to audit',
    value: 'I/N',
    describe: 'only the Ith of N parts of the fleet, and only gather; join the parts with merge',
  },
  'from-ansible': {
    kind: 'text',
    group: 'What to audit',
    value: 'PATH',
    flagOnly: true,
    describe:
      'judge what Ansible saved of the stand-alone collector: the folder of --tree, or a JSON or one-line log',
  },
  inventory: {
    kind: 'text',
    group: 'What to audit',
    value: 'FILE',
    flagOnly: true,
    describe: 'the inventory to judge it with',
  },
  resume: {
    kind: 'text',
    group: 'What to audit',
    value: 'RUN',
    flagOnly: true,
    describe: 'finish an interrupted run: ask only the hosts it did not reach',
  },
  check: {
    kind: 'list',
    group: 'What to audit',
    value: 'ID',
    fallback: [],
    describe: 'only this check, by ID or number (repeatable)',
  },
  'skip-check': {
    kind: 'list',
    group: 'What to audit',
    value: 'ID',
    fallback: [],
    describe: 'all checks but this one (repeatable)',
  },
  'no-guidance': {
    kind: 'switch',
    group: 'What to audit',
    fallback: false,
    describe: 'leave out the guidance: checks beyond the ten that are shown, and never scored',
  },
  plugin: {
    kind: 'list',
    group: 'What to audit',
    value: 'FILE',
    fallback: [],
    describe: 'load checks or reports from a module (repeatable)',
  },
} as const satisfies OptionTable;
