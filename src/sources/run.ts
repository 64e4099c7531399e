/** Asks one source within its time, whatever happens there: the outcome is evidence or a diagnosis, never an exception. */
import { messageOf } from '../errors.js';
import { parseDuration } from '../inventory/duration.js';
import type { SourceEvidence, SourceFailure, SourceName } from '../model.js';
import { SourceProblem } from './problem.js';
import { sourceTypeOf } from './registry.js';
import type { Asked, SourceContext, SourceDiagnosis, SourceType } from './source.js';

const SECOND = 1000;
const DEFAULT_TIMEOUT = 120 * SECOND;
/** What a source gets to put its own failure into words after its time is over. */
const GRACE = 2 * SECOND;

export type SourceSettings = Readonly<Record<string, unknown>>;

export async function askSource(
  source: SourceName,
  settings: SourceSettings,
  context: SourceContext,
): Promise<SourceEvidence> {
  const startedAt = new Date().toISOString();
  const asked = await bounded(source, settings, context, async (type, given, within) =>
    type.ask(given, within),
  ).catch((error: unknown): Asked => ({ answers: {}, failures: [failureOf(error)] }));
  return {
    schema: 1,
    source,
    type: typeOf(settings),
    startedAt,
    finishedAt: new Date().toISOString(),
    configuration: withoutCredential(settings),
    failures: asked.failures,
    answers: asked.answers,
  };
}

/** For `doctor --sources`. */
export async function diagnoseSource(
  source: SourceName,
  settings: SourceSettings,
  context: SourceContext,
): Promise<readonly SourceDiagnosis[]> {
  return bounded(source, settings, context, async (type, given, within) =>
    type.diagnose(given, within),
  ).catch((error: unknown) => {
    const { detail, hint } = failureOf(error);
    return [{ level: 'problem', text: hint === undefined ? detail : `${detail}: ${hint}` }] as const;
  });
}

async function bounded<T>(
  source: SourceName,
  settings: SourceSettings,
  context: SourceContext,
  act: (type: SourceType, settings: never, context: SourceContext) => Promise<T>,
): Promise<T> {
  const type = await sourceTypeOf(source, typeOf(settings));
  if (type === null) {
    throw new SourceProblem({
      code: 'not-found',
      detail: `sources.${source}: this version cannot ask the type "${typeOf(settings)}"`,
    });
  }
  const checked = type.schema.safeParse(settings);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    const place = issue?.path.map(String).join('.') ?? '';
    throw new SourceProblem({
      code: 'internal',
      detail: `sources.${source}: ${place === '' ? '' : `${place}: `}${issue?.message ?? 'unusable settings'}`,
    });
  }
  const time = timeoutOf(settings);
  const clock = AbortSignal.timeout(time);
  const signal = AbortSignal.any([context.signal, clock]);
  const late = new AbortController();
  try {
    return await Promise.race([
      act(type, checked.data as never, { ...context, signal }),
      overdue({ signal, clock, cancelled: context.signal }, late.signal, time),
    ]);
  } finally {
    late.abort();
  }
}

/** Rejects some time after `signal` fired, for a source that does not heed it. */
async function overdue(
  { signal, clock, cancelled }: Readonly<Record<'signal' | 'clock' | 'cancelled', AbortSignal>>,
  done: AbortSignal,
  time: number,
): Promise<never> {
  const lateness = (): SourceFailure => {
    if (signal.reason === clock.reason)
      return { code: 'timeout', detail: `no whole answer within ${time / SECOND} s` };
    return cancelled.reason instanceof Error && cancelled.reason.name === 'TimeoutError'
      ? { code: 'timeout', detail: 'no whole answer before the deadline of the run' }
      : { code: 'cancelled', detail: 'the run was cancelled' };
  };
  return new Promise((_, reject) => {
    const arm = (): void => {
      const timer = setTimeout(() => {
        reject(new SourceProblem(lateness()));
      }, GRACE);
      done.addEventListener('abort', () => clearTimeout(timer), { once: true });
    };
    if (signal.aborted) arm();
    else signal.addEventListener('abort', arm, { once: true, signal: done });
  });
}

function timeoutOf({ timeout }: SourceSettings): number {
  const seconds = typeof timeout === 'string' ? parseDuration(timeout) : null;
  return seconds === null ? DEFAULT_TIMEOUT : seconds * SECOND;
}

function typeOf({ type }: SourceSettings): string {
  return typeof type === 'string' ? type : '';
}

/** Where the credential came from is nobody's business later, and a command line may hold one. */
function withoutCredential(settings: SourceSettings): SourceSettings {
  return Object.fromEntries(Object.entries(settings).filter(([key]) => !key.startsWith('token_')));
}

function failureOf(error: unknown): SourceFailure {
  return error instanceof SourceProblem ? error.failure : { code: 'internal', detail: messageOf(error) };
}
