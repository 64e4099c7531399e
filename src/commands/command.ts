/** What a command is, and what it is given. */
import type { Io } from '../io.js';
import type { OptionName } from '../options.js';

export interface Command {
  readonly name: string;
  /** `many`, the last one only: one or more words, which arrive in `words`. */
  readonly positionals: readonly {
    readonly name: string;
    readonly required: boolean;
    readonly many?: true;
  }[];
  readonly describe: string;
  readonly examples: readonly (readonly [command: string, what: string])[];
  /** Flags it takes. */
  readonly options: readonly OptionName[];
  /** What runs it, loaded only then: start-up stays quick. It returns the exit code. */
  readonly load: () => Promise<(input: CommandInput) => Promise<number>>;
}

export interface CommandInput {
  readonly args: Readonly<Record<string, string | undefined>>;
  /** The words of the positional that takes many. */
  readonly words: readonly string[];
  readonly flags: Readonly<Record<string, unknown>>;
  readonly io: Io;
}
