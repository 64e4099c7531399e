/** The second look, and the two checks that need it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { separateBastions } from '../checks/guidance/separate-bastions.js';
import { sharedKeys } from '../checks/guidance/shared-keys.js';
import type { JudgedHost } from '../src/evaluate.js';
import type { KeyPlace } from '../src/facts/types.js';
import type { AnyCheck, ConnectionRecord, HostReport, Outcome, Policy } from '../src/model.js';
import { defaultPolicy } from '../src/policy.js';
import { lookAgain } from '../src/second-look.js';
import { host as hostReport, run } from './fixtures/reports/build.js';

const PASS: Outcome = { status: 'pass', because: 'read', evidence: [] };
const UNREAD: Outcome = { status: 'unknown', reason: 'denied', detail: 'not read' };

interface Given {
  readonly environment?: string | undefined;
  readonly outcome?: Outcome;
  readonly privateKeys?: readonly KeyPlace[];
  readonly staticKeys?: readonly KeyPlace[];
  readonly hostKey?: string;
  readonly connection?: Partial<ConnectionRecord> | null;
  readonly partial?: true;
}

function judgedHost(check: string, name: string, given: Given): JudgedHost {
  const { environment, outcome = PASS, privateKeys = [], staticKeys = [], partial } = given;
  const connection: ConnectionRecord = {
    transport: 'ssh',
    address: name,
    port: 22,
    user: 'auditor',
    route: [],
    hostKey: {
      type: 'ssh-ed25519',
      fingerprint: given.hostKey ?? `SHA256:host-${name}`,
      verifiedBy: 'inventory',
    },
    authenticatedBy: `publickey certificate ssh-ed25519-cert-v01@openssh.com SHA256:${'k'.repeat(43)} ID "atm-${environment ?? name}" (serial 7)`,
    ...given.connection,
  };
  const { environment: _none, ...base } = hostReport(name, []);
  const report: HostReport = {
    ...base,
    ...(environment !== undefined && { environment }),
    ...(given.connection !== null && { connection }),
    guidance: [{ id: check, outcome }],
    access: { caKeys: [], staticKeys, principals: [], ...(partial && { partial }) },
  };
  const summary = { host: name, certificateLogins: [], daysCovered: [], privateKeys, hostKeys: [] };
  return { report, summary };
}

function outcomes(
  check: AnyCheck,
  hosts: Readonly<Record<string, Given>>,
  { policy = {}, inventory }: { readonly policy?: Partial<Policy>; readonly inventory?: number } = {},
): Readonly<Record<string, Outcome | undefined>> {
  const judged = Object.entries(hosts).map(([name, given]) => judgedHost(check.meta.id, name, given));
  const info = run(judged.length);
  const looked = lookAgain(
    judged,
    { plugins: [], guidance: [check], inventory: { policy: { ...defaultPolicy(), ...policy } } },
    { ...info, inventory: { ...info.inventory, hosts: inventory ?? judged.length } },
  );
  return Object.fromEntries(looked.map(({ name, guidance }) => [name, guidance[0]?.outcome]));
}
function told(outcome: Outcome | undefined): string {
  if (outcome?.status === 'fail') return outcome.findings.map(({ subject }) => subject).join(', ');
  return outcome?.status === 'unknown' ? `unknown: ${outcome.detail}` : (outcome?.status ?? 'none');
}
const all = (
  check: AnyCheck,
  hosts: Readonly<Record<string, Given>>,
  more?: Parameters<typeof outcomes>[2],
) => Object.fromEntries(Object.entries(outcomes(check, hosts, more)).map(([name, one]) => [name, told(one)]));
const place = (account: string, fingerprint = 'SHA256:k') => ({ account, fingerprint });

describe('shared keys', () => {
  test.each<readonly [string, Readonly<Record<string, Given>>, readonly string[]]>([
    [
      'no key twice',
      { a: { staticKeys: [place('x', 'SHA256:1')] }, b: { staticKeys: [place('x', 'SHA256:2')] } },
      ['pass', 'pass'],
    ],
    [
      'one private key on two hosts',
      { a: { privateKeys: [place('x')] }, b: { privateKeys: [place('x')] } },
      ['private key SHA256:k', 'private key SHA256:k'],
    ],
    [
      'one private key in two accounts of one host',
      { a: { privateKeys: [place('x'), place('y')] }, b: {} },
      ['private key SHA256:k', 'pass'],
    ],
    [
      'a person’s own key on many hosts',
      { a: { staticKeys: [place('x')] }, b: { staticKeys: [place('x')] } },
      ['pass', 'pass'],
    ],
    [
      'one key, two accounts',
      { a: { staticKeys: [place('x')] }, b: { staticKeys: [place('root')] } },
      ['key SHA256:k', 'key SHA256:k'],
    ],
    [
      'a private key here that opens an account there',
      { a: { privateKeys: [place('x')] }, b: { staticKeys: [place('y')] } },
      ['pass', 'pass'],
    ],
    [
      'one host key',
      { a: { hostKey: 'SHA256:h' }, b: { hostKey: 'SHA256:h' }, c: {} },
      ['host key SHA256:h', 'host key SHA256:h', 'pass'],
    ],
    [
      'two names of one address',
      {
        a: { hostKey: 'SHA256:h', connection: { address: '10.0.0.1' } },
        b: { hostKey: 'SHA256:h', connection: { address: '10.0.0.1' } },
      },
      ['pass', 'pass'],
    ],
    [
      'another host that was not read whole',
      { a: {}, b: { outcome: UNREAD, partial: true } },
      [
        'unknown: the keys of other hosts could not be read whole, and may be the same: b',
        'unknown: not read',
      ],
    ],
    [
      'a sharing that shows all the same',
      { a: { privateKeys: [place('x')] }, b: { privateKeys: [place('x')], outcome: UNREAD, partial: true } },
      ['private key SHA256:k', 'private key SHA256:k'],
    ],
    [
      'no host key seen',
      { a: { connection: null } },
      ['unknown: its host key was not seen: run with transport ssh'],
    ],
  ])('%s', (_title, hosts, verdicts) => {
    expect(Object.values(all(sharedKeys, hosts))).toEqual(verdicts);
  });

  test('emergency keys are left out where the policy allows them, and nowhere else', () => {
    const hosts = { a: { staticKeys: [place('ops')] }, b: { staticKeys: [place('ops'), place('root')] } };
    const key = { fingerprint: 'SHA256:k', hosts: [] };
    const policy = (accounts: string[]) => ({ policy: { emergencyKeys: [{ ...key, accounts }] } });
    expect(all(sharedKeys, hosts, policy([]))).toEqual({ a: 'pass', b: 'pass' });
    expect(all(sharedKeys, hosts, policy(['ops']))).toEqual({ a: 'pass', b: 'pass' });
    expect(all(sharedKeys, hosts)).toEqual({ a: 'key SHA256:k', b: 'key SHA256:k' });
  });

  test('hosts that were not asked may hold the same', () => {
    expect(all(sharedKeys, { a: {} }, { inventory: 3 })).toEqual({
      a: 'unknown: 2 hosts of the inventory were not asked: run without a selection',
    });
  });

  test('a fleet that shares one key says so in one bounded sentence, the same on every host', () => {
    const hosts = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [`h${index}`, { staticKeys: [place(`user${index}`)] }]),
    );
    const said = new Set(Object.values(outcomes(sharedKeys, hosts)).map((one) => JSON.stringify(one)));
    expect(said.size).toBe(1);
    expect([...said][0]?.length).toBeLessThan(2000);
  });
});

describe('separate bastions', () => {
  const through = (...route: string[]) => ({ connection: { route } });
  test.each<readonly [string, Readonly<Record<string, Given>>, readonly string[]]>([
    [
      'an identity for each',
      { a: { environment: 'production' }, b: { environment: 'staging' } },
      ['pass', 'pass'],
    ],
    [
      'one bastion for both',
      {
        a: { environment: 'production', ...through('p@gate:22') },
        b: { environment: 'staging', ...through('s@gate:22') },
      },
      ['bastion gate:22', 'bastion gate:22'],
    ],
    [
      'one jump user for both',
      {
        a: { environment: 'prod-eu', ...through('j@one:22') },
        b: { environment: 'qa', ...through('j@two:22') },
      },
      ['jump user j', 'jump user j'],
    ],
    [
      'one identity for both',
      {
        a: {
          environment: 'production',
          connection: { authenticatedBy: `publickey key ssh-ed25519 SHA256:${'x'.repeat(43)}` },
        },
        b: {
          environment: 'staging',
          connection: { authenticatedBy: `publickey key ssh-ed25519 SHA256:${'x'.repeat(43)}` },
        },
        c: { environment: 'staging' },
      },
      [`identity SHA256:${'x'.repeat(43)}`, `identity SHA256:${'x'.repeat(43)}`, 'pass'],
    ],
    [
      'one bastion, one side',
      {
        a: { environment: 'production', ...through('j@g:22') },
        b: { environment: 'prod-eu', ...through('j@g:22') },
      },
      ['pass', 'pass'],
    ],
    [
      'a host of no environment behind the same bastion',
      { a: { environment: 'production', ...through('g:22') }, b: { ...through('g:22') } },
      [
        'unknown: the same ways lead to hosts of which the inventory gives no environment: b',
        'unknown: the inventory does not say which environment it is of',
      ],
    ],
    [
      'a host of the other side that was not reached',
      { a: { environment: 'production' }, b: { environment: 'staging', outcome: UNREAD, connection: null } },
      ['unknown: how other hosts are reached is not known: b', 'unknown: not read'],
    ],
    [
      'a host of the same side that was not reached',
      {
        a: { environment: 'production' },
        b: { environment: 'production', outcome: UNREAD, connection: null },
      },
      ['pass', 'unknown: not read'],
    ],
    [
      'this machine itself',
      { a: { environment: 'production', connection: { transport: 'local' } } },
      ['pass'],
    ],
    [
      'read by Ansible',
      { a: { environment: 'production', connection: { transport: 'ansible' } } },
      ['unknown: how it was reached is not known: run with transport ssh'],
    ],
  ])('%s', (_title, hosts, verdicts) => {
    expect(Object.values(all(separateBastions, hosts))).toEqual(verdicts);
  });
});

describe('the second look', () => {
  const meta = sharedKeys.meta;
  const with_ = (compare: NonNullable<AnyCheck['compare']>): AnyCheck => ({
    meta,
    evaluate: () => PASS,
    compare,
  });

  test('never turns what was not proven on the host into a pass', () => {
    expect(
      all(
        with_(() => PASS),
        { a: { outcome: UNREAD }, b: {} },
      ),
    ).toEqual({ a: 'unknown: not read', b: 'pass' });
  });

  test('that crashes is unknown, and says which check it was', () => {
    const crash = with_(() => {
      throw new Error('boom');
    });
    expect(all(crash, { a: {} })).toEqual({
      a: 'unknown: the check shared-keys crashed while it compared hosts: boom',
    });
  });

  test('gives a failure its waiver', () => {
    const fail: Outcome = { status: 'fail', findings: [{ subject: 'x', message: 'y', evidence: [] }] };
    const waiver = {
      check: 'shared-keys',
      hosts: ['a'],
      subjects: [],
      owner: 'o',
      approver: 'p',
      reason: 'r',
      expires: '2026-12-01T00:00:00Z',
    };
    const judged = ['a', 'b'].map((name) => judgedHost('shared-keys', name, {}));
    const looked = lookAgain(
      judged,
      {
        plugins: [],
        guidance: [with_(() => fail)],
        inventory: { policy: { ...defaultPolicy(), waivers: [waiver] } },
      },
      run(2),
    );
    expect(looked.map(({ guidance }) => guidance[0]?.waiver?.expired)).toEqual([false, undefined]);
  });

  test('is not taken where no check asks for it', () => {
    const one = judgedHost('shared-keys', 'a', {});
    const looked = lookAgain(
      [one],
      { plugins: [], guidance: [], inventory: { policy: defaultPolicy() } },
      run(1),
    );
    expect(looked[0]).toBe(one.report);
  });

  test('takes any text of a saved record', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (authenticatedBy, hop, key) => {
        const given = {
          environment: 'production',
          hostKey: key,
          connection: { authenticatedBy, route: [hop] },
        };
        for (const check of [sharedKeys, separateBastions]) {
          const said = outcomes(check, { a: given, b: { ...given, environment: 'test' } });
          expect(JSON.stringify(said)).not.toContain('crashed');
        }
      }),
      { seed: 7, numRuns: 50 },
    );
  });
});
