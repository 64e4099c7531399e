import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isoTime, loginOfLine, offsetMinutes } from '../../../../src/facts/sources/siem/line.js';
import { readSiem } from '../../../../src/facts/sources/siem/index.js';
import { pageName } from '../../../../src/facts/sources/siem/names.js';
import type { SourceEvidence } from '../../../../src/model.js';
import { defaultPolicy } from '../../../../src/policy.js';

const AT = Date.parse('2026-11-21T02:00:00Z');
const CA = 'SHA256:esmI1S6VuEZbC3sX6ukrRHWZr/xKkl85jG9f4ka84Pk';
const MESSAGE = `Accepted publickey for ops from 10.0.0.9 port 40000 ssh2: ED25519-CERT ${CA} ID adm-bernd (serial 42) CA ED25519 ${CA}`;

describe('forms of a line', () => {
  test.each<[string, string, { pid: number; at?: number; host?: string }]>([
    ['the bare message', MESSAGE, { pid: 7 }],
    ['with its name', `sshd[811]: ${MESSAGE}`, { pid: 811 }],
    [
      'RFC 3339',
      `2026-11-21T03:00:01+01:00 web-1 sshd-session[811]: ${MESSAGE}`,
      { pid: 811, at: AT + 1000, host: 'web-1' },
    ],
    ['RFC 3164', `<38>Nov 21 02:00:01 web-1 sshd[811]: ${MESSAGE}`, { pid: 811, at: AT, host: 'web-1' }],
    [
      'RFC 5424',
      `<38>1 2026-11-21T02:00:01Z web-1 sshd 811 - - ${MESSAGE}`,
      { pid: 811, at: AT + 1000, host: 'web-1' },
    ],
    [
      'the journal',
      JSON.stringify({ MESSAGE, _PID: '811', _HOSTNAME: 'web-1', __REALTIME_TIMESTAMP: `${AT + 1000}000` }),
      { pid: 811, at: AT + 1000, host: 'web-1' },
    ],
  ])('%s', (_, line, { pid, at = AT, host }) => {
    const found = loginOfLine(line, AT, null, 7);
    expect(found).toMatchObject({
      login: { pid, at, account: 'ops', certificate: { keyId: 'adm-bernd', serial: '42' } },
    });
    expect(found?.host).toBe(host);
  });

  test.each([
    ['another program', `Nov 21 02:00:01 web-1 logger[1]: ${MESSAGE}`],
    ['a name inside a message', `Nov 21 02:00:01 web-1 sshd[1]: Failed password for invalid user ${MESSAGE}`],
    ['what VERBOSE adds', 'sshd[1]: Accepted certificate ID "adm-bernd" (serial 42) signed by ED25519 CA'],
    ['an entry in an entry', JSON.stringify({ MESSAGE: JSON.stringify({ MESSAGE }) })],
  ])('%s is no login', (_, line) => {
    expect(loginOfLine(line, AT, null)).toBeNull();
  });

  test('a naive time is read at the zone that is given', () => {
    const line = `Nov 21 03:59:59 web-1 sshd[811]: ${MESSAGE}`;
    expect(loginOfLine(line, AT, offsetMinutes('+02:00') ?? 0)?.login.at).toBe(AT - 1000);
    expect(isoTime('2026-11-21 02:00:00.000', offsetMinutes('-01:30'))).toBe(AT + 5_400_000);
  });
});

test('whatever a store writes, reading it ends without an exception', () => {
  const types = ['loki', 'elasticsearch', 'opensearch', 'splunk', 'cloudwatch', 'other'];
  const evidence = (type: string, body: string): SourceEvidence => ({
    schema: 1,
    source: 'siem',
    type,
    startedAt: '',
    finishedAt: '',
    configuration: {},
    failures: [],
    answers: {
      [pageName({ from: 0, to: AT }, 0)]: {
        asked: '',
        at: '',
        status: 200,
        body,
        encoding: 'utf8',
        bytes: body.length,
        cut: false,
        sha256: '',
      },
    },
  });
  const known = (value: fc.Arbitrary<unknown>) =>
    fc.oneof(
      fc.record({ data: fc.record({ resultType: fc.constant('streams'), result: value }) }),
      fc.record({ hits: fc.record({ hits: value }) }),
      fc.record({ status: fc.constant('Complete'), results: value }),
      fc.record({ result: value, lastrow: fc.boolean() }),
    );
  fc.assert(
    fc.property(
      fc.constantFrom(...types),
      fc.oneof(
        fc.string(),
        fc.json(),
        known(fc.jsonValue()).map((one) => JSON.stringify(one)),
      ),
      (type, body) => {
        const reading = readSiem(evidence(type, body), defaultPolicy());
        if (reading.ok && reading.gaps.length === 0) expect(Array.isArray(reading.value.logins)).toBe(true);
        else expect(reading.ok || reading.detail !== '').toBe(true);
      },
    ),
    { seed: 8, numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      loginOfLine(`${one}${MESSAGE}${other}`, AT, 0);
      loginOfLine(one, AT, null);
    }),
    { seed: 8, numRuns: 500 },
  );
});
