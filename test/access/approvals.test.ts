import { describe, expect, test } from 'vitest';
import { approvalOf, samePerson } from '../../src/access/approvals.js';
import type { KnownLogin } from '../../src/access/logins.js';
import { readApprovals } from '../../src/facts/sources/approvals.js';
import type { Approval } from '../../src/facts/types.js';
import type { Reading } from '../../src/model.js';

const AT = Date.parse('2026-11-20T10:00:00Z');
const HOUR = 3_600_000;
const approval = (more: Partial<Approval> = {}): Approval => ({
  id: 'a1', requester: 'bernd', approvers: ['carla'], state: 'approved', reason: 'disk full', ticket: 'OPS-12', hosts: ['web-*'],
  principals: ['adm-full'], from: AT - HOUR, until: AT + HOUR, source: 'x:1', ...more,
}); // prettier-ignore
const login = (keyId = 'adm-bernd', more: Partial<KnownLogin> = {}): KnownLogin => ({
  identity: keyId,
  actor: 'adm',
  method: 'certificate',
  strangeCa: false,
  login: {
    at: AT, method: 'publickey', account: 'ops', from: '10.0.0.9', port: 1, pid: 1, trusted: true, identityLost: false,
    certificate: { keyId, serial: '1', caFingerprint: 'SHA256:x' },
  },
  issuance: { principals: ['adm-full'] } as unknown as NonNullable<KnownLogin['issuance']>,
  ...more,
}); // prettier-ignore
const ask = (approvals: readonly Approval[], one = login(), pattern?: string) =>
  approvalOf(one, 'web-1', { approvals: { ok: true, gaps: [], value: approvals }, ticketPattern: pattern });

describe('logins against approvals', () => {
  test('approved by somebody else, for this host, at this time', () => {
    expect(ask([approval()])).toMatchObject({
      state: 'approved',
      ticket: 'OPS-12',
      why: 'approved by carla; OPS-12: disk full',
    });
    expect(ask([approval({ hosts: [], principals: [] })]).state).toBe('approved');
    expect(ask([approval({ requester: 'bernd@example.com' })]).state).toBe('approved');
  });

  test.each([
    ['outside', { until: AT }],
    ['outside', { from: AT + 1, until: AT + HOUR }],
    ['self-approved', { approvers: ['adm-bernd'] }],
    ['self-approved', { approvers: ['bernd@example.com'] }],
    ['not-approved', { approvers: [] }],
    ['not-approved', { state: 'denied' }],
    ['not-approved', { state: 'pending' }],
    ['not-approved', { requester: 'carla' }],
    ['not-approved', { hosts: ['db-*'] }],
  ] as const)('%s: %o', (state, more) => {
    expect(ask([approval(more)]).state).toBe(state);
  });

  test('the login happens when the approval ends: it is outside, one moment before it is not', () => {
    expect(ask([approval({ until: AT + 1 })]).state).toBe('approved');
    expect(ask([approval({ from: AT })]).state).toBe('approved');
  });

  test('a principal that the certificate did not hold is another approval', () => {
    const issuance = { principals: ['adm-readonly'] } as unknown as NonNullable<KnownLogin['issuance']>;
    expect(ask([approval()], login('adm-bernd', { issuance })).state).toBe('not-approved');
  });

  test('an approval for principals approves nothing when those of the certificate are not known', () => {
    const { issuance: _, ...unknown } = login();
    expect(ask([approval()], unknown)).toMatchObject({
      state: 'not-approved',
      why: 'the approval is for adm-full, and the principals of the certificate are not known; OPS-12: disk full',
    });
    // The account itself may be what was approved, and an approval for anything holds for this, too.
    expect(ask([approval({ principals: ['ops'] })], unknown).state).toBe('approved');
    expect(ask([approval({ principals: [] })], unknown).state).toBe('approved');
    expect(ask([approval({ until: AT })], unknown).state).toBe('outside');
  });

  test('hosts by an ID that nothing here knows', () => {
    const hosts = ['3f2504e0-4f89-41d3-9a0c-0305e82c3301'];
    expect(ask([approval({ hosts })])).toMatchObject({
      state: 'not-approved',
      why: 'an approval names hosts by IDs that the inventory does not know, and none names this host',
    });
  });

  test('one good approval is enough, whatever else was asked', () => {
    expect(ask([approval({ state: 'denied', id: 'a0' }), approval()]).state).toBe('approved');
  });

  test('machines, and a source that was not asked, are not called unapproved', () => {
    expect(ask([], login('atm-backup', { actor: 'atm' })).state).toBe('not-asked');
    const none: Reading<readonly Approval[]> = { ok: false, reason: 'not-configured', detail: '' };
    expect(approvalOf(login(), 'web-1', { approvals: none, ticketPattern: '[A-Z]+-[0-9]+' })).toMatchObject({
      state: 'not-asked',
      ticket: '',
    });
  });

  test('the ticket in a key ID', () => {
    expect(ask([], login('adm-bernd OPS-77'), '[A-Z]+-[0-9]+')).toMatchObject({
      state: 'not-approved',
      ticket: 'OPS-77',
    });
    expect(samePerson('adm-bernd OPS-77', 'bernd')).toBe(true);
    expect(samePerson('adm-berndt', 'bernd')).toBe(false);
  });
});

