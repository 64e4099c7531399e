import { rememberedLately } from '../src/memo.js';
import type { CheckResult, FleetReport, HostReport, Report } from '../src/model.js';
import { fleetReportSchema } from '../src/results-schema.js';
import { jsonDocument } from './escape.js';

const hostSchema = fleetReportSchema.shape.hosts.element;
const resultSchema = hostSchema.shape.results.element;

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
  const result = resultWriter('        ');
  let before = '[';
  for (const host of hosts) {
    yield `${before}\n    ${hostText(host, result)}`;
    before = ',';
  }
  yield '\n  ]';
}

const LISTS = ['results', 'extra', 'guidance'] as const;

/** A host with the results in their places, each written by itself. */
function hostText(host: HostReport, result: (one: CheckResult) => string): string {
  const empty = Object.fromEntries(LISTS.map((key) => [key, []]));
  const text = indented(hostSchema.parse({ ...host, ...empty }), '    ');
  return LISTS.reduce((whole, key) => {
    const all = host[key].map((one) => `\n        ${result(one)}`).join();
    // The property with this indent is the host's own: what is inside of its properties stands further in.
    return all === ''
      ? whole
      : whole.replace(`\n      "${key}": []`, () => `\n      "${key}": [${all}\n      ]`);
  }, text);
}

/** Hosts share most of their results, as one value each: what was written lately is not written again. */
function resultWriter(by: string): (one: CheckResult) => string {
  return rememberedLately(
    (one) => indented(resultSchema.parse(one), by),
    (text) => text.length,
  );
}

/** No string of JSON holds a line end of its own. */
function indented(value: unknown, by: string): string {
  return jsonDocument(JSON.stringify(value, null, 2)).replaceAll('\n', `\n${by}`);
}
