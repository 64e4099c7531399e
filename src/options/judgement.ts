/** What a verdict is made with. */
import type { OptionTable } from './spec.js';

export const JUDGEMENT = {
  now: {
    kind: 'text',
    group: 'Judgement',
    value: 'ISO',
    otherwise: "the clock; for audit, the run's own",
    describe: 'judge at this instant (ISO 8601 with zone)',
  },
  policy: {
    kind: 'text',
    group: 'Judgement',
    value: 'FILE',
    otherwise: "the inventory's",
    describe: 'thresholds, waivers and attestations; wins over what the inventory says',
  },
  baseline: {
    kind: 'text',
    group: 'Judgement',
    value: 'RUN',
    otherwise: 'the newest like it under --evidence',
    describe: 'run folder to compare with; none: compare with nothing',
  },
  'allowed-signers': {
    kind: 'text',
    group: 'Judgement',
    value: 'FILE',
    describe: 'who may sign run folders, in the format of ssh-keygen(1)',
  },
  'require-closure': {
    kind: 'switch',
    group: 'Judgement',
    fallback: false,
    describe: 'exit 0 only when the verdict is closed',
  },
  'strict-guidance': {
    kind: 'switch',
    group: 'Judgement',
    fallback: false,
    describe: 'let guidance count for the exit code, as a plug-in does; never for the score or closure',
  },
  declare: {
    kind: 'switch',
    group: 'Judgement',
    fallback: false,
    flagOnly: true,
    describe: 'print the Git commit message that declares closure; only when it is closed',
  },
  'fail-on': {
    kind: 'choice',
    group: 'Judgement',
    choices: ['regression', 'any', 'never'],
    fallback: 'regression',
    value: 'WHAT',
    flagOnly: true,
    describe: 'exit 1 when something newly fails (regression), or is newly unknown as well (any), or never',
  },
} as const satisfies OptionTable;
