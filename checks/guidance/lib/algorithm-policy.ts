/** One algorithm or key against the dated rules and the policy's own word. Pure: the day is given. */
import { rememberedByObject, rememberedByText } from '../../../src/memo.js';
import { compileGlob } from '../../../src/inventory/glob.js';
import type { Policy } from '../../../src/model.js';
import { RSA_SIZES } from './algorithms/host-keys.js';
import { RULES } from './algorithms/index.js';
import type { Kind, Level, Steps } from './algorithms/rule.js';

export interface Verdict {
  /** `unjudged`: nobody has judged a name like this, so it is not known to be good. */
  readonly level: Level | 'unjudged';
  readonly why: string;
  /** Documents; empty when the policy of the organisation decided. */
  readonly source: string;
  /** The day from which it holds, or a later one from which it will fail. */
  readonly since?: string;
  readonly failsFrom?: string;
  /** What would hold if the policy did not allow it. */
  readonly allowedDespite?: Verdict;
}

type Judge = (kind: Kind, name: string) => Verdict;

/**
 * Judges names as of `now`. `policy.algorithms.deny` wins over `allow`, and both over the rules. The servers of a fleet
 * offer much the same, so verdicts are remembered.
 */
export function createJudge(policy: Pick<Policy, 'algorithms'>, now: Date): Judge {
  return judgesOf(policy)(dayOf(now));
}

const judgesOf = rememberedByObject((policy: Pick<Policy, 'algorithms'>) =>
  rememberedByText(
    (day: string) => rememberedByText(judgeOf(policy, day), (kind, name) => `${kind} ${name}`),
    (day) => day,
  ),
);

function judgeOf(policy: Pick<Policy, 'algorithms'>, day: string): Judge {
  const allow = (policy.algorithms?.allow ?? []).map((glob) => compileGlob(glob));
  const deny = (policy.algorithms?.deny ?? []).map((glob) => compileGlob(glob));
  return (kind, name) => {
    if (deny.some((matches) => matches(name)))
      return { level: 'fail', why: 'the policy denies it (algorithms.deny)', source: '' };
    const verdict = ruled(kind, name, day);
    if (verdict.level === 'sound' || !allow.some((matches) => matches(name))) return verdict;
    return {
      level: 'note',
      why: 'the policy allows it (algorithms.allow)',
      source: '',
      allowedDespite: verdict,
    };
  };
}

/** ` (RFC 8332)`: what a verdict rests on, to follow its reason; empty when the policy decided. */
export function sourceOf({ source }: Verdict): string {
  return source === '' ? '' : ` (${source})`;
}

/** An RSA key by its size in bits. */
export function judgeRsaSize(bits: number, now: Date): Verdict {
  const size = RSA_SIZES.find(({ below }) => bits < below);
  return size === undefined
    ? { level: 'sound', why: 'long enough', source: '' }
    : inForce(size.steps, dayOf(now));
}

function ruled(kind: Kind, name: string, day: string): Verdict {
  const rule = RULES[kind].find(({ names }) => names.test(name));
  return rule === undefined
    ? { level: 'unjudged', why: 'it is not known', source: '' }
    : inForce(rule.steps, day);
}

/** The last step that has begun; before the first, the first. */
function inForce(steps: Steps, day: string): Verdict {
  const step = steps.findLast(({ from }) => from <= day) ?? steps[0];
  const later = steps.find(({ from, level }) => from > step.from && level === 'fail');
  const { level, why, source, from } = step;
  return { level, why, source, since: from, ...(later && { failsFrom: later.from }) };
}

function dayOf(now: Date): string {
  return now.toISOString().slice(0, 10);
}
