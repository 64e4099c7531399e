/** Shapes shared by the parts of the match engine. */
import type { Account, Origin, SshdVersion } from '../types.js';
import type { AddressItem } from './addresses.js';
import type { Dialect } from './dialect.js';
import type { SubPattern } from './patterns.js';

/** Everything needed to evaluate a host's sshd configuration without the host. */
export interface ConfigInput {
  /** Absolute path of the main file (`-f`). */
  readonly mainPath: string;
  /** Absolute path -> text of every file an Include reaches. */
  readonly files: ReadonlyMap<string, string>;
  /** What the host's glob gave, in its order, by absolute Include pattern. A pattern that is absent is expanded over `files`. */
  readonly listing?: ReadonlyMap<string, readonly string[]>;
  /** `-o` options of the running daemon, in order. */
  readonly commandLine?: readonly { readonly keyword: string; readonly value: string }[];
  readonly version: SshdVersion | null;
  readonly accounts: readonly Account[];
  /** Working directory sshd makes relative file names absolute with. Default `/`. */
  readonly cwd?: string;
}

/** sshd would not start with this (`fatal`), or the engine cannot tell what it means (`unknown`). */
export interface ConfigProblem {
  readonly severity: 'fatal' | 'unknown';
  readonly at: Origin;
  readonly message: string;
}

/** How a directive's values meet those already set. */
export type Mode = 'first' | 'last' | 'append' | 'list' | 'command';

export interface Directive {
  /** Lower case, newest spelling. */
  readonly keyword: string;
  readonly mode: Mode;
  readonly values: readonly string[];
  /** May override inside Match. */
  readonly inMatch: boolean;
  readonly at: Origin;
}

export type Criterion =
  | { readonly kind: 'all' | 'invalid-user' }
  | { readonly kind: 'user' | 'group' | 'host' | 'rdomain'; readonly parts: readonly SubPattern[] }
  | { readonly kind: 'address' | 'localaddress'; readonly items: readonly AddressItem[] }
  | { readonly kind: 'localport'; readonly port: number }
  | { readonly kind: 'version'; readonly matches: boolean };

export interface MatchLine {
  readonly at: Origin;
  /** The line's text after the keyword. */
  readonly text: string;
  /** All must hold. */
  readonly criteria: readonly Criterion[];
  /** Holds whatever the connection: such a block is also read as if it were global. */
  readonly always: boolean;
}

/** A directive that acts on connections for which every guard holds; null: it is read for each but acts on none. */
export interface GuardedDirective {
  readonly guards: readonly MatchLine[] | null;
  readonly directive: Directive;
}

export interface ParsedConfig {
  readonly dialect: Dialect;
  readonly version: SshdVersion | null;
  /** Directives acted on at start, command line first. */
  readonly globals: readonly Directive[];
  /** Directives read again for each connection, in order. */
  readonly conditional: readonly GuardedDirective[];
  /** Every Match line, in reading order, those without effect included. */
  readonly matchLines: readonly MatchLine[];
  /** Files in the order sshd reads them; a file read twice is listed twice. */
  readonly filesRead: readonly string[];
  readonly problems: readonly ConfigProblem[];
  readonly accounts: readonly Account[];
}

/** One user's effective configuration on one connection. */
export interface Settings {
  /** Lower-case keyword -> values as `sshd -T` prints them; a keyword it prints no line for is absent. */
  readonly values: Readonly<Record<string, readonly string[]>>;
  /** Where each value that is not a compiled default was set. */
  readonly origins: Readonly<Record<string, Origin>>;
  /** Set when reading the Match blocks for this connection ends sshd: nobody gets in this way. */
  readonly ends?: { readonly at: Origin; readonly message: string };
}
