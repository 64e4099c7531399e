/** What is read from rsyslog's configuration: rulesets of statements, in order. */
import type { Sample, Truth } from './sample.js';

export interface Place {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

export type Parameters = ReadonlyMap<string, readonly string[]>;

export type Statement =
  | {
      readonly kind: 'when';
      readonly condition: (sample: Sample) => Truth;
      readonly body: readonly Statement[];
      readonly otherwise: readonly Statement[];
    }
  | {
      readonly kind: 'action';
      readonly type: string;
      readonly parameters: Parameters;
      readonly sometimes: boolean;
      readonly place: Place;
    }
  | { readonly kind: 'stop'; readonly place: Place }
  | { readonly kind: 'call'; readonly name: string; readonly place: Place }
  /** It may do anything: what follows is uncertain. */
  | { readonly kind: 'unknown'; readonly place: Place };

export interface RsyslogConfiguration {
  readonly rulesets: Map<string, { statements: Statement[]; queued: boolean }>;
  readonly modules: Parameters[];
  readonly inputs: Parameters[];
  /** `$Name value`, names in lower case. */
  readonly directives: { readonly name: string; readonly value: string }[];
  /** What was not understood. Anything here makes every verdict uncertain. */
  readonly troubles: string[];
}

/** What the collector read: texts by path, and what include patterns stood for. */
export interface ConfigurationFiles {
  text(path: string): string | null;
  included(pattern: string): readonly string[] | null;
}
