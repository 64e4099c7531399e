/** A report's text for a writer, in chunks large enough that writing them costs little. */
import type { FleetReport, RenderOptions, Report } from './model.js';

const CHUNK = 256 * 1024;

/** Of a format that comes in pieces, chunks of about {@link CHUNK} characters; else the whole at once. */
export function* textOf(kind: Report, report: FleetReport, options: RenderOptions): Generator<string> {
  if (!kind.pieces) {
    yield kind.render(report, options);
    return;
  }
  let held: string[] = [];
  let size = 0;
  for (const piece of kind.pieces(report, options)) {
    held.push(piece);
    size += piece.length;
    if (size < CHUNK) continue;
    yield held.join('');
    held = [];
    size = 0;
  }
  if (held.length > 0) yield held.join('');
}
