import { describe, expect, it } from 'vitest';
import { causes, countsOf, gaps, grounds, statusOf, unreached } from '../../reports/group.js';
import { failing, fleet, host, report, result, ten, unreachable } from '../fixtures/reports/build.js';
import { mixed } from '../fixtures/reports/mixed.js';

describe('statusOf', () => {
  it('calls a failure waived only while its waiver lives', () => {
    const words = mixed.hosts.map(
      ({ name, results }) =>
        `${name} ${results.flatMap((one) => (one.id === 'no-static-keys' ? [statusOf(one)] : [])).join('')}`,
    );
    expect(words).toEqual([
      'db-01 unknown',
      'db-02 unknown',
      'hostile fail',
      'web-01 pass',
      'web-02 pass',
      'web-03 pass',
      'web-04 waived',
      'web-05 fail',
    ]);
  });
});

describe('causes', () => {
  it('puts one cause on many hosts together, most severe and most frequent first', () => {
    const found = causes(mixed, 'results', 'fail').map(
      ({ check, hosts }) => `${check}: ${[...hosts].join(' ')}`,
    );
    expect(found).toEqual([
      'password-auth: web-02 web-03',
      'no-static-keys: hostile',
      'no-static-keys: web-05',
      'root-login: web-03',
      'root-login: web-03',
    ]);
  });

  it('keeps different subjects of one message together and different remedies apart', () => {
    const one = (name: string, subject: string, fix?: string) =>
      host(name, ten(failing('root-login', 'Root may log in.', subject, fix)));
    const same = causes(report([one('a', 'account root'), one('b', 'account toor')]), 'results', 'fail');
    expect(same.map(({ subjects }) => Array.from(subjects))).toEqual([['account root', 'account toor']]);
    expect(causes(report([one('a', 's', 'fix 1'), one('b', 's', 'fix 2')]), 'results', 'fail')).toHaveLength(
      2,
    );
  });

  it('takes the remedy of the check when the finding has none', () => {
    const [cause] = causes(report([host('a', ten(failing('root-login', 'm')))]), 'results', 'fail');
    expect(cause?.fix).toBe('Mend root-login as section 5 of the directive says.');
  });

  it('shows waived ones and plug-ins apart', () => {
    expect(causes(mixed, 'results', 'waived').map(({ hosts }) => Array.from(hosts))).toEqual([['web-04']]);
    expect(causes(mixed, 'extra', 'fail').map(({ check, hosts }) => [check, Array.from(hosts)])).toEqual([
      ['banner', ['hostile']],
    ]);
    expect(causes(mixed, 'extra', 'waived').map(({ check, hosts }) => [check, Array.from(hosts)])).toEqual([
      ['banner', ['web-04']],
    ]);
  });
});

describe('gaps and unreached', () => {
  it('groups by what is missing and lists the checks it costs', () => {
    expect(
      gaps(mixed, 'results').map(({ reason, checks, hosts }) => [reason, checks.join(), hosts.join()]),
    ).toEqual([
      ['denied', '1,2,3,5,6', 'db-02'],
      ['disagreement', '8', 'hostile'],
    ]);
  });

  it('tells hosts that were cut short from those never reached', () => {
    const cut = unreachable('b');
    const hosts = [
      unreachable('a'),
      { ...cut, results: ten(result('ca-trust', { status: 'unknown', reason: 'truncated', detail: 'cut' })) },
    ];
    expect(unreached(report(hosts)).map((one) => [one.cut, one.code, one.hosts.join()])).toEqual([
      [false, 'connect-timeout', 'a'],
      [true, 'connect-timeout', 'b'],
    ]);
    expect(gaps(report(hosts), 'results').map((gap) => gap.hosts)).toEqual([['b']]);
  });

  it('lose no host, whatever the fleet', () => {
    const big = fleet(500);
    const named = new Set(
      [...causes(big, 'results', 'fail'), ...gaps(big, 'results'), ...unreached(big)].flatMap(({ hosts }) =>
        Array.from(hosts),
      ),
    );
    expect([...named].sort()).toEqual(big.hosts.filter(({ score }) => score < 10).map(({ name }) => name));
  });
});

describe('countsOf', () => {
  it('adds up to the hosts, and calls a host without result unknown', () => {
    expect(countsOf(mixed, 'no-static-keys', 'results')).toEqual({ pass: 3, fail: 2, unknown: 2, waived: 1 });
    expect(countsOf(report([host('a', [])]), 'ca-trust', 'results')).toEqual({
      pass: 0,
      fail: 0,
      unknown: 1,
      waived: 0,
    });
  });
});

describe('grounds', () => {
  it('groups passes by what they rest on', () => {
    expect(grounds(mixed).find(({ check }) => check === 'banner')?.hosts).toEqual([
      'web-01',
      'web-02',
      'web-03',
      'web-05',
    ]);
  });
});