const evidence = (type: string, body: string, configuration: Record<string, unknown> = {}) => ({
  schema: 1 as const, source: 'approvals' as const, type, startedAt: '2026-11-21T02:00:00Z', finishedAt: '2026-11-21T02:00:00Z', configuration, failures: [],
  answers: { 'file/a.json': { asked: 'read a.json', at: '2026-11-21T02:00:00Z', status: 0, body, encoding: 'utf8' as const, bytes: body.length, cut: false, sha256: '' } },
}); // prettier-ignore

describe('approvals from files', () => {
  test('JSON lines; a bad one is a gap and approves nothing', () => {
    const lines = [
      {
        requester: 'bernd',
        approver: 'carla',
        reason: 'OPS-12 disk full',
        hosts: ['web-1'],
        principals: 'adm-full',
        from: '2026-11-20T09:00:00Z',
        until: '2026-11-20T11:00:00+00:00',
      },
      { requester: 'bernd', from: '2026-11-20 09:00', until: '2026-11-20 11:00' },
    ];
    const reading = readApprovals(
      evidence('jsonl', `${lines.map((one) => JSON.stringify(one)).join('\n')}\n{\n`),
    );
    expect(reading).toMatchObject({
      ok: true,
      value: [
        {
          requester: 'bernd',
          approvers: ['carla'],
          state: 'approved',
          ticket: 'OPS-12',
          principals: ['adm-full'],
          from: AT - HOUR,
          source: 'a.json:1',
        },
      ],
    });
    expect(reading.ok && reading.gaps).toEqual(['a.json: 2 entries are no approvals, the first at line 2']);
  });

  test('access requests of Teleport', () => {
    const request = {
      kind: 'access_request', version: 'v3', metadata: { name: '0193-ab', expires: '2026-11-20T12:00:00Z' },
      spec: { user: 'bernd@example.com', roles: ['prod'], state: 2, created: '2026-11-20T09:00:00Z', expires: '2026-11-20T12:00:00Z', request_reason: 'OPS-12', reviews: [{ author: 'carla', proposed_state: 2 }, { author: 'dave', proposed_state: 3 }], resource_ids: [{ cluster: 'c', kind: 'node', name: 'web-1' }] },
    }; // prettier-ignore
    expect(readApprovals(evidence('teleport', JSON.stringify([request])))).toMatchObject({
      ok: true,
      value: [
        {
          id: '0193-ab',
          requester: 'bernd@example.com',
          approvers: ['carla'],
          state: 'approved',
          hosts: ['web-1'],
          ticket: 'OPS-12',
          until: AT + 2 * HOUR,
        },
      ],
    });
    const pending = { ...request, spec: { ...request.spec, state: 1 } };
    expect(readApprovals(evidence('teleport', JSON.stringify([pending])))).toMatchObject({
      value: [{ state: 'pending' }],
    });
  });

  test('events of a webhook, wherever their parts stand', () => {
    const event = {
      data: {
        user: { email: 'bernd@example.com' },
        by: 'carla',
        outcome: 'Granted',
        start: 1_795_165_200,
        end: 1_795_172_400,
        key: 'OPS-12',
      },
    };
    const fields = {
      requester: 'data.user.email',
      approver: 'data.by',
      state: 'data.outcome',
      from: 'data.start',
      until: 'data.end',
      ticket: 'data.key',
    };
    expect(readApprovals(evidence('webhook', JSON.stringify({ events: [event] }), { fields }))).toMatchObject(
      {
        value: [
          {
            requester: 'bernd@example.com',
            approvers: ['carla'],
            state: 'approved',
            ticket: 'OPS-12',
            from: 1_795_165_200_000,
          },
        ],
      },
    );
    expect(
      readApprovals(evidence('webhook', JSON.stringify(event), { fields, approved: ['yes'] })),
    ).toMatchObject({ value: [{ state: 'pending' }] });
  });

  test('hostile shapes are gaps', () => {
    for (const body of [
      '[[[[',
      '"x"',
      '[null,1,{"requester":{}}]',
      `${'['.repeat(500)}${']'.repeat(500)}`,
      '{"requester":"a","from":1e400,"until":2}',
    ])
      for (const type of ['jsonl', 'teleport', 'webhook'])
        expect(readApprovals(evidence(type, body))).toMatchObject({ ok: true, value: [] });
  });
});
