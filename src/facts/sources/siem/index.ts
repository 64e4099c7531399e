/** The logins the central log store holds, from its saved answers. Pure. */
import type { Policy, Reading, SourceEvidence } from '../../../model.js';
import type { SiemFacts, StoredLogin } from '../../types.js';
import { sentence, unreadable } from '../answers.js';
import { loginOfLine, offsetMinutes } from './line.js';
import { hoursOf } from './hours.js';
import { PRESENCE, windowOf } from './names.js';
import { parserOf } from './stores.js';

/**
 * @returns logins within the window that was asked for, oldest first. Whatever was cut, failed or could not be
 *   understood is a gap: a store that shows less than it holds must not look like one that lost lines.
 */
export function readSiem(evidence: SourceEvidence, _policy: Policy): Reading<SiemFacts> {
  const parse = parserOf(evidence.type);
  const pages = Object.entries(evidence.answers)
    .flatMap(([name, answer]) => {
      const window = windowOf(name);
      return window === null ? [] : [{ name, window, answer }];
    })
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  const [first] = pages;
  const asked = pages.filter(({ answer }) => answer.status >= 200 && answer.status < 300);
  if (parse === null || first === undefined || asked.length === 0)
    return unreadable(evidence, 'it was not asked for logins');
  const { configuration } = evidence;
  const zone = offsetMinutes(
    typeof configuration['timezone'] === 'string' ? configuration['timezone'] : undefined,
  );
  const gaps = new Set(evidence.failures.map((failure) => `sources.siem: ${sentence(failure)}`));
  const seen = new Set<string>();
  const logins: StoredLogin[] = [];
  let twice = 0;
  const nameOf = namer(configuration);
  for (const { name, answer } of asked) {
    const { rows, problems } = parse(answer, configuration, zone);
    for (const problem of problems) gaps.add(`sources.siem: ${problem} (${name})`);
    if (answer.cut) gaps.add(`sources.siem: an answer was cut after ${answer.bytes} bytes (${name})`);
    for (const row of rows) {
      if (seen.has(row.key)) continue;
      seen.add(row.key);
      const found = loginOfLine(row.line, row.at, zone, row.pid);
      if (found === null) continue;
      const label = row.host ?? found.host;
      logins.push({ ...found.login, ...(label !== undefined && { label, host: nameOf(label) }) });
    }
  }
  const silence = logins.length === 0 ? silent(evidence) : null;
  if (silence !== null) gaps.add(`sources.siem: ${silence}`);
  const unique = new Map(logins.map((login) => [identity(login), login]));
  twice = logins.length - unique.size;
  return {
    ok: true,
    gaps: [...gaps],
    value: {
      logins: [...unique.values()].sort((one, other) => one.at - other.at),
      coversFrom: first.window.from,
      coversTo: first.window.to,
      duplicates: twice,
      shortNames: configuration['match'] === 'short',
    },
  };
}

/** Why no login at all may mean that nothing was to be seen; null: other lines of the window were. */
function silent({ type, answers }: SourceEvidence): string | null {
  const answer = answers[PRESENCE];
  if (answer === undefined) return null;
  const hours = hoursOf(type, answer);
  if (hours === null) return 'whether it holds any line of the window could not be understood';
  return hours.length > 0
    ? null
    : 'it shows no line at all of the window: correct what is selected, or let the credential read it';
}

function identity({ at, label, pid, port, account, certificate }: StoredLogin): string {
  return JSON.stringify([Math.floor(at / 1000), label, pid, port, account, certificate?.serial]);
}

/** The explicit map decides; else the store's name is taken as the inventory's. */
function namer({ hosts }: Readonly<Record<string, unknown>>): (label: string) => string {
  const entries = typeof hosts === 'object' && hosts !== null ? Object.entries(hosts) : [];
  const map = new Map(entries.map(([label, name]) => [label.toLowerCase(), String(name)]));
  return (label) => map.get(label.toLowerCase()) ?? label;
}
