import { describe, expect, it } from 'vitest';
import { errnoOf, failure, isTransient, socketFailure } from '../../../src/transports/ssh/failure.js';
import { backoffCeiling, withRetries } from '../../../src/transports/ssh/retry.js';
import { createStop } from '../../../src/transports/ssh/stop.js';

const errno = (code: string): Error => Object.assign(new Error(`connect ${code}`), { code });

describe('socket errors', () => {
  it.each([
    ['ECONNREFUSED', 'connect-refused', 'connect'],
    ['ETIMEDOUT', 'connect-timeout', 'connect'],
    ['EHOSTUNREACH', 'network-unreachable', 'connect'],
    ['ENETUNREACH', 'network-unreachable', 'connect'],
    ['ECONNRESET', 'connection-reset', 'connect'],
    ['EPIPE', 'connection-reset', 'connect'],
    ['EMFILE', 'local-resources', 'connect'],
    ['ENFILE', 'local-resources', 'connect'],
    ['EAGAIN', 'local-resources', 'connect'],
    ['EADDRNOTAVAIL', 'local-resources', 'connect'],
    ['ENOTFOUND', 'dns', 'resolve'],
    ['EAI_AGAIN', 'dns', 'resolve'],
  ])('%s is %s', (code, expected, phase) => {
    expect(socketFailure(errno(code), 'connect', 'db:22')).toMatchObject({
      code: expected,
      phase,
      detail: expect.stringContaining('db:22'),
    });
  });

  it('of several addresses: our own lack of resources counts most, else the first', () => {
    expect(errnoOf(new AggregateError([errno('ECONNREFUSED'), errno('ENETUNREACH')]))).toBe('ECONNREFUSED');
    expect(errnoOf(new AggregateError([errno('ECONNREFUSED'), errno('EMFILE')]))).toBe('EMFILE');
    expect(errnoOf('no error at all')).toBeUndefined();
  });
});

describe('trying again', () => {
  const never = new AbortController().signal;

  it('only for what the network spoiled before the login', () => {
    expect(isTransient(failure('connection-reset', 'handshake', ''))).toBe(true);
    expect(isTransient(failure('connection-reset', 'login', ''))).toBe(false);
    expect(isTransient(failure('closed-before-login', 'handshake', ''))).toBe(true);
    expect(
      isTransient(failure('closed-before-login', 'handshake', 'it said "Not allowed at this time"')),
    ).toBe(false);
    for (const code of [
      'login-refused',
      'host-key-mismatch',
      'connect-refused',
      'handshake-timeout',
      'local-resources',
      'jump-failed',
    ] as const) {
      expect(isTransient(failure(code, 'handshake', ''))).toBe(false);
    }
  });

  it('stops at the first success, and says nothing of attempts after a single one', async () => {
    let made = 0;
    const outcome = await withRetries(5, never, () => {
      made += 1;
      return Promise.resolve(
        made === 2
          ? { ok: true, value: made }
          : { ok: false, failure: failure('connection-reset', 'connect', '') },
      );
    });
    expect(outcome).toEqual({ ok: true, value: 2 });
    expect(
      await withRetries(5, never, () =>
        Promise.resolve({ ok: false, failure: failure('login-refused', 'login', 'x') }),
      ),
    ).toEqual({ ok: false, failure: { code: 'login-refused', phase: 'login', detail: 'x' } });
  });

  it('waits longer each time, and never longer than 8 s', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 20].map(backoffCeiling)).toEqual([
      250, 500, 1000, 2000, 4000, 8000, 8000, 8000,
    ]);
  });

  it('the total deadline ends the waiting', async () => {
    const stop = createStop(never, 50);
    const outcome = await withRetries(50, stop.signal, () =>
      Promise.resolve({ ok: false, failure: failure('connection-reset', 'connect', '') }),
    );
    stop.release();
    expect(outcome).toMatchObject({ ok: false, failure: { code: 'total-timeout', phase: 'connect' } });
  });
});
