/**
 * The law of section 6: six conditions, one verdict, the switch triggers. Pure.
 * Any fail on any host or any condition disproved: open. Else anything unproven: unproven. Else closed.
 * The declaration (6.1) and the quarterly review (7) are shown beside it: people do them after the facts are met.
 */
import { actorsUsed, threeAdmins } from './closure/actors.js';
import { breakGlassTested, declared, reviewed } from './closure/people.js';
import { inventoryInGit } from './closure/git.js';
import type { ClosureInput } from './closure/input.js';
import { pipelineCondition } from './closure/pipeline.js';
import { scorecard } from './closure/scorecard.js';
import { switchTriggers } from './closure/triggers.js';
import type { Closure, Condition } from './model.js';

/** Section 6.2, in its order. */
const RECOMMENDED = ['Teleport', 'HashiCorp Vault SSH + Boundary', 'step-ca + smallstep'];

export function closureOf(input: ClosureInput): Closure {
  const { fleet, now } = input;
  const conditions = [
    scorecard(input),
    inventoryInGit(fleet.git),
    threeAdmins(input.summaries),
    actorsUsed(input.summaries),
    pipelineHourly(input),
    breakGlassTested(fleet.attestations, now),
  ];
  const triggers = switchTriggers(input);
  const fired = triggers.some((trigger) => trigger.fired === true);
  return {
    ...verdictOf(conditions),
    conditions,
    beyond: [declared(fleet, now), reviewed(fleet.attestations, now)],
    triggers,
    recommended: fired ? RECOMMENDED : [],
  };
}

function verdictOf(conditions: readonly Condition[]): Pick<Closure, 'verdict' | 'because'> {
  const of = (state: Condition['state']) => conditions.filter((condition) => condition.state === state);
  const [disproved] = of('not-met');
  if (disproved)
    return {
      verdict: 'open',
      because: `${of('not-met').length} of 6 conditions not met: ${disproved.because}`,
    };
  const [open] = of('unproven');
  if (open)
    return {
      verdict: 'unproven',
      because: `${of('unproven').length} of 6 conditions unproven: ${open.because}`,
    };
  return { verdict: 'closed', because: 'all six conditions of section 6.1 are met' };
}

function pipelineHourly({ fleet, now }: ClosureInput): Condition {
  return {
    id: 'pipeline-hourly',
    title: 'The pipeline for host configuration is green and runs hourly',
    ...pipelineCondition(fleet.pipeline, now),
  };
}
