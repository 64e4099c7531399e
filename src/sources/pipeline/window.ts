/** How far back runs are asked for, milliseconds: the judged day, and as much again before it for its edges. */
export const LOOK_BACK = 48 * 3_600_000;
