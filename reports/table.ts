import type { FleetReport, Report } from '../src/model.js';
import { closureBlock, header, totals } from './table/closing.js';
import { checkCounts, hostMatrix, MANY } from './table/matrix.js';
import { newPage } from './table/page.js';
import { doFirst } from './table/first.js';
import {
  attestations,
  changes,
  failures,
  guidance,
  passes,
  plugins,
  unknowns,
  waivers,
} from './table/sections.js';

/**
 * For a person at a terminal: what is wrong, why, what to do first, and the verdict last, where the eye is
 * when the command returns. No line is wider than `width` (at least 40 columns are assumed). Every state has
 * a word, colour only helps. A large fleet begins with its causes, because its matrix fills screens.
 */
export const table: Report = {
  id: 'table',
  title: 'For people: the scorecard, causes with remedies, and the verdict',
  mediaType: 'text/plain',
  render(report: FleetReport, options): string {
    const page = newPage(options);
    const overview = hostMatrix(page, report);
    const sections = [failures, unknowns, waivers, plugins, guidance, passes, attestations, changes];
    const causes = sections.flatMap((section) => section(page, report));
    const body = report.hosts.length > MANY ? [causes, overview] : [overview, causes];
    const [first = [], second = []] = body;
    const lines = [
      ...header(page, report),
      ...first,
      ...(report.hosts.length > MANY ? [] : checkCounts(page, report)),
      ...second,
      ...(report.hosts.length > MANY ? checkCounts(page, report) : []),
      ...closureBlock(page, report.closure),
      ...doFirst(page, report),
      ...totals(page, report),
    ];
    return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
  },
};
