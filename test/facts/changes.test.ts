import { describe, expect, test } from 'vitest';
import { readChanges } from '../../src/facts/changes.js';
import type { HostEvidence } from '../../src/model.js';

const NOW = Math.floor(Date.parse('2026-11-21T02:00:00Z') / 1000);

function told(...lines: readonly string[]) {
  const stdout = [`now ${NOW}`, `since ${NOW - 14 * 86_400}`, 'zone +0000', ...lines, ''].join('\n');
  const probe = {
    rc: 0, stdout, stderr: '', bytes: stdout.length, cut: false, timedOut: false, sha256: '',
  }; // prettier-ignore
  const evidence = {
    schema: 1, host: 'h', startedAt: '', finishedAt: '', probes: { changes: probe },
  } as unknown as HostEvidence; // prettier-ignore
  const reading = readChanges(evidence);
  if (!reading.ok) throw new Error(reading.detail);
  return reading;
}

const RECORDS = [
  `A type=SYSCALL msg=audit(${NOW - 60}.500:7): arch=c000003e syscall=59 success=yes exit=0 auid=1002 uid=1002 euid=0 ses=12 exe="/usr/bin/apt"`,
  `A type=EXECVE msg=audit(${NOW - 60}.500:7): argc=2 a0="apt" a1=68656C6C6F`,
];

describe('who records what sessions run', () => {
  test.each([
    ['auditd', ['auditd running', 'listens yes', 'audit-source file']],
    ['auditd', ['auditd running', 'listens no', 'audit-source none']],
    ['journald', ['auditd absent', 'listens yes', 'audit-source journal']],
    // Records of some earlier day, and nobody listens now.
    ['none', ['auditd absent', 'listens no', 'audit-source journal']],
    ['none', ['auditd absent', 'listens yes', 'audit-source none']],
    ['none', ['auditd absent', 'listens no', 'audit-source file']],
    ['none', []],
  ])('%s: %o', (recorder, lines) => {
    expect(told(...lines).value.auditing.recorder).toBe(recorder);
  });

  test('a rule that leaves something out is a gap, and no rule that records', () => {
    const word = (text: string) => `rule =${Buffer.from(text).toString('base64')}`;
    const records = '-a always,exit -F arch=b64 -S execve -F key=exec';
    const never = '-a never,exit -F arch=b64 -S all -F exe=/usr/bin/x';
    const reading = told('auditd running', word(never), word(records));
    expect(reading.value.auditing.rules).toEqual([records]);
    expect(reading.gaps).toEqual([`an audit rule leaves something out: ${never}`]);
    expect(told('auditd running', word(records)).gaps).toEqual([]);
  });

  test('records are the same wherever they were, and those of the journal are never called whole', () => {
    const file = told(
      'auditd running',
      'audit-source file',
      `audit-begins ${NOW - 90}`,
      'total 2',
      ...RECORDS,
    );
    const journal = told(
      'listens yes',
      'audit-source journal',
      `audit-begins ${NOW - 90}`,
      'total 2',
      ...RECORDS,
    );
    expect(file.value.commands).toMatchObject([
      { argv: ['apt', 'hello'], session: 12, loginUid: 1002, uid: 0 },
    ]);
    expect(journal.value.commands).toEqual(file.value.commands);
    expect(journal.value.auditing.coversFrom).toBe((NOW - 90) * 1000);
    expect(file.gaps).toEqual([]);
    expect(journal.gaps).toEqual([
      'audit records come from the journal, to which the kernel sends them without a promise that none is lost',
    ]);
  });
});
