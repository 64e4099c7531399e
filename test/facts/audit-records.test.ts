import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { argumentsOf, decoded, parseEvents } from '../../src/facts/audit-records.js';

const SAMPLE = readFileSync('test/fixtures/access/auditd-sample.log', 'utf8').split('\n').filter(Boolean);
const header = (type: string, id: string) => `type=${type} msg=audit(${id}):`;
const call = (id: string, more = '') =>
  `${header('SYSCALL', id)} arch=c000003e syscall=59 success=yes exit=0 ppid=1 pid=2 auid=1002 uid=1002 euid=1002 tty=pts0 ses=12 comm="x" exe="/usr/bin/x"${more}`;

describe('audit records', () => {
  test('the recorded sample: session, login uid, rights, and the argument that was hexadecimal', () => {
    const { commands } = parseEvents(SAMPLE.filter((line) => /type=(SYSCALL|EXECVE)/.test(line)));
    expect(commands).toEqual([
      {
        at: 1_711_620_000_123, session: 12, loginUid: 1002, uid: 0, executable: '/usr/bin/apt', succeeded: true,
        argv: ['apt', 'install', 'hello world'],
      },
    ]); // prettier-ignore
  });

  test('records of two events may stand between each other', () => {
    const { commands, problems } = parseEvents([
      call('5.001:1'),
      call('5.002:2'),
      `${header('EXECVE', '5.002:2')} argc=1 a0="b"`,
      `${header('EXECVE', '5.001:1')} argc=1 a0="a"`,
    ]);
    expect([commands.map(({ argv }) => argv[0]), problems]).toEqual([['a', 'b'], 0]);
  });

  test('no session, no login: nothing that could be put on somebody', () => {
    const unset = call('5.001:1').replace('ses=12', 'ses=4294967295').replace('auid=1002', 'auid=4294967295');
    expect(parseEvents([unset, `${header('EXECVE', '5.001:1')} argc=1 a0="a"`])).toMatchObject({
      commands: [],
      problems: 1,
    });
  });

  test('LOGIN tells which process opened a session', () => {
    const line = `${header('LOGIN', '7.500:3')} pid=812 uid=0 old-auid=4294967295 auid=1002 tty=(none) old-ses=4294967295 ses=12 res=1`;
    expect(parseEvents([line]).logins).toEqual([{ at: 7500, pid: 812, loginUid: 1002, session: 12 }]);
  });

  test('whatever an argument holds comes back, in pieces or not', () => {
    const printable = /^[\x21\x23-\x7e]+$/;
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), {
          minLength: 1,
          maxLength: 12,
        }),
        (raw) => {
          // The kernel passes bytes; what names a secret is taken out by design.
          const argv = raw
            .map((one) => one.replaceAll('\0', ''))
            .filter((one) => one !== '' && !/pass|secret|token|key|cred|auth|bearer|basic|:\/\//i.test(one));
          const body = argv.map((one, index) => {
            const hex = Buffer.from(one).toString('hex').toUpperCase();
            if (printable.test(one)) return `a${index}="${one}"`;
            return hex.length > 8
              ? `a${index}_len=${hex.length} a${index}[0]=${hex.slice(0, 8)} a${index}[1]=${hex.slice(8)}`
              : `a${index}=${hex}`;
          });
          const whole = argumentsOf(` argc=${argv.length} ${body.join(' ')}`);
          expect(whole.length).toBe(argv.length);
          argv.forEach((one, index) => {
            expect(whole[index]).toBe(one);
          });
        },
      ),
      { seed: 20261121, numRuns: 500 },
    );
  });

  test('an argument cut into pieces in the middle of a character is whole again', () => {
    const hex = Buffer.from('grün und blau').toString('hex');
    expect(
      argumentsOf(` argc=1 a0_len=${hex.length} a0[0]=${hex.slice(0, 6)} a0[1]=${hex.slice(6)}`),
    ).toEqual(['grün und blau']);
  });

  test('secrets are taken out, also the word behind their name', () => {
    const hex = Buffer.from('mysql --password=hunter2 now').toString('hex');
    expect(
      argumentsOf(` a0="tool" a1="--token" a2="hunter2" a3=${hex} a4="API_KEY=hunter2"`).join(' '),
    ).not.toContain('hunter2');
  });

  test('any line at all is read without a throw', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(...SAMPLE).chain((text) => fc.nat(text.length).map((at) => text.slice(0, at))),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        const { commands, problems } = parseEvents(lines);
        expect(commands.length + problems).toBeLessThanOrEqual(lines.length * 2);
      }),
      { seed: 20261121, numRuns: 500 },
    );
    expect(decoded('6')).toBeNull();
    expect(decoded('(null)')).toBe('');
  });
});
