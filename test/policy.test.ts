import { describe, expect, it } from 'vitest';
import type { EmergencyKey } from '../src/model.js';
import { actorOf, defaultPolicy, emergencyKeyAllows, expiredExceptions } from '../src/policy.js';

const NOW = new Date('2026-11-21T00:00:00Z');
const LATER = '2026-11-21T00:00:00.001Z';
const KEY = 'SHA256:woF+aeDIon1M9tjE3e0EgHgxIGSLpyCOxlK6ZXbZrnM';

describe('the default policy', () => {
  it('is the directive: 48 h, 24 h, 24 h fail; 48 h, 24 h, 8 h warn; no exceptions', () => {
    const { lifetimes, emergencyKeys, waivers, passwordAsSecondFactor, authorizedPrincipalsFile } =
      defaultPolicy();
    expect(lifetimes).toEqual({
      limits: {
        adm: { fail: 172_800, warn: 172_800 },
        agt: { fail: 86_400, warn: 86_400 },
        atm: { fail: 86_400, warn: 28_800 },
      },
      tolerance: 300,
      sample: 100,
    });
    expect([emergencyKeys, waivers, passwordAsSecondFactor]).toEqual([[], [], false]);
    expect(authorizedPrincipalsFile).toBe('/etc/ssh/auth_principals/%u');
  });
});

describe('emergency keys', () => {
  const allows = (
    key: Partial<EmergencyKey>,
    use: { host?: string; account?: string; fingerprint?: string } = {},
  ): boolean =>
    emergencyKeyAllows(
      { emergencyKeys: [{ fingerprint: KEY, hosts: [], accounts: [], ...key }] },
      { fingerprint: KEY, host: 'bastion-1', account: 'breakglass', now: NOW, ...use },
    );
  it.each<[Partial<EmergencyKey>, { host?: string; account?: string; fingerprint?: string }, boolean]>([
    [{}, {}, true],
    [{}, { fingerprint: KEY.toLowerCase() }, false],
    [{ hosts: ['bastion-*'] }, {}, true],
    [{ hosts: ['Bastion-[1-2]'] }, {}, true],
    [{ hosts: ['bastion-*'] }, { host: 'web-1' }, false],
    [{ accounts: ['breakglass'] }, {}, true],
    [{ accounts: ['breakglass'] }, { account: 'root' }, false],
    [{ accounts: ['break*'] }, {}, false],
    [{ expires: LATER }, {}, true],
    [{ expires: NOW.toISOString() }, {}, false],
    [{ expires: 'some day' }, {}, false],
  ])('%j used as %j: %s', (key, use, expected) => {
    expect(allows(key, use)).toBe(expected);
  });
  it('need one entry that allows all of it, not several that allow a part each', () => {
    const emergencyKeys = [
      { fingerprint: KEY, hosts: ['a'], accounts: ['x'] },
      { fingerprint: KEY, hosts: ['b'], accounts: ['y'] },
    ];
    const use = { fingerprint: KEY, host: 'a', account: 'y', now: NOW };
    expect(emergencyKeyAllows({ emergencyKeys }, use)).toBe(false);
    expect(emergencyKeyAllows({ emergencyKeys }, { ...use, account: 'x' })).toBe(true);
  });
});

describe('expired exceptions', () => {
  it('are named, those that still hold are not', () => {
    const key = { fingerprint: KEY, hosts: [], accounts: [] };
    const past = '2026-11-20T00:00:00Z';
    expect(expiredExceptions({ emergencyKeys: [key, { ...key, expires: LATER }] }, NOW)).toEqual([]);
    expect(expiredExceptions({ emergencyKeys: [key, { ...key, expires: past }] }, NOW)).toEqual([
      `the emergency key ${KEY} expired on ${past}`,
    ]);
  });
});

describe('actor types', () => {
  it.each([
    ['adm-bernd', 'adm'],
    ['agt-incident-resolver-v2', 'agt'],
    ['atm-backup-daily', 'atm'],
    ['adm-', null],
    ['adm', null],
    ['Adm-x', null],
    ['xadm-x', null],
    ['ops', null],
    ['', null],
  ])('%j is %s', (identity, actor) => {
    expect(actorOf(identity)).toBe(actor);
  });
});
