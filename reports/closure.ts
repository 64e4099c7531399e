import type { FleetReport, Report } from '../src/model.js';
import { closureBlock } from './table/closing.js';
import { newPage } from './table/page.js';

/** The verdict of section 6 alone: six conditions, the declaration, the review, the switch triggers. */
export const closure: Report = {
  id: 'closure',
  title: 'The operational-closure verdict alone',
  mediaType: 'text/plain',
  render(report: FleetReport, options): string {
    const lines = closureBlock(newPage(options), report.closure);
    return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
  },
};
