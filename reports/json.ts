import type { FleetReport, HostReport, Report } from '../src/model.js';
import { fleetReportSchema } from '../src/results-schema.js';
import { jsonDocument } from './escape.js';

const hostSchema = fleetReportSchema.shape.hosts.element;

/**
 * The whole report as one JSON document: keys in the model's order whatever order the caller built them in
 * (maps, `timings` and `controls`, keep theirs),
 * two blanks of indent, a newline at the end. Reading it back gives an equal FleetReport.
 * Throws when the value is not a FleetReport: what is published always fits the published schema.
 */
export const json: Report = {
  id: 'json',
  title: 'The whole report, for programs (schema/results.schema.json)',
  mediaType: 'application/json',
  render: (report) => [...pieces(report)].join(''),
  pieces,
};

/** As `JSON.stringify(report, null, 2)` writes it, host by host. */
function* pieces(report: FleetReport): Generator<string> {
  const { hosts, ...rest } = report;
  const parsed = fleetReportSchema.parse({ ...rest, hosts: [] });
  let before = '{';
  for (const [key, value] of Object.entries(parsed)) {
    yield `${before}\n  ${JSON.stringify(key)}: `;
    before = ',';
    if (key !== 'hosts' || hosts.length === 0) yield indented(value, '  ');
    else yield* list(hosts);
  }
  yield '\n}\n';
}

function* list(hosts: readonly HostReport[]): Generator<string> {
  let before = '[';
  for (const host of hosts) {
    yield `${before}\n    ${indented(hostSchema.parse(host), '    ')}`;
    before = ',';
  }
  yield '\n  ]';
}

/** No string of JSON holds a line end of its own. */
function indented(value: unknown, by: string): string {
  return jsonDocument(JSON.stringify(value, null, 2)).replaceAll('\n', `\n${by}`);
}
