/**
 * A control-plane source: one kind of system asked from the auditor's machine. `ask` only fetches and keeps what came
 * back, raw; parsing is src/facts/sources/<name>.ts, pure, so that a run is judged again without asking.
 */
import type { z } from 'zod';
import type { SourceAnswer, SourceFailure, SourceName } from '../model.js';

/** Where a credential comes from; never a value in a file of ours. At most one. Absent: no credential. */
export interface SecretSpec {
  readonly token_env?: string | undefined;
  readonly token_file?: string | undefined;
  /** A program and its arguments; its standard output, trimmed, is the token. No shell. */
  readonly token_command?: readonly string[] | undefined;
}

export interface SourceContext {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** The inventory file, for paths relative to it and for Git. */
  readonly inventoryPath: string;
  /** The clock of the run. */
  readonly now: Date;
  readonly signal: AbortSignal;
  /** All that is configured: a log may be kept in the system of another source. */
  readonly sources?: Readonly<Partial<Record<SourceName, Readonly<Record<string, unknown>>>>>;
}

export interface Asked {
  readonly answers: Readonly<Record<string, SourceAnswer>>;
  readonly failures: readonly SourceFailure[];
}

/** One line of `doctor --sources`. */
export interface SourceDiagnosis {
  readonly level: 'ok' | 'warning' | 'problem';
  readonly text: string;
}

/** One `type` of one source. Settings have passed `schema`. */
export interface SourceType<Settings = never> {
  readonly source: SourceName;
  /** The value of `type` in the inventory. */
  readonly type: string;
  /** A strict object; its `type` key is a literal. */
  readonly schema: z.ZodType;
  /** Never throws for what the other side does: that is a failure in the result. */
  ask(settings: Settings, context: SourceContext): Promise<Asked>;
  /** What the credential may do, and warns when it can do more than read. */
  diagnose(settings: Settings, context: SourceContext): Promise<readonly SourceDiagnosis[]>;
}
