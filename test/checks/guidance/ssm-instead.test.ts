import { describe, expect, test } from 'vitest';
import { ssmInstead } from '../../../checks/guidance/ssm-instead.js';
import type { DaemonFacts, SudoersFacts } from '../../../src/facts/types.js';
import { account, log, login, not, NOW, ok } from '../../helpers/actor-facts.js';
import { judged, principals, text, told, type Given } from './facts.js';

const DAY = 86_400_000;
function sudoers(state?: 'running' | 'installed', ...others: readonly string[]): SudoersFacts {
  const agents = others.map((name) => ({ name, running: true }));
  return {
    rules: [],
    neverAsks: false,
    agents: [...agents, ...(state ? [{ name: 'amazon-ssm-agent', running: state === 'running' }] : [])],
  };
}
function daemons(...sockets: readonly string[]): DaemonFacts {
  const sshd = {
    pid: 1,
    program: 'sshd',
    executable: '/usr/sbin/sshd',
    commandLine: 'sshd',
    startedAt: null,
    overrides: [],
  };
  return { listeners: [{ ...sshd, sockets }], units: [], newerThanDaemon: [], impostors: [] };
}
function outcome(more: Given['more'] = {}, expected: Given['expected'] = {}) {
  return judged(ssmInstead, {
    expected,
    more: {
      sudoers: ok(sudoers('running')),
      daemons: ok(daemons('10.0.0.5:22')),
      logins: ok(log()),
      accounts: ok([account('ops'), account('auto')]),
      principalsFiles: ok([principals('ops', 'adm-full\n'), principals('auto', 'atm-backup\n')]),
      ...more,
    },
  });
}
const of = (...given: Parameters<typeof outcome>): string => told(outcome(...given));

const { certificate: _, ...plainKey } = login();

describe('ssm-instead', () => {
  test('where no agent runs it does not apply, and says what was read', () => {
    expect(of({ sudoers: ok(sudoers()), logins: ok(log(login())) })).toBe('pass');
    expect(text(outcome({ sudoers: ok(sudoers()) }))).toContain(
      'it does not apply: no amazon-ssm-agent runs here',
    );
    expect(text(outcome({ sudoers: ok(sudoers('installed', 'teleport')) }))).toContain(
      'installed and does not run',
    );
    expect(of({ sudoers: ok(sudoers(), 'cut') })).toBe('unknown: no-evidence');
    expect(of({ sudoers: not('not-collected') })).toBe('unknown: not-collected');
    expect(of({ sudoers: ok(sudoers('installed')), daemons: not('not-collected') })).toBe(
      'unknown: not-collected',
    );
  });

  test.each<readonly [string, Given['more'], string]>([
    ['no logins and one address', {}, 'pass'],
    ['a login of a person', { logins: ok(log(login())) }, 'fail: logins over SSH'],
    ['a login with a plain key', { logins: ok(log(plainKey)) }, 'fail: logins over SSH'],
    ['a login of an automation', { logins: ok(log(login({}, 'atm-scorecard'))) }, 'pass'],
    ['a login to an automation’s account', { logins: ok(log(login({ account: 'auto' }))) }, 'pass'],
    ['a login before the window', { logins: ok(log(login({ at: NOW.getTime() - 20 * DAY }))) }, 'pass'],
    ['a line anybody wrote', { logins: ok(log(login({ trusted: false }))) }, 'pass'],
    ['every IPv4 address', { daemons: ok(daemons('0.0.0.0:22')) }, 'fail: sshd on every address'],
    [
      'every IPv6 address',
      { daemons: ok(daemons('10.0.0.5:22', '[::]:2222')) },
      'fail: sshd on every address',
    ],
    ['an address that is not known', { daemons: ok(daemons()) }, 'unknown: no-evidence'],
    [
      'a log that begins too late',
      { logins: ok({ ...log(), coversFrom: NOW.getTime() - DAY }) },
      'unknown: no-evidence',
    ],
    ['no list of servers', { daemons: not('denied') }, 'unknown: denied'],
    ['no log', { logins: not('denied') }, 'unknown: denied'],
    [
      'no accounts, but a login',
      { accounts: not('denied'), logins: ok(log(login())) },
      'fail: logins over SSH',
    ],
  ])('where it runs: %s', (_title, more, verdict) => {
    expect(of(more)).toBe(verdict);
  });

  test('a managed node of the inventory counts, whatever was read here', () => {
    const seen = { sudoers: not('not-collected'), logins: ok(log(login(), login({}, 'adm-carla'))) } as const;
    expect(of(seen, { managedNode: true })).toBe('fail: logins over SSH');
    expect(text(outcome(seen, { managedNode: true }))).toContain(
      'People logged in over SSH 2 times in the last 14 days (adm-bernd 1, adm-carla 1), though the inventory names a managed node.',
    );
  });
});
