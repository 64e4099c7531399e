/** What is said of the fleet as a whole: who answered, and the verdict. */
import type { Builder, TestCase } from 'junit-report-builder';
import type { Condition, FleetReport } from '../../src/model.js';
import { evidenceText } from '../judged.js';
import { attribute, line, suiteOf, unique } from './suites.js';

/** One case per host that did not answer, and one that says whether all did. */
export function fleetSuite(root: Builder, suites: Set<string>, report: FleetReport): void {
  const { suite, newCase } = suiteOf(root, unique(suites, 'fleet'));
  suite
    .property('inventory', attribute(report.run.inventory.path))
    .property('judged-at', attribute(report.run.now));
  const lost = report.hosts.filter(({ failure }) => failure !== undefined);
  const all = newCase('every host answered');
  if (lost.length > 0 || report.hosts.length === 0) {
    all.error(`${lost.length} of ${report.hosts.length} hosts not gathered`, 'unreachable');
  }
  for (const { name, failure } of lost) {
    if (failure === undefined) continue;
    const body = [
      line('detail', failure.detail),
      ...(failure.hint === undefined ? [] : [line('do', failure.hint)]),
    ];
    newCase(`reached ${name}`).error(
      attribute(`${failure.code}: ${failure.detail}`),
      failure.code,
      body.join('\n'),
    );
  }
}

function condition(
  test: TestCase,
  { state, because, evidence = [], provide }: Omit<Condition, 'id' | 'title'>,
): void {
  const body = [
    line('because', because),
    ...evidence.map((one) => line('evidence', evidenceText(one))),
    ...(provide === undefined ? [] : [line('provide', provide)]),
  ].join('\n');
  if (state === 'met') test.standardOutput(body);
  else if (state === 'unproven') test.error(attribute(because), 'unproven', body);
  else test.failure(attribute(because), 'not-met').stacktrace(body);
}

export function closureSuite(root: Builder, suites: Set<string>, { closure }: FleetReport): void {
  const { newCase } = suiteOf(root, unique(suites, 'closure'));
  for (const one of [...closure.conditions, ...closure.beyond]) condition(newCase(one.id), one);
  const state = { closed: 'met', open: 'not-met', unproven: 'unproven' } as const;
  condition(newCase('verdict'), {
    state: state[closure.verdict],
    because: `${closure.verdict}: ${closure.because}`,
  });
}
