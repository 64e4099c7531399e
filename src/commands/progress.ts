/**
 * How far a run is, on standard error: one line redrawn at a terminal, a line now and then elsewhere, nothing when
 * asked to be quiet.
 */
import type { Io } from '../io.js';

export interface Progress {
  update(done: number, unreachable: number): void;
  /** Clears the line. */
  end(): void;
}

const REDRAW_MS = 100;
const LINE_MS = 30_000;

export function createProgress(io: Io, total: number, wanted: boolean): Progress {
  if (!wanted || total === 0) return { update: () => undefined, end: () => undefined };
  return io.terminal.err && !io.env['CI'] ? redrawn(io, total) : lines(io, total);
}

function redrawn(io: Io, total: number): Progress {
  let last = 0;
  let drawn = false;
  return {
    update(done, unreachable) {
      const now = Date.now();
      if (now - last < REDRAW_MS && done < total) return;
      last = now;
      drawn = true;
      io.err(`\r\u001b[2K${sentence(done, total, unreachable)}`);
    },
    end() {
      if (drawn) io.err('\r\u001b[2K');
    },
  };
}

/** In a log: at every tenth of the way, and at least every 30 seconds while something finishes. */
function lines(io: Io, total: number): Progress {
  let tenth = 0;
  let last = Date.now();
  return {
    update(done, unreachable) {
      const reached = Math.floor((done * 10) / total);
      if (reached === tenth && Date.now() - last < LINE_MS) return;
      if (total < 20 && done < total) return;
      tenth = reached;
      last = Date.now();
      io.err(`${sentence(done, total, unreachable)}\n`);
    },
    end: () => undefined,
  };
}

function sentence(done: number, total: number, unreachable: number): string {
  return `${done}/${total} hosts${unreachable > 0 ? `, ${unreachable} not reached` : ''}`;
}
