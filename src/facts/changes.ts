/**
 * What the kernel's audit and package managers recorded. Source: auditd(8), ausearch(8), systemd-journald-audit.socket(8),
 * systemd src/journal/journald-audit.c, audit-userspace
 * auparse/interpret.c (encoded arguments), dpkg(1) --log, dnf(8), zypper(8), pacman(8), apk(8).
 */
import type { HostEvidence, Reading } from '../model.js';
import { parseEvents } from './audit-records.js';
import { parsePackageLine, zoneMinutes } from './package-log.js';
import { probeReading, records, toldGaps, wordInteger, wordText } from './reading.js';
import type { ChangeLog } from './types.js';

/** `-a always,exit … -S execve` without a filter on anything but the login uid, or on the architecture. */
const NARROWING = /-F (?!arch=|auid|key=|success=)\S+/;

/** @returns programs of login sessions and package changes within the window, oldest first. */
export function readChanges(evidence: HostEvidence): Reading<ChangeLog> {
  const probe = probeReading(evidence, 'changes');
  if (!probe.ok) return probe;
  const rows = records(probe.value);
  const of = (kind: string) => rows.filter(([word]) => word === kind);
  const one = (key: string) => of(key)[0]?.[1];
  const gaps = new Set([...probe.gaps, ...toldGaps(rows)]);
  const now = wordInteger(one('now')) * 1000;
  const since = wordInteger(one('since')) * 1000;
  const lines = of('A').map((row) => Buffer.from(row.slice(1).join(' '), 'latin1').toString('utf8'));
  const total = wordInteger(one('total'));
  if (total > lines.length) gaps.add(`only the last ${lines.length} of ${total} audit records were read`);
  const fromJournal = one('audit-source') === 'journal';
  if (fromJournal)
    gaps.add(
      'audit records come from the journal, to which the kernel sends them without a promise that none is lost',
    );
  const lost = wordInteger(one('lost'));
  if (lost > 0) gaps.add(`the kernel lost ${lost} audit records since it started`);
  const { commands, logins, problems } = parseEvents(lines);
  if (problems > 0) gaps.add(`${problems} audit records could not be parsed`);
  const rules = of('rule')
    .map((row) => wordText(row[1]))
    .filter((rule) => /-S \S*(?:execve|all)/.test(rule) && !NARROWING.test(rule) && /always/.test(rule));
  const never = of('rule')
    .map((row) => wordText(row[1]))
    .find((rule) => /\bnever,(?:exit|task)\b/.test(rule));
  if (never !== undefined) gaps.add(`an audit rule leaves something out: ${never.slice(0, 200)}`);
  const begins = wordInteger(one('audit-begins'));
  const enabled = wordInteger(one('enabled'));
  const minutes = zoneMinutes(one('zone') ?? '');
  const read = (text: string, mtime: number, tool: string) => parsePackageLine(tool, text, minutes, mtime);
  const packages = of('P').flatMap((row) => {
    const text = Buffer.from(row.slice(3).join(' '), 'latin1').toString('utf8');
    const found = read(text, wordInteger(row[2]) * 1000, row[1] ?? '');
    return found && found.at >= since ? [found] : [];
  });
  const tools = [...new Set(of('log').map((row) => row[1] ?? ''))];
  return {
    ok: true,
    gaps: [...gaps],
    value: {
      auditing: {
        recorder:
          one('auditd') === 'running'
            ? 'auditd'
            : fromJournal && one('listens') === 'yes'
              ? 'journald'
              : 'none',
        enabled: enabled < 0 ? null : enabled > 0,
        rules,
        coversFrom: begins < 0 ? null : Math.max(since, begins * 1000),
      },
      commands,
      logins,
      packages: packages.sort((a, b) => a.at - b.at),
      packageLogs: tools.map((tool) => ({ tool, coversFrom: coverage(of('log'), tool, minutes, since) })),
      coversTo: now < 0 ? null : now,
    },
  };
}

/** An older file that was not opened, or a first line: either tells how far back the log reaches. */
function coverage(
  logs: readonly (readonly string[])[],
  tool: string,
  minutes: number,
  since: number,
): number | null {
  const times = logs
    .filter((row) => row[1] === tool)
    .map((row) => {
      if (row[4] === '-') return since;
      const day = /^\[?(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)/.exec(wordText(row[4]));
      const at = day ? Date.parse(`${day[1]}T${day[2]}Z`) - minutes * 60_000 : Number.NaN;
      return Number.isNaN(at) ? Infinity : Math.max(since, at);
    });
  const first = Math.min(...times);
  return Number.isFinite(first) ? first : null;
}
