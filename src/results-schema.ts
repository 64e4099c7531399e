/**
 * The published shape of a run's results (`results.json`, `-f json`), mirroring FleetReport in model.ts
 * key for key and in its order; a test holds the two types equal. Strict about keys, so that a reader can
 * rely on them; plain about values, so that a host's odd text never costs a run its report.
 */
import { z } from 'zod';
import { accessDigestSchema } from './access/digest-schema.js';
import { ATTESTATION_KINDS } from './model.js';

const text = z.string();
const texts = z.array(z.string());

const sourceLocation = z.strictObject({ file: text, line: z.number(), column: z.number() });

const evidenceRef = z
  .strictObject({
    probe: text.meta({ description: 'Probe on the host, or control-plane source.' }),
    path: text.exactOptional(),
    line: z.number().exactOptional(),
    excerpt: text.exactOptional().meta({ description: 'Host text, unescaped: escape it where you show it.' }),
  })
  .meta({ id: 'evidence' });

const finding = z
  .strictObject({
    subject: text.meta({ description: 'What is wrong, named; stable between runs.' }),
    message: text,
    evidence: z.array(evidenceRef),
    at: z.strictObject({ path: text, line: z.number().exactOptional() }).exactOptional(),
    remediation: text.exactOptional(),
  })
  .meta({ id: 'finding' });

const unknownReason = z.enum([
  'missing-tool',
  'denied',
  'failed',
  'truncated',
  'not-collected',
  'not-configured',
  'unreachable',
  'missing-source',
  'no-evidence',
  'disagreement',
  'unsupported',
  'check-crashed',
]);

const outcome = z
  .discriminatedUnion('status', [
    z.strictObject({
      status: z.literal('pass'),
      because: text,
      evidence: z.array(evidenceRef),
      notes: texts.exactOptional(),
    }),
    z.strictObject({
      status: z.literal('fail'),
      findings: z.tuple([finding], finding),
      notes: texts.exactOptional(),
    }),
    z.strictObject({
      status: z.literal('unknown'),
      reason: unknownReason,
      detail: text,
      missing: texts.exactOptional(),
      evidence: z.array(evidenceRef).exactOptional(),
      notes: texts.exactOptional(),
    }),
  ])
  .meta({ id: 'outcome' });

const appliedWaiver = z
  .strictObject({
    check: text,
    hosts: texts,
    subjects: texts,
    owner: text,
    approver: text,
    author: text.exactOptional(),
    reason: text,
    expires: text,
    expired: z.boolean(),
  })
  .meta({ id: 'waiver' });

const waiverUse = z.strictObject({
  check: text,
  hosts: texts,
  subjects: texts,
  owner: text,
  approver: text,
  author: text.exactOptional(),
  reason: text,
  expires: text,
  state: z.enum(['applied', 'unused', 'not-judged', 'expired', 'too-long']),
  appliedTo: texts,
});

const attestationUse = z.strictObject({
  kind: z.enum(ATTESTATION_KINDS),
  subject: text,
  by: text,
  date: text,
  expires: text,
  evidence: text,
  signature: text.exactOptional(),
  state: z.enum(['in-force', 'expired', 'not-yet']),
});

const status = z.enum(['pass', 'fail', 'unknown', 'waived']);

const checkChange = z
  .strictObject({
    host: text,
    check: text,
    from: z.enum(['pass', 'fail', 'unknown', 'waived', 'absent']),
    to: status,
    since: text,
    subjects: texts,
    guidance: z.literal(true).exactOptional(),
  })
  .meta({ id: 'change' });

const verdict = z.enum(['closed', 'open', 'unproven']);

const comparedRun = z.strictObject({ id: text, now: text, verdict });

const changes = z
  .strictObject({
    from: comparedRun,
    to: comparedRun,
    newlyFailing: z.array(checkChange),
    newlyPassing: z.array(checkChange),
    newlyUnknown: z.array(checkChange),
    stillFailing: z.array(checkChange),
    newlyWaived: z.array(checkChange).exactOptional(),
    droppedChecks: texts.exactOptional(),
    newHosts: texts,
    vanishedHosts: texts,
    hostKeys: z.array(z.strictObject({ host: text, from: text, to: text })),
    access: z.array(
      z.strictObject({
        host: text,
        change: z.enum(['added', 'removed']),
        kind: z.enum(['ca-key', 'static-key', 'principal']),
        account: text.exactOptional(),
        value: text,
      }),
    ),
  })
  .meta({ id: 'changes' });

const hostAccess = z.strictObject({
  caKeys: texts,
  staticKeys: z.array(z.strictObject({ account: text, fingerprint: text })),
  principals: z.array(z.strictObject({ account: text, principal: text })),
  partial: z.literal(true).exactOptional(),
});

