/** Statement files -> attestations in force or not. What cannot be read as one is a gap, and counts as nothing. */
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { instant, line } from '../../inventory/fields.js';
import { toUtc } from '../../inventory/values.js';
import {
  ATTESTATION_KINDS,
  type Attestation,
  type Reading,
  type SourceAnswer,
  type SourceEvidence,
} from '../../model.js';
import { nestsLittle, UNDRAWN } from './nesting.js';

const statement = z.strictObject({
  kind: z.enum(ATTESTATION_KINDS),
  subject: line,
  by: line,
  date: instant,
  expires: instant,
  evidence: line,
});

const document = z.union([
  z.strictObject({ attestations: z.array(z.unknown()) }).transform(({ attestations }) => attestations),
  z.array(z.unknown()),
  z.record(z.string(), z.unknown()).transform((one) => [one]),
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

function statementsOf(answer: SourceAnswer, path: string, gaps: string[]): Attestation[] {
  if (answer.encoding !== 'utf8' || answer.cut) {
    gaps.push(`${path} is not UTF-8 text`);
    return [];
  }
  const parsed = document.safeParse(plain(answer.body));
  if (!parsed.success) {
    gaps.push(`${path} is not a statement: expected kind, subject, by, date, expires, evidence`);
    return [];
  }
  return parsed.data.flatMap((each, index) => {
    const one = statement.safeParse(each);
    if (one.success) return [{ ...one.data, date: toUtc(one.data.date), expires: toUtc(one.data.expires) }];
    const [issue] = one.error.issues;
    gaps.push(
      `${path}: statement ${index + 1}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a statement'}`,
    );
    return [];
  });
}

/** Statements are short: a longer text is none. Characters. */
const MOST_TEXT = 256 * 1024;

function plain(text: string): unknown {
  if (text.length > MOST_TEXT || !nestsLittle(text)) return null;
  const parsed = parseDocument(text, { ...UNDRAWN, uniqueKeys: true });
  if (parsed.errors.length > 0) return null;
  try {
    return parsed.toJS({ maxAliasCount: 10 });
  } catch {
    return null;
  }
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
