import type { CheckMeta, FleetReport, Report, Severity } from '../src/model.js';
import { jsonDocument } from './escape.js';
import { GUIDANCE } from './group.js';
import { attestationCounts, changeKinds, changesText, waiverCounts } from './standing.js';
import { LEVEL, REACHED, resultsOf, show } from './sarif/results.js';

/** GitHub shows the first 5,000 results of a file. */
export const MOST_RESULTS = 5000;
/** GitHub takes no more tags of a rule. */
const MOST_TAGS = 20;
/** The bands GitHub sorts by: over 9.0 critical, over 7.0 high, over 4.0 medium. */
const SCORE: Readonly<Record<Severity, string>> = { critical: '9.5', high: '8.0', medium: '5.5', low: '2.0' };

function ruleOf({ id, number, pack, title, why, fix, severity, category, controls }: CheckMeta) {
  const guidance = pack === 'guidance';
  const tags = Object.entries(controls).flatMap(([framework, all]) =>
    all.map((control) => `${framework} ${control}`),
  );
  return {
    id,
    name: id
      .split('-')
      .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
      .join(''),
    shortDescription: { text: show(title) },
    fullDescription: { text: show(why) },
    help: { text: show(fix) },
    defaultConfiguration: { level: guidance ? 'note' : LEVEL[severity] },
    properties: {
      tags: [
        ...new Set(['security', show(guidance ? GUIDANCE : category), ...tags.map((tag) => show(tag))]),
      ].slice(0, MOST_TAGS),
      'security-severity': SCORE[guidance ? 'low' : severity],
      ...(number === undefined ? {} : { number }),
    },
  };
}

/**
 * SARIF 2.1.0 for code scanning: failures at the line of the inventory that names the host, waived ones
 * suppressed, unknowns to be reviewed, passes left out, guidance as notes after everything else. At most 5,000 results, the most severe first;
 * a notification says how many were left out.
 */
export const sarif: Report = {
  id: 'sarif',
  title: 'SARIF 2.1.0, for code scanning',
  mediaType: 'application/sarif+json',
  render(report: FleetReport): string {
    const reached = {
      id: REACHED,
      name: 'HostReached',
      shortDescription: { text: 'Every host of the inventory answers' },
      defaultConfiguration: { level: 'none' },
    };
    const rules = [...report.checks.map(ruleOf), reached];
    const { results, left } = resultsOf(report, rules, MOST_RESULTS);
    const { run, tool, closure } = report;
    const notes = [
      `verdict ${closure.verdict}: ${closure.because}`,
      ...(left > 0
        ? [`${left} further results are left out, the least severe; the json and csv formats hold everything`]
        : []),
      ...closure.conditions
        .filter(({ state }) => state !== 'met')
        .map(({ title, state, because }) => `${state}: ${title}: ${because}`),
      ...(report.changes === undefined ? [] : [`changes ${changesText(report.changes)}`]),
      ...report.warnings,
    ];
    const invocation = {
      executionSuccessful: !run.partial,
      ...(Number.isNaN(Date.parse(run.startedAt))
        ? {}
        : { startTimeUtc: new Date(run.startedAt).toISOString() }),
      ...(Number.isNaN(Date.parse(run.finishedAt))
        ? {}
        : { endTimeUtc: new Date(run.finishedAt).toISOString() }),
      toolExecutionNotifications: notes.map((text, index) => ({
        level: index === 0 ? 'note' : 'warning',
        message: { text: show(text) },
      })),
    };
    const log = {
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: tool.name, version: tool.version, rules } },
          invocations: [invocation],
          results,
          properties: {
            waivers: Object.fromEntries(waiverCounts(report)),
            attestations: Object.fromEntries(attestationCounts(report)),
            ...(report.changes === undefined
              ? {}
              : {
                  changes: Object.fromEntries(changeKinds(report.changes)),
                }),
          },
        },
      ],
    };
    return `${jsonDocument(JSON.stringify(log, null, 2))}\n`;
  },
};
