import { describe, expect, test } from 'vitest';
import { judgeHost, type JudgeContext } from '../src/evaluate.js';
import type { AnyCheck, Check, Host, HostEvidence, Outcome, Waiver } from '../src/model.js';
import { defaultPolicy } from '../src/policy.js';
import { METAS } from './fixtures/reports/build.js';

const NOW = new Date('2026-11-21T02:00:00Z');
const host: Host = {
  name: 'web-01',
  address: 'web-01',
  transport: 'ssh',
  become: 'sudo',
  tags: [],
  jump: [],
  hostKeys: [],
  allowedPrincipals: { adm: [], agt: [], atm: [] },
  at: { file: 'inventory.yaml', line: 1, column: 1 },
};
const evidence = (more: Partial<HostEvidence> = {}): HostEvidence => ({
  schema: 1,
  host: 'web-01',
  startedAt: NOW.toISOString(),
  finishedAt: NOW.toISOString(),
  collector: { protocol: 1, uid: 0, clock: 0, shell: 'sh' },
  probes: {
    system: {
      rc: 0,
      stdout: 'hostname web-01\nclock 1795226400\n',
      stdoutEncoding: 'utf8',
      stderr: '',
      bytes: 30,
      cut: false,
      timedOut: false,
      sha256: '',
    },
  },
  ...more,
});

function check(
  id: string,
  evaluate: AnyCheck['evaluate'],
  needs: Check['meta']['needs'] = { host: ['system'], fleet: [] },
): AnyCheck {
  const meta = METAS.find((each) => each.id === id) ?? METAS[0];
  if (!meta) throw new Error('no metadata');
  return { meta: { ...meta, id, needs }, evaluate };
}
const NOTHING = { ok: false, reason: 'not-configured', detail: 'nothing is configured' } as const;
const PASS: Outcome = { status: 'pass', because: 'seen', evidence: [] };
const FAIL: Outcome = { status: 'fail', findings: [{ subject: 'x', message: 'y', evidence: [] }] };

function judge(
  evaluate: AnyCheck['evaluate'],
  more: Partial<HostEvidence> = {},
  context: Partial<JudgeContext> = {},
) {
  return judgeHost(host, evidence(more), {
    checks: [check('root-login', evaluate)],
    plugins: [],
    guidance: [],
    fleet: {
      certificateLog: NOTHING,
      vault: NOTHING,
      siem: NOTHING,
      attestations: NOTHING,
      git: NOTHING,
      pipeline: NOTHING,
      people: NOTHING,
      cloud: NOTHING,
    },
    policy: defaultPolicy(),
    now: NOW,
    expectations: () => ({
      host: 'web-01',
      tags: [],
      allowedPrincipals: host.allowedPrincipals,
      ca: { trustedUserCaKeys: '/ca', fingerprints: [] },
    }),
    hash: () => 'ab',
    ...context,
  }).report;
}

describe('the evidence law, whatever a check says', () => {
  test('a host read whole, as root, may pass', () => {
    expect(judge(() => PASS)).toMatchObject({ score: 1, results: [{ outcome: PASS }] });
  });

  test('an unreachable host is unknown for every check, whatever the check would say', () => {
    const failure = { code: 'connect-timeout', phase: 'connect', detail: 'no answer' } as const;
    for (const outcome of [PASS, FAIL]) {
      const report = judge(() => outcome, { probes: {}, failure });
      expect(report.results[0]?.outcome).toMatchObject({
        status: 'unknown',
        reason: 'unreachable',
        detail: 'connect-timeout: no answer',
      });
      expect([report.score, report.failure?.code]).toEqual([0, 'connect-timeout']);
    }
  });

  test('a host read in part passes nothing, and what failed stays failed', () => {
    const cut: Partial<HostEvidence> = {
      failure: { code: 'output-cut', phase: 'parse', detail: 'after 3 of 13 probes' },
    };
    expect(judge(() => PASS, cut).results[0]?.outcome).toMatchObject({
      status: 'unknown',
      reason: 'truncated',
    });
    expect(judge(() => FAIL, cut).results[0]?.outcome).toEqual(FAIL);
  });

  test('a collector that was not root passes nothing', () => {
    const user: Partial<HostEvidence> = { collector: { protocol: 1, uid: 1000, clock: 0, shell: 'sh' } };
    expect(judge(() => PASS, user).results[0]?.outcome).toMatchObject({
      status: 'unknown',
      reason: 'denied',
    });
    expect(judge(() => FAIL, user).results[0]?.outcome.status).toBe('fail');
  });

  test('a check that throws is unknown with its error, and the others stand', () => {
    const report = judge(
      () => PASS,
      {},
      {
        checks: [
          check('ca-trust', () => {
            throw new Error('boom');
          }),
          check('root-login', () => PASS),
        ],
      },
    );
    expect(report.results.map(({ outcome }) => outcome.status)).toEqual(['unknown', 'pass']);
    expect(report.results[0]?.outcome).toMatchObject({
      reason: 'check-crashed',
      detail: expect.stringContaining('boom') as string,
    });
  });

  test('a check receives the facts it declares and no others', () => {
    let seen: object = {};
    judge((input) => {
      seen = input;
      return PASS;
    });
    expect(Object.keys((seen as { host: object }).host)).toEqual(['system']);
    expect(Object.keys((seen as { fleet: object }).fleet)).toEqual([]);
  });

  test('plug-ins are judged and never scored', () => {
    const report = judge(() => FAIL, {}, { plugins: [check('site-rule', () => PASS)] });
    expect([report.score, report.extra[0]?.outcome.status]).toEqual([0, 'pass']);
  });
});

describe('waivers', () => {
  const waiver: Waiver = {
    check: 'root-login',
    hosts: ['web-*'],
    subjects: [],
    owner: 'a',
    approver: 'b',
    reason: 'c',
    expires: '2026-12-01T00:00:00.000Z',
  };
  const waived = (more: Partial<Waiver>) =>
    judge(() => FAIL, {}, { policy: { ...defaultPolicy(), waivers: [{ ...waiver, ...more }] } }).results[0];

  test('an accepted failure is marked, and stays a failure', () => {
    expect(waived({})).toMatchObject({ outcome: { status: 'fail' }, waiver: { owner: 'a', expired: false } });
  });
  test('an expired one accepts nothing, and is shown as expired', () => {
    expect(waived({ expires: '2026-11-20T00:00:00.000Z' })).toMatchObject({
      outcome: { status: 'fail' },
      waiver: { expired: true },
    });
  });
  test.each([
    [{ expires: '2027-02-20T00:00:00.000Z' }],
    [{ hosts: ['db-*'] }],
    [{ check: 'ca-trust' }],
    [{ subjects: ['other'] }],
  ])('%j covers nothing', (more) => {
    expect(waived(more)?.waiver).toBeUndefined();
  });
});
