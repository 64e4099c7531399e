/**
 * The library that builds JUnit, by `require`: as an import, Node would first search its 800 KB for names of exports,
 * which takes 44 ms of every start and 7 MiB for as long as the program runs.
 */
import { createRequire } from 'node:module';
import type { Builder } from 'junit-report-builder';

let loaded: Builder | undefined;

/** Loaded when it is first used. */
export function junitBuilder(): Builder {
  // The package's typings promise an ES default export; at run time `module.exports` is the builder itself.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above; a test renders with it
  loaded ??= createRequire(import.meta.url)('junit-report-builder') as Builder;
  return loaded.newBuilder();
}
