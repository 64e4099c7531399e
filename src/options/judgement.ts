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
  'require-closure': {
    kind: 'switch',
    group: 'Judgement',
    fallback: false,
    describe: 'exit 0 only when the verdict is closed',
  },
} as const satisfies OptionTable;
