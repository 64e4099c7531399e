import { describe, expect, it } from 'vitest';
import type { CheckId, FleetReport, GatherFailure, HostReport, Outcome } from '../../src/model.js';
import { awkward } from './awkward/index.js';
import { compare, type Source } from './compare.js';
import { deviation } from './deviations/index.js';
import type { Fleet, FleetHost, HostSpec } from './types.js';

const CHECKS: readonly CheckId[] = [
  'ca-trust',
  'no-static-keys',
  'principals',
  'certificate-lifetime',
  'password-auth',
  'root-login',
  'actor-wrapper',
  'audit-logging',
  'ca-security',
  'bootstrap-complete',
];
const ALL_SOURCES: readonly Source[] = ['certificates', 'siem', 'vault', 'attestations'];
const pass: Outcome = { status: 'pass', because: 'looked', evidence: [] };
const fail: Outcome = { status: 'fail', findings: [{ subject: 's', message: 'm', evidence: [] }] };
const unknown: Outcome = { status: 'unknown', reason: 'unreachable', detail: 'd' };

function fleetOf(hosts: Readonly<Record<string, HostSpec>>): Fleet {
  const list = Object.entries(hosts).map(([name, spec]) => ({ name, spec }) as FleetHost);
  return { hosts: list } as unknown as Fleet;
}

/** A row in which everything has one outcome, but for what is said. */
function row(
  name: string,
  otherwise: Outcome,
  but: Partial<Record<CheckId, Outcome>> = {},
  failure?: GatherFailure['code'],
): HostReport {
  const results = CHECKS.map((id) => ({ id, outcome: but[id] ?? otherwise }));
  return {
    name,
    tags: [],
    at: { file: 'i', line: 1, column: 1 },
    score: 0,
    results,
    extra: [],
    guidance: [],
    ...(failure === undefined ? {} : { failure: { code: failure, phase: 'connect', detail: 'd' } }),
  };
}

const reportOf = (...hosts: HostReport[]): FleetReport => ({ hosts }) as unknown as FleetReport;
const found = (report: FleetReport, fleet: Fleet, sources: readonly Source[] = ALL_SOURCES): string[] =>
  compare(report, fleet, sources).map((each) => `${each.host} ${each.check}: ${each.expected}`);

describe('compare', () => {
  const fleet = fleetOf({ good: {} });

  it('agrees with a sound host that passes everything', () => {
    expect(found(reportOf(row('good', pass)), fleet)).toEqual([]);
  });

  it('names every check that is wrong about a sound host', () => {
    expect(found(reportOf(row('good', pass, { 'root-login': fail, principals: unknown })), fleet)).toEqual([
      'good principals: pass',
      'good root-login: pass',
    ]);
  });

  it('lets unknown stand where a source was missing, but never a fail', () => {
    expect(
      found(reportOf(row('good', pass, { 'ca-security': unknown, 'audit-logging': unknown })), fleet, []),
    ).toEqual([]);
    expect(found(reportOf(row('good', pass, { 'ca-security': fail })), fleet, [])).toEqual([
      'good ca-security: not-fail',
    ]);
    expect(found(reportOf(row('good', pass, { 'root-login': unknown })), fleet, [])).toEqual([
      'good root-login: pass',
    ]);
  });

  it('notices hosts that vanish or appear', () => {
    expect(found(reportOf(row('other', pass)), fleet)).toEqual([
      'good host: a row in the report',
      'other host: no such host',
    ]);
  });

  it('wants the verdict of the deviation, and of what changes with it', () => {
    const bad = fleetOf({ bad: { deviations: [deviation('ca-route-authorized-keys')] } });
    expect(found(reportOf(row('bad', pass, { 'ca-trust': fail, 'no-static-keys': fail })), bad)).toEqual([]);
    expect(found(reportOf(row('bad', pass)), bad)).toEqual([
      'bad ca-trust: fail',
      'bad no-static-keys: fail',
    ]);
    const either = fleetOf({ bad: { deviations: [deviation('ca-daemon-option')] } });
    expect(found(reportOf(row('bad', pass, { 'ca-trust': unknown })), either)).toEqual([]);
    expect(found(reportOf(row('bad', pass)), either)).toEqual(['bad ca-trust: not-pass']);
  });

  it('takes a refused login for the right answer where the auditor is locked out, and then no pass', () => {
    const locked = fleetOf({ bad: { deviations: [deviation('ca-krl-missing')] } });
    expect(found(reportOf(row('bad', unknown, {}, 'login-refused')), locked)).toEqual([]);
    expect(found(reportOf(row('bad', unknown, { 'root-login': pass }, 'login-refused')), locked)).toEqual([
      'bad root-login: unknown',
    ]);
    expect(found(reportOf(row('bad', unknown, {}, 'connect-refused')), locked)).toEqual([
      'bad host: audited',
    ]);
    expect(found(reportOf(row('bad', pass, { 'ca-trust': fail })), locked)).toEqual([]);
  });

  it('wants the right failure of an awkward host, and nothing learnt of it', () => {
    const down = fleetOf({ down: { awkward: awkward('down') } });
    expect(found(reportOf(row('down', unknown, {}, 'connect-refused')), down)).toEqual([]);
    expect(found(reportOf(row('down', unknown, {}, 'dns')), down)).toEqual(['down host: connect-refused']);
    expect(found(reportOf(row('down', pass)), down)).toEqual(['down host: connect-refused']);
    expect(found(reportOf(row('down', unknown, { 'ca-trust': pass }, 'connect-refused')), down)).toEqual([
      'down ca-trust: unknown',
    ]);
  });

  it('wants an odd but sound host audited like any other', () => {
    const odd = fleetOf({
      odd: { awkward: awkward('shell-fish') },
      box: { awkward: awkward('busybox-userland') },
    });
    expect(found(reportOf(row('odd', pass), row('box', unknown)), odd)).toEqual([]);
    expect(
      found(reportOf(row('odd', unknown, {}, 'no-frames'), row('box', pass, { principals: fail })), odd),
    ).toEqual(['odd host: audited', 'box principals: not-fail']);
  });
});