const checkResult = z
  .strictObject({
    id: text,
    number: z.number().exactOptional().meta({ description: '1 to 10; absent for plug-ins and guidance.' }),
    outcome,
    waiver: appliedWaiver.exactOptional(),
    since: text.exactOptional(),
  })
  .meta({ id: 'checkResult' });

/** Failure codes stay a string here: docs/reason-codes.md lists them, and the list grows without a new schema version. */
const gatherFailure = z.strictObject({
  code: text,
  phase: z.enum(['resolve', 'connect', 'handshake', 'login', 'exec', 'run', 'parse']),
  detail: text,
  hint: text.exactOptional(),
  attempts: z.number().exactOptional(),
});

const connection = z.strictObject({
  transport: z.enum(['ssh', 'local', 'ansible', 'ssm', 'openssh']),
  address: text,
  port: z.number(),
  user: text,
  route: texts,
  hostKey: z.strictObject({ type: text, fingerprint: text, verifiedBy: text }).exactOptional(),
  authenticatedBy: text.exactOptional(),
  serverVersion: text.exactOptional(),
  timings: z.record(z.string(), z.number()).exactOptional().meta({ description: 'Milliseconds.' }),
});

const hostReport = z
  .strictObject({
    name: text,
    environment: text.exactOptional(),
    tags: texts,
    at: sourceLocation,
    connection: connection.exactOptional(),
    failure: gatherFailure.exactOptional(),
    collectedAt: text.exactOptional(),
    evidenceSha256: text.exactOptional(),
    score: z.number().meta({ description: 'Passes among the ten.' }),
    results: z.array(checkResult),
    extra: z.array(checkResult).meta({ description: 'Plug-in checks: shown, never scored.' }),
    guidance: z
      .array(checkResult)
      .meta({ description: 'Guidance: shown apart, never scored, never in closure.' }),
    access: hostAccess.exactOptional(),
  })
  .meta({ id: 'host' });

const checkMeta = z
  .strictObject({
    number: z.number().exactOptional(),
    pack: z
      .literal('guidance')
      .exactOptional()
      .meta({ description: 'Of the guidance: shown apart, never scored.' }),
    id: text,
    title: text,
    category: text,
    directive: text,
    why: text,
    fix: text,
    looksAt: texts,
    limits: texts,
    severity: z.enum(['critical', 'high', 'medium', 'low']),
    needs: z.strictObject({ host: texts, fleet: texts }),
    controls: z.record(z.string(), texts),
  })
  .meta({ id: 'check' });

const run = z.strictObject({
  id: text,
  startedAt: text,
  finishedAt: text,
  now: text.meta({ description: 'The clock everything was judged at.' }),
  inventory: z.strictObject({ path: text, sha256: text, hosts: z.number(), commit: text.exactOptional() }),
  policySha256: text.exactOptional(),
  selection: z.strictObject({
    hosts: texts,
    tags: texts,
    environments: texts,
    checks: texts,
    skippedChecks: texts,
    noGuidance: z.literal(true).exactOptional(),
  }),
  partial: z.boolean(),
  shard: z.strictObject({ index: z.number(), of: z.number() }).exactOptional(),
  previous: z.strictObject({ id: text, manifestSha256: text }).exactOptional(),
});

const totals = z.strictObject({
  hosts: z.number(),
  reached: z.number(),
  complete: z.number(),
  pass: z.number(),
  fail: z.number(),
  unknown: z.number(),
  waived: z.number(),
});

const historyPoint = z.strictObject({
  id: text,
  now: text,
  verdict,
  totals,
  fails: z.record(z.string(), z.number()),
  guidance: z.record(z.string(), z.number()).exactOptional(),
  partial: z.boolean(),
});

const condition = z.strictObject({
  id: text,
  title: text,
  state: z.enum(['met', 'not-met', 'unproven']),
  because: text,
  evidence: z.array(evidenceRef).exactOptional(),
  provide: text.exactOptional(),
});

const closure = z.strictObject({
  verdict,
  because: text,
  conditions: z.array(condition),
  beyond: z.array(condition),
  triggers: z.array(z.strictObject({ id: text, title: text, fired: z.boolean().nullable(), because: text })),
  recommended: texts,
});

/** Parses results of schema version 1. */
export const fleetReportSchema = z.strictObject({
  schemaVersion: z.literal(1),
  tool: z.strictObject({ name: z.literal('ssh-scorecard'), version: text }),
  run,
  checks: z.array(checkMeta),
  hosts: z.array(hostReport),
  totals,
  closure,
  waivers: z.array(waiverUse),
  attestations: z.array(attestationUse),
  changes: changes.exactOptional(),
  history: z.array(historyPoint),
  access: accessDigestSchema.exactOptional(),
  warnings: texts,
});

/** schema/results.schema.json, as JSON Schema draft 2020-12. */
export function resultsJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(fleetReportSchema, { target: 'draft-2020-12', io: 'output' });
  return { title: 'ssh-scorecard results', description: 'One run of ssh-scorecard.', ...schema };
}
