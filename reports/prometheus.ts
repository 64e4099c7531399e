import type { FleetReport, Report } from '../src/model.js';
import { bounded, terminal } from './escape.js';
import { attestationCounts, changeKinds, waiverCounts } from './standing.js';
import { judged, sortedHosts, type Judged } from './judged.js';

/** One sample: its labels and its value. */
type Sample = readonly [Readonly<Record<string, string>>, number];

interface Family {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** A label's value in the text exposition format: backslash, quote and line feed are escaped; nothing invisible is left. */
function value(text: string): string {
  return terminal(bounded(text, 200)).replaceAll('\\', '\\\\').replaceAll('"', '\\"');
}

/** A series that is there twice makes the exporter reject the whole file: the first one stands. */
function lines({ name, help, samples }: Family): readonly string[] {
  const seen = new Set<string>();
  const written = samples.flatMap(([labels, number]) => {
    const list = Object.entries(labels)
      .map(([key, text]) => `${key}="${value(text)}"`)
      .join(',');
    if (seen.has(list)) return [];
    seen.add(list);
    return [`${name}${list === '' ? '' : `{${list}}`} ${number}`];
  });
  return written.length === 0 ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...written];
}

const bit = (yes: boolean): number => (yes ? 1 : 0);
/** Seconds since 1970 of an ISO 8601 instant; NaN, which the format allows, where it is none. */
const seconds = (instant: string): number => Date.parse(instant) / 1000;

function perHost(report: FleetReport): readonly Family[] {
  const hosts = sortedHosts(report);
  return [
    {
      name: 'ssh_scorecard_host_score',
      help: 'Passes among the ten checks.',
      samples: hosts.map(({ name, score }) => [{ host: name }, score]),
    },
    {
      name: 'ssh_scorecard_host_reached',
      help: 'Whether the host was reached and gathered completely.',
      samples: hosts.map(({ name, failure }) => [{ host: name }, bit(failure === undefined)]),
    },
  ];
}

/** Guidance has families of its own, so that no rule on the scorecard's fires for it. */
function perCheck(report: FleetReport): readonly Family[] {
  const all = judged(report);
  return [
    ...statusFamilies(
      'check',
      'the check',
      all.filter(({ part }) => part !== 'guidance'),
    ),
    ...statusFamilies(
      'guidance',
      'the guidance (never scored)',
      all.filter(({ part }) => part === 'guidance'),
    ),
  ];
}

function statusFamilies(kind: 'check' | 'guidance', what: string, all: readonly Judged[]): readonly Family[] {
  const rows = all.map(({ host, result, status }) => ({
    status,
    labels: { host: host.name, check: result.id },
  }));
  return [
    {
      name: `ssh_scorecard_${kind}_status`,
      help: `Whether ${what} passes. 0 is a failure, or unknown where ssh_scorecard_${kind}_unknown is 1.`,
      samples: rows.map(({ labels, status }) => [labels, bit(status === 'pass')]),
    },
    {
      name: `ssh_scorecard_${kind}_unknown`,
      help: `Whether ${what} could not be judged.`,
      samples: rows.map(({ labels, status }) => [labels, bit(status === 'unknown')]),
    },
    {
      name: `ssh_scorecard_${kind}_waived`,
      help: 'Failures that an unexpired waiver covers; no series otherwise.',
      samples: rows.filter(({ status }) => status === 'waived').map(({ labels }) => [labels, 1]),
    },
  ];
}

function fleet({ totals, closure, run, tool }: FleetReport): readonly Family[] {
  const one = (name: string, help: string, number: number): Family => ({
    name,
    help,
    samples: [[{}, number]],
  });
  const { pass, fail, unknown, waived } = totals;
  return [
    {
      name: 'ssh_scorecard_build_info',
      help: 'The version that judged.',
      samples: [[{ version: tool.version }, 1]],
    },
    one('ssh_scorecard_last_run_timestamp_seconds', 'When the run ended.', seconds(run.finishedAt)),
    one(
      'ssh_scorecard_judged_at_timestamp_seconds',
      'The instant everything was judged at.',
      seconds(run.now),
    ),
    one(
      'ssh_scorecard_run_partial',
      'Whether the run was interrupted before every host was asked.',
      bit(run.partial),
    ),
    one('ssh_scorecard_hosts', 'Hosts in the report.', totals.hosts),
    one('ssh_scorecard_hosts_reached', 'Hosts that were reached.', totals.reached),
    one('ssh_scorecard_hosts_complete', 'Hosts with ten passes of ten.', totals.complete),
    {
      name: 'ssh_scorecard_results',
      help: 'Results of the ten checks over all hosts. Waived ones are among those that fail.',
      samples: Object.entries({ pass, fail, unknown, waived }).map(([status, count]) => [{ status }, count]),
    },
    {
      name: 'ssh_scorecard_verdict',
      help: 'The closure verdict: 1 for the one that holds.',
      samples: ['closed', 'open', 'unproven'].map((verdict) => [
        { verdict },
        bit(closure.verdict === verdict),
      ]),
    },
    {
      name: 'ssh_scorecard_condition_met',
      help: 'Whether the condition of closure is met.',
      samples: closure.conditions.map(({ id, state }) => [{ condition: id }, bit(state === 'met')]),
    },
  ];
}

/** Waivers, attestations and changes, counted: no label holds what a person wrote. */
function standing(report: FleetReport): readonly Family[] {
  const ends = report.waivers
    .filter(({ state }) => state === 'applied')
    .map(({ expires }) => seconds(expires));
  return [
    {
      name: 'ssh_scorecard_waivers',
      help: 'Waivers of the policy by what came of them.',
      samples: waiverCounts(report).map(([state, count]) => [{ state }, count]),
    },
    {
      name: 'ssh_scorecard_waiver_next_expiry_timestamp_seconds',
      help: 'When the first of the applied waivers ends; no series without one.',
      samples: ends.length === 0 ? [] : [[{}, Math.min(...ends)]],
    },
    {
      name: 'ssh_scorecard_attestations',
      help: 'Attestations of the policy by whether they hold.',
      samples: attestationCounts(report).map(([state, count]) => [{ state }, count]),
    },
    {
      name: 'ssh_scorecard_changes',
      help: 'What changed since the run this one was compared with; no series without one.',
      samples: (report.changes === undefined ? [] : changeKinds(report.changes)).map(([kind, count]) => [
        { kind },
        count,
      ]),
    },
  ];
}

/**
 * The text exposition format of Prometheus, for node_exporter's textfile collector: gauges without timestamps,
 * one HELP and TYPE for each family. Labels are host, check, and words of ours: never what a host said.
 */
export const prometheus: Report = {
  id: 'prometheus',
  title: 'Metrics, for the textfile collector of Prometheus',
  mediaType: 'text/plain; version=0.0.4',
  render(report: FleetReport): string {
    const families = [...fleet(report), ...standing(report), ...perHost(report), ...perCheck(report)];
    return `${families.flatMap(lines).join('\n')}\n`;
  },
};
