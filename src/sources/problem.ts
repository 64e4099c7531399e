/** What stops a source before or while it is asked: thrown inside `ask`, kept as a failure by src/sources/run.ts. */
import type { SourceFailure } from '../model.js';

export class SourceProblem extends Error {
  override readonly name = 'SourceProblem';
  readonly failure: SourceFailure;

  constructor(failure: SourceFailure) {
    super(failure.detail);
    this.failure = failure;
  }
}
