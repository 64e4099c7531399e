/** Statement files -> attestations in force or not. What cannot be read as one is a gap, and counts as nothing. */
import { z } from 'zod';
import { instant, line } from '../../inventory/fields.js';
import { formatProblem } from '../../inventory/problem.js';
import { toUtc } from '../../inventory/values.js';
import { readYaml } from '../../inventory/yaml.js';
import {
  ATTESTATION_KINDS,
  type Attestation,
  type Reading,
  type SourceAnswer,
  type SourceEvidence,
} from '../../model.js';
import { nestsLittle } from './nesting.js';

const statement = z.strictObject({
  kind: z.enum(ATTESTATION_KINDS),
  subject: line,
  by: line,
  date: instant,
  expires: instant,
  evidence: line,
});

/** To each statement and where it stands in the file. */
const document = z.union([
  z
    .strictObject({ attestations: z.array(z.unknown()) })
    .transform(({ attestations }) =>
      attestations.map((each, index) => [['attestations', index], each] as const),
    ),
  z.array(z.unknown()).transform((list) => list.map((each, index) => [[index], each] as const)),
  z.record(z.string(), z.unknown()).transform((one) => [[[], one] as const]),
]);

/** Shapes as `policy.attestations`: one statement, a list, or a mapping with `attestations`. YAML or JSON. */
export function readAttestations(evidence: SourceEvidence): Reading<readonly Attestation[]> {
  const gaps = evidence.failures.map(({ detail }) => detail);
  const strict = evidence.configuration['require_signature'] === true;
  const value = Object.entries(evidence.answers).flatMap(([name, answer]) => {
    if (!name.startsWith('file/')) return [];
    const path = name.slice('file/'.length);
    const signature = signatureOf(evidence.answers[`signature/${path}`], evidence.answers[`commit/${path}`]);
    if (signature.bad !== undefined) {
      gaps.push(`${path} does not count: ${signature.bad}`);
      return [];
    }
    if (strict && signature.good === undefined) {
      gaps.push(`${path} does not count: it has no good signature (sources.attestations.require_signature)`);
      return [];
    }
    return statementsOf(answer, path, gaps).map((one) => ({
      ...one,
      ...(signature.good !== undefined && { signature: signature.good }),
    }));
  });
  if (value.length === 0 && gaps.length > 0)
    return { ok: false, reason: 'failed', detail: gaps[0] ?? 'no statement could be read' };
  return { ok: true, value, gaps };
}

/** Statements are short: a longer text is none. Characters. */
const MOST_TEXT = 256 * 1024;
/** And they hardly repeat each other. Values. */
const MOST_FROM_ALIASES = 10;

function statementsOf(answer: SourceAnswer, path: string, gaps: string[]): Attestation[] {
  if (answer.encoding !== 'utf8' || answer.cut) {
    gaps.push(`${path} is not UTF-8 text`);
    return [];
  }
  const text = answer.body;
  if (text.length > MOST_TEXT || !nestsLittle(text)) {
    gaps.push(`${path} is too long or nested too deep to be a statement`);
    return [];
  }
  const yaml = readYaml(path, text, MOST_FROM_ALIASES);
  const [problem] = yaml.problems;
  if (problem !== undefined) {
    gaps.push(formatProblem(problem));
    return [];
  }
  const parsed = document.safeParse(yaml.value);
  if (!parsed.success) {
    gaps.push(`${path} is not a statement: expected kind, subject, by, date, expires, evidence`);
    return [];
  }
  return parsed.data.flatMap(([place, each]) => {
    const one = statement.safeParse(each);
    if (one.success) return [{ ...one.data, date: toUtc(one.data.date), expires: toUtc(one.data.expires) }];
    const [issue] = one.error.issues;
    const [key] = issue?.path ?? [];
    const message = `${key === undefined ? '' : `${String(key)}: `}${issue?.message ?? 'not a statement'}`;
    gaps.push(formatProblem({ at: yaml.locate([...place, ...(issue?.path ?? [])]), message }));
    return [];
  });
}

/** A signature that is there and wrong is worse than none. */
function signatureOf(
  beside: SourceAnswer | undefined,
  commit: SourceAnswer | undefined,
): { readonly good?: string; readonly bad?: string } {
  if (beside !== undefined)
    return beside.status === 0
      ? { good: `signed by ${beside.body.trim()}` }
      : { bad: 'the signature beside it is not good' };
  const [hash = '', state = '', , signer = ''] = commit?.body.trim().split('\u001f') ?? [];
  if (state === 'B') return { bad: `the signature of commit ${hash.slice(0, 12)} is bad` };
  return state === 'G' ? { good: `in commit ${hash.slice(0, 12)}, signed by ${signer}` } : {};
}
