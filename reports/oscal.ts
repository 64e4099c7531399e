import type { CheckMeta, Condition, FleetReport, Report } from '../src/model.js';
import { jsonDocument } from './escape.js';
import { countsOf, GUIDANCE, partOf, statusOf } from './group.js';
import { sortedHosts } from './judged.js';
import {
  byHost,
  instant,
  inventoryItem,
  observation,
  observationId,
  property,
  show,
  some,
  token,
} from './oscal/parts.js';
import { changeProperties, standing } from './oscal/standing.js';
import { uuid5 } from './sha1.js';
import { uriOf } from './uri.js';

/** One finding for each check over the fleet: satisfied only when every host passes, and there is one. */
function finding(report: FleetReport, meta: CheckMeta) {
  const { id, title, why, fix, severity, directive } = meta;
  const part = partOf(meta);
  const { pass, fail, unknown, waived } = countsOf(report, id, part);
  const satisfied = pass > 0 && fail + unknown + waived === 0;
  const reason = satisfied ? 'pass' : fail + waived > 0 ? 'fail' : 'other';
  const concerned = sortedHosts(report).filter((host) => {
    const result = host[part].find((one) => one.id === id);
    return satisfied || result === undefined || statusOf(result) !== 'pass';
  });
  return {
    uuid: uuid5('finding', report.run.id, id),
    title: show(title, 300),
    description: `${pass} hosts pass, ${fail} fail, ${waived} fail under a waiver, ${unknown} are unknown`,
    props: [
      property('severity', severity),
      property('directive-section', directive),
      ...(part === 'guidance' ? [property('part', GUIDANCE)] : []),
    ],
    target: {
      type: 'objective-id',
      'target-id': token(id),
      title: show(title, 300),
      status: { state: satisfied ? 'satisfied' : 'not-satisfied', reason },
    },
    ...some(
      'related-observations',
      concerned.map(({ name }) => ({ 'observation-uuid': observationId(report, name) })),
    ),
    ...(satisfied ? {} : { remarks: show(`${why} Do: ${fix}`, 1200) }),
  };
}

function conditionFinding(report: FleetReport, { id, title, state, because, provide }: Condition) {
  const reason = { met: 'pass', 'not-met': 'fail', unproven: 'other' } as const;
  return {
    uuid: uuid5('condition', report.run.id, id),
    title: show(title, 300),
    description: show(because),
    target: {
      type: 'objective-id',
      'target-id': token(`closure-${id}`),
      status: { state: state === 'met' ? 'satisfied' : 'not-satisfied', reason: reason[state] },
    },
    ...(provide === undefined ? {} : { remarks: show(`To provide: ${provide}`) }),
  };
}

/** `AC-2(3)` -> `ac-2.3`, as the NIST catalogue names it; all controls where no check names one. */
function controls(report: FleetReport) {
  const named = report.checks.flatMap((meta) => meta.controls['NIST 800-53 r5'] ?? []);
  const ids = [...new Set(named.map((one) => token(one.toLowerCase().replace(/\((\d+)\)/g, '.$1'))))].sort();
  if (ids.length === 0) return { 'control-selections': [{ 'include-all': {} }] };
  return { 'control-selections': [{ 'include-controls': ids.map((id) => ({ 'control-id': id })) }] };
}

/**
 * OSCAL assessment results 1.0.6, for governance tools. UUIDs are version 5 of what they name, dates are the
 * run's: the same report gives the same document. Unknown is never satisfied.
 */
export const oscal: Report = {
  id: 'oscal',
  title: 'OSCAL assessment results, for governance tools',
  mediaType: 'application/oscal+json',
  render(report: FleetReport): string {
    const { run, tool, closure } = report;
    const hosts = sortedHosts(report);
    const rows = byHost(report);
    const inventory = uuid5('inventory', run.inventory.sha256);
    const findings = [
      ...report.checks.map((meta) => finding(report, meta)),
      ...[...closure.conditions, ...closure.beyond].map((one) => conditionFinding(report, one)),
    ];
    const result = {
      uuid: uuid5('result', run.id, run.now),
      title: show(`${tool.name} ${run.id}`, 200),
      description: show(`${closure.verdict}: ${closure.because}`),
      start: instant(run.startedAt),
      end: instant(run.finishedAt),
      props: [
        property('verdict', closure.verdict),
        property('partial', String(run.partial)),
        property('judged-at', run.now),
        ...changeProperties(report),
      ],
      ...(hosts.length === 0 ? {} : { 'local-definitions': { 'inventory-items': hosts.map(inventoryItem) } }),
      'reviewed-controls': controls(report),
      ...standing(report),
      ...some(
        'observations',
        hosts.map((host) => observation(report, host, rows.get(host) ?? [])),
      ),
      ...some('findings', findings),
      ...(report.warnings.length === 0 ? {} : { remarks: show(report.warnings.join('; '), 5000) }),
    };
    const document = {
      'assessment-results': {
        uuid: uuid5(
          'document',
          run.id,
          run.now,
          tool.version,
          run.inventory.sha256,
          JSON.stringify([report.totals, closure]),
        ),
        metadata: {
          title: 'SSH access scorecard',
          'last-modified': instant(run.finishedAt),
          version: show(tool.version, 40),
          'oscal-version': '1.0.6',
        },
        'import-ap': { href: `#${inventory}` },
        results: [result],
        'back-matter': {
          resources: [
            {
              uuid: inventory,
              title: 'The inventory: which hosts were to be assessed, and what each must be',
              rlinks: [
                {
                  href: uriOf(run.inventory.path),
                  hashes: [{ algorithm: 'SHA-256', value: show(run.inventory.sha256, 100) }],
                },
              ],
            },
          ],
        },
      },
    };
    return `${jsonDocument(JSON.stringify(document, null, 2))}\n`;
  },
};
