/** What Git answered -> where the inventory stands. Source: git-log(1), gitcli(7). */
import { parseDocument, isMap, isSeq } from 'yaml';
import type { Reading, SourceAnswer, SourceEvidence } from '../../model.js';
import type { GitFacts } from '../types.js';
import { nestsLittle, UNDRAWN } from './nesting.js';

const UNIT = '\u001f';
const RECORD = '\u001e';
/** `%G?` of git-log(1). */
const SIGNATURES: Readonly<Record<string, string>> = {
  G: 'good',
  U: 'good, but of a key nobody vouches for',
  B: 'bad',
  X: 'good, but it has expired',
  Y: 'good, but made by an expired key',
  R: 'good, but made by a revoked key',
  E: 'impossible to check here',
  N: 'missing',
};

export function readGit(evidence: SourceEvidence): Reading<GitFacts> {
  const { answers, failures } = evidence;
  const said = (name: string): string | null => succeeded(answers[name]);
  const commit = said('head');
  if (commit === null || !/^[0-9a-f]{40,64}$/.test(commit))
    return { ok: false, reason: 'failed', detail: failures[0]?.detail ?? 'Git did not tell the commit' };
  const committed = said('blob-committed');
  const here = said('blob-here');
  return {
    ok: true,
    value: {
      commit,
      tracked: said('tracked') !== null && committed !== null,
      clean: committed !== null && committed === here,
      pushed: pushed(answers, commit),
      upstream: upstreamOf(answers),
      signOff: signOff(said('sign-off') ?? '', evidence.configuration['signed_off_by']),
      hostCounts: hostCounts(answers),
    },
    gaps: failures.map(({ detail }) => detail),
  };
}

function pushed(answers: SourceEvidence['answers'], commit: string): boolean | null {
  const central = /^([0-9a-f]{40,64})\t/.exec(succeeded(answers['central']) ?? '')?.[1];
  if (central === undefined) return null;
  if (central === commit) return true;
  const contains = answers['contains']?.status;
  // 128: the central commit is not in this copy, so Git cannot tell; a fetch would.
  return contains === 0 ? true : contains === 1 ? false : null;
}

function upstreamOf(answers: SourceEvidence['answers']): string {
  const reference = /\trefs\/heads\/(\S+)/.exec(succeeded(answers['central']) ?? '')?.[1];
  const url = succeeded(answers['remote-url']);
  return reference === undefined || url === null ? '' : `${reference} of ${url}`;
}

/** The newest commit with the trailer by somebody who may declare; a good signature first. */
function signOff(log: string, allowed: unknown): GitFacts['signOff'] {
  const names = typeof allowed === 'string' ? [allowed] : Array.isArray(allowed) ? allowed.map(String) : [];
  const all = log
    .split(RECORD)
    .map((record) => record.trim().split(UNIT))
    .flatMap(([commit = '', , name = '', address = '', state = '', trailer = '']) => {
      const date = /^(\d{4}-\d\d-\d\d)\b/.exec(trailer.trim())?.[1];
      if (date === undefined || Number.isNaN(Date.parse(date))) return [];
      if (names.length > 0 && !names.includes(name) && !names.includes(address)) return [];
      return [{ commit, by: `${name} <${address}>`, date, signature: SIGNATURES[state] ?? 'missing' }];
    });
  return all.find(({ signature }) => signature === 'good') ?? all[0] ?? null;
}

function hostCounts(answers: SourceEvidence['answers']): GitFacts['hostCounts'] {
  const dates = new Map(
    (succeeded(answers['history']) ?? '').split('\n').map((line) => {
      const [commit = '', date = ''] = line.split(UNIT);
      return [commit, date] as const;
    }),
  );
  return Object.entries(answers)
    .flatMap(([name, answer]) => {
      const date = dates.get(name.replace(/^size\//, ''));
      const hosts = name.startsWith('size/') && !answer.cut ? countHosts(succeeded(answer) ?? '') : null;
      return date === undefined || hosts === null || Number.isNaN(Date.parse(date)) ? [] : [{ date, hosts }];
    })
    .toSorted((a, b) => Date.parse(a.date) - Date.parse(b.date));
}

function countHosts(text: string): number | null {
  if (!nestsLittle(text)) return null;
  const { contents } = parseDocument(text, { ...UNDRAWN, uniqueKeys: false });
  const hosts = isMap(contents) ? contents.get('hosts') : null;
  return isSeq(hosts) ? hosts.items.length : null;
}

function succeeded(answer: SourceAnswer | undefined): string | null {
  return answer?.status === 0 && answer.encoding === 'utf8' ? answer.body.trim() : null;
}
