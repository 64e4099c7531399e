import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatEndpoint,
  hostNameProblem,
  parseJumpSpec,
  userNameProblem,
} from '../../../src/transports/ssh/names.js';
import { expandProxyCommand, proxyCommandProblem } from '../../../src/transports/ssh/proxy-command.js';

describe('jump hosts', () => {
  it.each([
    ['b', { host: 'b' }],
    ['u@b', { user: 'u', host: 'b' }],
    ['u@b:2222', { user: 'u', host: 'b', port: 2222 }],
    ['DOM+u@x@b', { user: 'DOM+u@x', host: 'b' }],
    ['[::1]:22', { host: '::1', port: 22 }],
    ['u@[fe80::1%eth0]', { user: 'u', host: 'fe80::1%eth0' }],
    ['2001:db8::1', { host: '2001:db8::1' }],
    ['ssh://u@b:22/', { user: 'u', host: 'b', port: 22 }],
  ])('%s', (text, expected) => {
    expect(parseJumpSpec(text)).toEqual(expected);
  });

  it.each([
    '',
    '@',
    'u@',
    '@b',
    '-b',
    'u@-b',
    '-u@b',
    'b:0',
    'b:65536',
    'b:',
    'a b',
    'a;b',
    'u$@b',
    '$(id)@b',
    'a\nb',
    'b:22:22x',
  ])('refuses %j', (text) => {
    expect(parseJumpSpec(text)).toHaveProperty('problem');
  });

  it('writes what it reads', () => {
    const label = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,20}$/);
    fc.assert(
      fc.property(label, label, fc.integer({ min: 1, max: 65_535 }), (user, host, port) => {
        expect(parseJumpSpec(formatEndpoint(user, host, port))).toEqual({ user, host, port });
      }),
      { seed: 20261121 },
    );
  });
});

describe('what passes is safe in a shell', () => {
  const SAFE = /^[^-\s;&|<>$`"'\\(){}*?!#~[\]][^\s;&|<>$`"'\\(){}*?!#~[\]]*$/;
  it.each([
    ['host names', hostNameProblem],
    ['user names', userNameProblem],
  ])('%s, as a bare word of a ProxyCommand', (_what, problem) => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(problem(name) !== undefined || SAFE.test(name)).toBe(true);
      }),
      { seed: 20261121, numRuns: 2000 },
    );
  });
});

describe('ProxyCommand', () => {
  it('expands its tokens', () => {
    const target = { address: '10.0.0.1', port: 22, user: 'ops', alias: 'db' };
    expect(expandProxyCommand('nc %h %p # %r@%n %% %%h', target)).toBe('nc 10.0.0.1 22 # ops@db % %h');
  });
  it('refuses tokens it cannot expand', () => {
    expect(proxyCommandProblem('nc %h %p')).toBeUndefined();
    expect(proxyCommandProblem('nc %C')).toContain('%C');
    expect(proxyCommandProblem('nc %')).toContain('%');
  });
});
