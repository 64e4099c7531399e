/** What a flag may be. */

interface Common {
  readonly describe: string;
  readonly group:
    'What to audit' | 'How to reach hosts' | 'Limits' | 'Many machines' | 'Output' | 'Judgement' | 'General';
  readonly alias?: string;
  /** Shown in help in place of the value. */
  readonly value?: string;
  /** What holds when nothing is given, in words, where there is no built-in value to print. */
  readonly otherwise?: string;
  /** Only on the command line: neither the environment nor a configuration file may set it. */
  readonly flagOnly?: true;
}

export type OptionSpec =
  /** `bare`: what the flag means without a value. */
  | (Common & { readonly kind: 'text'; readonly fallback?: string; readonly bare?: string })
  | (Common & { readonly kind: 'switch'; readonly fallback: false })
  | (Common & {
      readonly kind: 'integer';
      readonly fallback: number;
      readonly min: number;
      readonly max: number;
    })
  /** Milliseconds inside; `30s`, `2m`, `1h30m` outside. */
  | (Common & {
      readonly kind: 'duration';
      readonly fallback: number;
      readonly min: number;
      readonly max: number;
    })
  /** Bytes inside; `512K`, `16M` outside. */
  | (Common & {
      readonly kind: 'bytes';
      readonly fallback: number;
      readonly min: number;
      readonly max: number;
    })
  | (Common & { readonly kind: 'choice'; readonly choices: readonly string[]; readonly fallback: string })
  /** Repeatable. With `choices` only those words, which may also be parted by commas. */
  | (Common & {
      readonly kind: 'list';
      readonly fallback: readonly string[];
      readonly choices?: readonly string[];
    });

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const MiB = 1024 * 1024;

/** A table of flags, its literal types kept. */
export type OptionTable = Readonly<Record<string, OptionSpec>>;
