/** The few steps that mend most, near the verdict, where the eye is when the command returns. */
import type { FleetReport, Severity } from '../../src/model.js';
import { plural } from '../../src/plural.js';
import { causes, gaps, unreached } from '../group.js';
import { block, heading, type Page } from './page.js';

const MOST_STEPS = 3;
/** One critical cause outweighs two of the next lower severity. */
const WEIGHT: Readonly<Record<Severity, number>> = { critical: 8, high: 4, medium: 2, low: 1 };

interface Step {
  readonly text: string;
  /** What it mends, on how many hosts. */
  readonly why: string;
  readonly weight: number;
}

/** Remedies of failures by severity and hosts; equal remedies of one check are one step. */
function mending(report: FleetReport): readonly Step[] {
  const steps = new Map<string, { check: string; severity: Severity; text: string; hosts: Set<string> }>();
  for (const { check, severity, fix, message, hosts } of causes(report, 'results', 'fail')) {
    const text = fix ?? message;
    const key = JSON.stringify([check, text]);
    const step = steps.get(key) ?? { check, severity, text, hosts: new Set<string>() };
    for (const host of hosts) step.hosts.add(host);
    steps.set(key, step);
  }
  return [...steps.values()]
    .map(({ check, severity, text, hosts }) => ({
      text,
      why: `${check}, ${severity}, ${plural(hosts.size, 'host')}`,
      weight: WEIGHT[severity] * hosts.size,
    }))
    .sort((a, b) => b.weight - a.weight);
}

/** Then what lets the rest be judged: hosts to reach, evidence to provide, conditions still open. */
function proving(report: FleetReport): readonly Step[] {
  return [
    ...unreached(report).map(({ hosts, code, hint }) => ({
      text: hint ?? `reach ${plural(hosts.length, 'host')}`,
      why: `${code}, ${plural(hosts.length, 'host')}`,
      weight: 0,
    })),
    ...gaps(report, 'results').map(({ checks, hosts, reason, detail }) => ({
      text: `provide what is missing: ${detail}`,
      why: `${reason}, check${checks.length === 1 ? '' : 's'} ${checks.join(' ')}, ${plural(hosts.length, 'host')}`,
      weight: 0,
    })),
    ...report.closure.conditions
      .filter(({ state }) => state !== 'met')
      .map(({ title, provide }) => ({ text: provide ?? title, why: `for: ${title}`, weight: 0 })),
  ];
}

export function doFirst(page: Page, report: FleetReport): readonly string[] {
  const steps = [...mending(report), ...proving(report)].slice(0, MOST_STEPS);
  if (steps.length === 0) return [];
  return [
    ...heading(page, 'DO FIRST', 'what mends most'),
    ...steps.flatMap(({ text, why }, index) => [
      ...block(page, page.show(text, 300), { label: ` ${index + 1}. `, paint: page.paint.strong }),
      ...block(page, page.show(why, 200), { indent: 4, paint: page.paint.faint }),
    ]),
  ];
}
