/** What the asker and the parser of the pipeline source agree on. */

/** Answers are saved as `runs/<from>/<page>`: every run since `from` (milliseconds since the epoch) was asked for. */
export function runsName(from: number, page: number): string {
  return `runs/${from}/${String(page).padStart(4, '0')}`;
}

/** Null when it is no such name. */
export function coverageOf(name: string): number | null {
  const from = /^runs\/(\d{1,15})\/\d{4}$/.exec(name)?.[1];
  return from === undefined ? null : Number(from);
}

export const WORKFLOW = 'workflow';
export const SCHEDULES = 'schedules';
export const STATUS = 'status';
/** Runs asked for at once: the limit of both systems. */
export const PER_PAGE = 100;
