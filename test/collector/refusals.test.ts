import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { explainRefusal } from '../../src/collector/refusals.js';

const explain = (stderr: string, stdout = '', exit: number | undefined = 1) =>
  explainRefusal(Buffer.from(stderr), Buffer.from(stdout), exit);

describe('what a host said instead of running the collector', () => {
  test.each([
    ['sudo: a password is required\n', 'sudo-password'],
    ['sudo: interactive authentication is required\n', 'sudo-password'],
    ['sudo: sorry, you must have a tty to run sudo\n', 'sudo-tty'],
    ['auditor is not in the sudoers file.\n', 'sudo-not-allowed'],
    ["Sorry, user auditor is not allowed to execute '/bin/sh -s' as root on web.\n", 'sudo-not-allowed'],
    ['/bin/sh: 1: exec: sudo: not found\n', 'sudo-missing'],
    ['sudo: /etc/sudo.conf is owned by uid 1000, should be 0\n', 'sudo-failed'],
    ['This account is currently not available.\n', 'no-shell'],
    ['ssh-scorecard collector: expected its parameters on standard input: x\n', 'no-frames'],
    ['sh: 1: ssh-scorecard-collector: not found\n', 'no-frames'],
    ['something else entirely\n', 'no-frames'],
    ['', 'no-frames'],
  ])('%j is %s', (stderr, code) => {
    const failure = explain(stderr);
    expect(failure.code).toBe(code);
    expect(failure.hint).not.toBe('');
    if (stderr !== '') expect(failure.detail).toContain(stderr.trim());
  });

  test('some shells complain on standard output', () => {
    expect(explain('', 'This account is currently not available.\n').code).toBe('no-shell');
  });

  test('bounded, and never throws, whatever was said', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40_000 }),
        fc.uint8Array({ maxLength: 200 }),
        (stderr, stdout) => {
          expect(explainRefusal(stderr, stdout, 1).detail.length).toBeLessThan(1000);
        },
      ),
      { numRuns: 100, seed: 7 },
    );
  });
});
