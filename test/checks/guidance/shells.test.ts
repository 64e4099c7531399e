import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shells } from '../../../checks/guidance/shells.js';
import { defaultPolicy } from '../../../src/policy.js';
import { certificate, issuanceLog, issued, not, ok } from '../../helpers/actor-facts.js';
import { judged, KEY, text, told, type Given } from './facts.js';

const of = (given: Given): string => told(judged(shells, given));
const NOLOGIN = '/usr/sbin/nologin';
const HELD =
  'permitopen 10.0.0.1:5432\npermitlisten none\nallowstreamlocalforwarding no\nforcecommand /usr/sbin/nologin';
const adm = { accounts: { adm: ['alice'], agt: [], atm: [] } };
const atm = { accounts: { adm: [], agt: [], atm: ['alice'] } };
const forced = (command?: string) => ({
  certificateLog: ok(
    issuanceLog([
      issued(
        certificate({
          principals: ['atm-backup'],
          criticalOptions: command === undefined ? [] : [{ name: 'force-command', value: command }],
        }),
      ),
    ]),
  ),
});

describe('shells', () => {
  test.each<readonly [string, Given, string]>([
    ['nobody can enter', {}, 'pass'],
    ['an administrator has a shell', { keys: KEY, expected: adm }, 'pass'],
    ['an administrator by the principal', { principals: 'adm-full\n' }, 'pass'],
    ['a stranger has a shell', { keys: KEY }, 'fail: account alice'],
    ['a stranger the policy names', { keys: KEY, policy: guidance({ shellAccounts: ['al*'] }) }, 'pass'],
    ['a stranger with a command on the line', { keys: `command="/bin/true" ${KEY}` }, 'pass'],
    ['a stranger with ForceCommand', { keys: KEY, sshd: 'forcecommand /bin/true' }, 'pass'],
    [
      'the inventory does not say who',
      { keys: KEY, expected: { unlisted: true } },
      'unknown: not-configured',
    ],
    ['a machine’s static key', { keys: KEY, expected: atm }, 'fail: account alice'],
    [
      'a machine’s certificate, no log of the CA',
      { principals: 'atm-backup\n', expected: atm },
      'unknown: not-configured',
    ],
    [
      'a machine’s certificate that forces a command',
      { principals: 'atm-backup\n', expected: atm, fleet: forced('/w') },
      'pass',
    ],
    [
      'a machine’s certificate that forces none',
      { principals: 'atm-backup\n', expected: atm, fleet: forced() },
      'fail: account alice',
    ],
    [
      'another’s certificate tells nothing',
      { principals: 'atm-other\n', expected: atm, fleet: forced('/w') },
      'unknown: no-evidence',
    ],
    ['a machine held by its line', { principals: 'command="/w" atm-backup\n', expected: atm }, 'pass'],
    ['no shell, and forwards anywhere', { keys: KEY, shell: NOLOGIN }, 'fail: account alice'],
    ['no shell, held to its tunnel', { keys: KEY, shell: NOLOGIN, sshd: HELD }, 'pass'],
    ['no shell, and no forwarding', { keys: KEY, shell: NOLOGIN, sshd: 'disableforwarding yes' }, 'pass'],
    ['no shell, and the line restricts', { keys: `restrict ${KEY}`, shell: NOLOGIN }, 'pass'],
    [
      'a line that restricts and gives back',
      { keys: `restrict,port-forwarding ${KEY}`, shell: NOLOGIN },
      'fail: account alice',
    ],
    [
      'no shell, but sftp without one',
      { keys: `restrict ${KEY}`, shell: NOLOGIN, sshd: 'subsystem sftp internal-sftp' },
      'fail: account alice',
    ],
    [
      'a tunnel by its lines, with a shell',
      { keys: `permitopen="db:5432" ${KEY}`, expected: { accounts: { adm: [], agt: [], atm: [] } } },
      'fail: account alice',
    ],
    [
      'a tunnel by the policy, with a shell',
      {
        keys: KEY,
        sshd: HELD.replace(/forcecommand.*/, ''),
        policy: guidance({ tunnelAccounts: ['alice'] }),
      },
      'fail: account alice',
    ],
    [
      'a tunnel by the policy, held',
      { keys: KEY, sshd: HELD, policy: guidance({ tunnelAccounts: ['alice'] }) },
      'pass',
    ],
    ['a key file sshd does not read', { more: { authorizedKeys: ok([]) } }, 'pass'],
    ['PermitTTY no is no limit', { keys: KEY, sshd: 'permittty no' }, 'fail: account alice'],
  ])('%s', (_title, given, verdict) => {
    expect(of(given)).toBe(verdict);
  });

  test('says all a tunnel may do besides', () => {
    const said = text(judged(shells, { keys: KEY, policy: guidance({ tunnelAccounts: ['alice'] }) }));
    expect(said).toContain('run a shell (/bin/bash)');
    expect(said).toContain('forward to any address and port');
    expect(said).toContain('listen here on any port');
    expect(said).toContain('reach any Unix socket');
  });

  test.each(['sshd', 'accounts', 'authorizedKeys', 'principalsFiles'] as const)(
    'without %s nothing passes',
    (fact) => {
      expect(of({ more: { [fact]: not('denied') } })).toBe('unknown: denied');
    },
  );

  test('whatever is printed, an open tunnel with a shell is none', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (permitopen, subsystem) => {
        const printed = `permitopen ${permitopen.replaceAll('\n', ' ')}\nsubsystem ${subsystem.replaceAll('\n', ' ')}`;
        expect(of({ keys: KEY, sshd: printed, policy: guidance({ tunnelAccounts: ['*'] }) })).toBe(
          'fail: account alice',
        );
      }),
      { seed: 7 },
    );
  });
});

function guidance(more: object): NonNullable<Given['policy']> {
  return { guidance: { ...defaultPolicy().guidance, ...more } };
}
