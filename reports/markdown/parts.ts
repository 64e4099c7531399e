/** List items, sections, and what stands beside the outcomes. */
import type { Condition, FleetReport } from '../../src/model.js';
import { bounded, markdown as escaped } from '../escape.js';
import { evidenceText } from '../judged.js';
import { attestationText, changeLines, changesText, waiverUseText } from '../standing.js';

const MOST_CHANGES = 30;

/** Host text never begins a line: every line opens with words or marks of ours. */
export const show = (text: string, max = 600): string => escaped(bounded(text, max));

/** A list item: its head, then its lines indented below it, each behind a label. */
export function item(head: string, lines: readonly (readonly [string, string | undefined])[]): string {
  const below = lines.flatMap(([label, text]) =>
    text === undefined ? [] : [`  <br>${label}: ${show(text)}`],
  );
  return [`- ${head}`, ...below].join('\n');
}

/** A heading goes with its first item, so that a cut never leaves a heading alone. */
export function section(title: string, items: readonly string[]): readonly string[] {
  return items.map((text, index) => (index === 0 ? `### ${title}\n\n${text}` : text));
}

export function conditionTable(title: string, conditions: readonly Condition[]): readonly string[] {
  if (conditions.length === 0) return [];
  const rows = conditions.map((one) => {
    const needed = one.provide === undefined || one.state === 'met' ? '' : show(one.provide);
    const read = (one.evidence ?? []).slice(0, 3).map((each) => show(evidenceText(each), 200));
    const because = [show(one.because), ...read].join('<br>');
    return `| ${one.state === 'not-met' ? '**not met**' : one.state} | ${show(one.title, 200)} | ${because} | ${needed} |`;
  });
  return [
    `### ${title}\n\n| state | condition | because | to provide |\n| --- | --- | --- | --- |\n${rows.join('\n')}`,
  ];
}

/** Against the run before: what is new first. */
export function changed({ changes }: FleetReport): readonly string[] {
  if (changes === undefined) return [];
  const lines = changeLines(changes).map(({ word, text }) => item(`**${word}** ${show(text)}`, []));
  const left = lines.length - MOST_CHANGES;
  return [
    `### Changes\n\nCompared with the run before: ${show(changesText(changes))}`,
    ...lines.slice(0, MOST_CHANGES),
    ...(left > 0 ? [item(`and ${left} more`, [])] : []),
  ];
}

/** Every waiver and attestation of the policy, and what came of it. */
export function standing({ waivers, attestations }: FleetReport): readonly string[] {
  return [
    ...section(
      'Waivers',
      waivers.map((use) => item(`**${use.state}** ${show(waiverUseText(use), 1000)}`, [])),
    ),
    ...section(
      'Attestations',
      attestations.map((use) => item(`**${use.state}** ${show(attestationText(use), 1000)}`, [])),
    ),
  ];
}
