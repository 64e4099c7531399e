import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { principals } from '../../checks/principals.js';
import type {
  IssuanceLog,
  LoginLog,
  MatchBlock,
  SshdCase,
  SshdFacts,
  SshdVersion,
} from '../../src/facts/types.js';
import type { Expectations, Outcome, Reading } from '../../src/model.js';
import { CA, issuanceLog, issued, log, login, not, NOW, ok } from '../helpers/actor-facts.js';
import { collectNeeds, type PrivateHost } from '../helpers/collect.js';
import {
  CONFIG,
  expectationsOf,
  factsOf,
  findingsOf,
  inputOf,
  soundHost,
  testKeys,
  type KeyFacts,
  type TestKey,
} from '../helpers/keys-host.js';
import { title } from '../helpers/needs.js';

const need = collectNeeds();
const NEEDS = principals.meta.needs.host;

/** Without logins and a certificate log, unless they are given: they make remarks, and no verdict. */
function judgeWithLogs(
  input: ReturnType<typeof inputOf>,
  logins: Reading<LoginLog> = not(),
  certificateLog: Reading<IssuanceLog> = not(),
): Outcome {
  return principals.evaluate({ ...input, host: { ...input.host, logins }, fleet: { certificateLog } });
}
const FOLDER = '/etc/ssh/auth_principals';
const OPS = `${FOLDER}/ops`;
const ACCOUNTS = { adm: ['ops'], agt: ['agent'], atm: ['auto'] };
const EXACT = { ops: ['adm-full'], agent: ['agt-resolver'], auto: ['atm-backup'] };

describe.skipIf(need)(title('Principals Config on real hosts', need), () => {
  let keys: Record<'ca' | 'other', TestKey>;
  let sound: KeyFacts;
  let remove: () => void = () => undefined;
  beforeAll(async () => {
    ({ keys, remove } = await testKeys(['ca', 'other']));
    sound = factsOf(soundHost(keys.ca.line), NEEDS);
  });
  afterAll(() => remove());

  const evaluate = (facts: KeyFacts, more: Partial<Expectations> = {}): Outcome =>
    judgeWithLogs(inputOf(facts, expectationsOf([], more)));
  const judge = (host: PrivateHost, more: Partial<Expectations> = {}): Outcome =>
    evaluate(factsOf(soundHost(keys.ca.line, host), NEEDS), more);
  const subjects = (outcome: Outcome): string[] =>
    findingsOf(outcome)
      .map(({ subject }) => subject)
      .toSorted();

  test('a sound host passes in every mode; without accounts it says what that does not prove', () => {
    const union = evaluate(sound);
    expect(union).toMatchObject({
      status: 'pass',
      because: expect.stringContaining('does not prove WHO may use a principal') as string,
    });
    expect(union).toMatchObject({ evidence: [{}, {}, {}] });
    for (const more of [{ accounts: ACCOUNTS }, { principals: EXACT }]) {
      const outcome = evaluate(sound, more);
      expect(outcome.status).toBe('pass');
      expect(JSON.stringify(outcome)).not.toContain('does not prove');
    }
  });

  test('an unlisted host cannot pass: what it accepts is told and called neither right nor wrong', () => {
    const nothing = { allowedPrincipals: { adm: [], agt: [], atm: [] } };
    expect(evaluate(sound, nothing).status).toBe('fail');
    expect(evaluate(sound, { ...nothing, unlisted: true })).toMatchObject({
      status: 'unknown',
      detail: expect.stringMatching(
        /does not list the principals of this host; it accepts: adm-full, a/,
      ) as string,
    });
    // What is wrong whoever is expected stays a failure.
    const cut = judge({ files: { [OPS]: 'adm-full adm-readonly\n' } }, { ...nothing, unlisted: true });
    expect(subjects(cut)).toEqual([`${OPS}:1`]);
  });

  test.each([
    ['two on one line', 'adm-full adm-readonly\n', 'bad options'],
    ['a comma', 'adm-full,adm-readonly\n', 'comma'],
    ['carriage returns', 'adm-full\r\n', 'carriage return'],
    ['a byte-order mark', '\uFEFFadm-full\n', 'byte-order mark'],
    ['cert-authority', 'cert-authority adm-full\n', 'cert-authority is not allowed here'],
  ])('a line that grants nothing: %s', (_name, text, says) => {
    const outcome = judge({ files: { [OPS]: text } });
    expect(subjects(outcome)).toEqual([`${OPS}:1`, 'principal adm-full for any account']);
    expect(findingsOf(outcome)[0]).toMatchObject({
      at: { path: OPS, line: 1 },
      message: expect.stringContaining(says) as string,
    });
  });

  test('what nobody used is a remark, where both logs tell', () => {
    const month = 30n * 24n * 3600n;
    const validAfter = BigInt(NOW.getTime() / 1000) - month;
    const certificateLog = ok(
      issuanceLog([
        issued(
          {
            serial: 7n,
            keyId: 'adm-bernd',
            principals: ['adm-full'],
            validAfter,
            validBefore: validAfter + 2n * month,
          },
          Number(validAfter) * 1000,
        ),
      ]),
    );
    const input = inputOf(sound, expectationsOf([CA]));
    const remarks = (logins: Reading<LoginLog>, entries = certificateLog): readonly string[] => {
      const outcome = judgeWithLogs(input, logins, entries);
      expect(outcome.status).toBe('pass');
      return (outcome.notes ?? []).filter((note) => note.startsWith('No login since'));
    };
    expect(remarks(ok(log(login()))).map((note) => note.split(':', 1)[0])).toEqual([
      'No login since 2026-10-22 used agt-resolver (account agent)',
      'No login since 2026-10-22 used atm-backup (account auto)',
    ]);
    // A login whose principals nobody knows may have used any.
    expect(remarks(ok(log(login({ account: 'agent' }, 'agt-x', '99'))))).toHaveLength(2);
    expect(remarks(ok(log(login())), not())).toEqual([]);
    expect(remarks(ok(log(login()), 'hole'))).toEqual([]);
    expect(remarks(ok({ ...log(login()), coversFrom: NOW.getTime() - 3_600_000 }))).toEqual([]);
  });

  test('options before the principal and comments behind it are understood', () => {
    expect(judge({ files: { [OPS]: '# who\n\ncommand="echo a b # c" adm-full\n' } }).status).toBe('fail');
    expect(
      judge({ files: { [OPS]: '# who\n\n  restrict,command="echo a b" adm-full   # why\n' } }).status,
    ).toBe('pass');
  });

  test.each([
    [
      'owned by its account',
      `chown 2001 ${OPS}`,
      `${OPS} belongs to uid 2001 and not to root`,
      'writes himself',
    ],
    [
      'owned by another account',
      `chown 2002 ${OPS}`,
      `${OPS} belongs to uid 2002 and not to root`,
      'decides who logs in',
    ],
    ['mode 0664', `chmod 664 ${OPS}`, `${OPS} can be written by its group (mode 0664)`, 'refuses the file'],
    ['mode 0600', `chmod 600 ${OPS}`, `${OPS} unreadable`, 'every certificate is refused'],
    [
      'a link into the home',
      `mkdir -m 755 /home/ops; mv ${OPS} /home/ops/p; chown 2001 /home/ops; ln -s /home/ops/p ${OPS}`,
      `the folder /home/ops above ${OPS} belongs to uid 2001 and not to root`,
      'decides who logs in',
    ],
  ])('the file is %s', (_name, before, subject, says) => {
    expect(findingsOf(judge({ before }))).toEqual([
      expect.objectContaining({ subject, message: expect.stringContaining(says) as string }),
    ]);
  });

  test('the folder is open to everybody, or closed to the accounts', () => {
    const open = judge({ before: `chmod 777 ${FOLDER}` });
    expect(subjects(open)).toEqual(
      ['agent', 'auto', 'ops'].map(
        (name) => `the folder ${FOLDER} above ${FOLDER}/${name} can be written by everybody (mode 0777)`,
      ),
    );
    expect(subjects(judge({ before: `chmod 700 ${FOLDER}` }))).toEqual(
      ['agent', 'auto', 'ops'].map((name) => `${FOLDER}/${name} unreadable`),
    );
  });

  test('readable through a group: the primary one is known, others are not', () => {
    expect(judge({ before: `chgrp 2001 ${OPS}; chmod 640 ${OPS}` }).status).toBe('pass');
    expect(judge({ before: `chgrp 100 ${OPS}; chmod 640 ${OPS}` })).toMatchObject({
      status: 'unknown',
      detail: expect.stringContaining('hangs on the groups') as string,
    });
  });

  test('a folder, a pipe and a dangling link in the place of the file', () => {
    for (const [before, kind] of [
      [`rm ${OPS}; mkdir ${OPS}`, 'dir'],
      [`rm ${OPS}; mkfifo ${OPS}`, 'fifo'],
    ] as const) {
      expect(findingsOf(judge({ before }))[0]).toMatchObject({
        subject: OPS,
        message: expect.stringContaining(`but a ${kind}`) as string,
      });
    }
    expect(subjects(judge({ before: `rm ${OPS}; ln -s /nowhere ${OPS}` }))).toEqual([
      'principal adm-full for any account',
    ]);
  });

  describe('against the inventory', () => {
    const files = { [OPS]: 'adm-full\nadm-extra\n' };

    test('union: too many, too few, and kinds of actors mixed', () => {
      expect(subjects(judge({ files }))).toEqual([`${OPS}:2 for ops`]);
      expect(subjects(judge({ files: { [OPS]: '' } }))).toEqual(['principal adm-full for any account']);
      const mixed = judge({ files: { [OPS]: 'adm-full\nagt-resolver\n' } });
      expect(findingsOf(mixed)).toEqual([
        expect.objectContaining({
          subject: 'account ops',
          message: expect.stringContaining('(adm, agt)') as string,
        }),
      ]);
      const misplaced = judge({
        passwd: [
          'agt-bot:x:2010:2010::/home/b:/bin/sh',
          'ops:x:2001:2001::/:/bin/sh',
          'auto:x:2003:2003::/:/bin/sh',
        ],
        files: { [`${FOLDER}/agent`]: 'agt-resolver\n', [`${FOLDER}/agt-bot`]: 'adm-full\nagt-resolver\n' },
      });
      expect(subjects(misplaced)).toContain('account agt-bot');
    });

    test('by accounts: a principal in the wrong account is two findings', () => {
      const swapped = { [OPS]: 'agt-resolver\n', [`${FOLDER}/agent`]: 'adm-full\n' };
      expect(judge({ files: swapped }).status).toBe('pass');
      expect(subjects(judge({ files: swapped }, { accounts: ACCOUNTS }))).toEqual([
        `${FOLDER}/agent:1 for agent`,
        `${OPS}:1 for ops`,
        'principal adm-full for the adm accounts (ops)',
        'principal agt-resolver for the agt accounts (agent)',
      ]);
      // One account may serve two kinds when the inventory says so; other accounts must hold nothing.
      expect(
        judge(
          { files: { [OPS]: 'adm-full\natm-backup\n', [`${FOLDER}/auto`]: '' } },
          { accounts: { ...ACCOUNTS, atm: ['ops'] } },
        ).status,
      ).toBe('pass');
      expect(
        subjects(judge({ files: { [`${FOLDER}/root`]: 'adm-full\n' } }, { accounts: ACCOUNTS })),
      ).toEqual([`${FOLDER}/root:1 for root`]);
    });

    test('exactly: account by account', () => {
      expect(subjects(judge({ files }, { principals: EXACT }))).toEqual([`${OPS}:2 for ops`]);
      expect(
        subjects(
          evaluate(sound, {
            principals: { ...EXACT, ops: ['adm-full', 'adm-more'], deploy: ['atm-deploy'] },
          }),
        ),
      ).toEqual(['principal adm-more for account ops', 'principal atm-deploy for account deploy']);
      expect(
        subjects(evaluate(sound, { principals: { ops: ['adm-full'], agent: ['agt-resolver'] } })),
      ).toEqual([`${FOLDER}/auto:1 for auto`]);
      // The map decides alone.
      expect(
        evaluate(sound, { principals: EXACT, allowedPrincipals: { adm: ['x'], agt: [], atm: [] } }).status,
      ).toBe('pass');
    });

    test('names as odd as JavaScript’s own', () => {
      expect(
        subjects(
          judge(
            { files: { [`${FOLDER}/root`]: 'constructor\n' } },
            { principals: { ...EXACT, constructor: [] } },
          ),
        ),
      ).toEqual([`${FOLDER}/root:1 for root`]);
    });
  });

  test('a file for a name that is no account is a remark; an account without a file is none', () => {
    expect(
      judge({ files: { [`${FOLDER}/gone`]: 'adm-full\n', [`${FOLDER}/.hidden`]: 'adm-x\n' } }),
    ).toMatchObject({
      status: 'pass',
      notes: expect.arrayContaining([
        expect.stringContaining(`${FOLDER}/gone serves no account`),
        expect.stringContaining('.hidden'),
      ]) as string[],
    });
    if (!sound.accounts.ok) throw new Error(sound.accounts.detail);
    const facts = factsOf(soundHost(keys.ca.line, { files: { [`${FOLDER}/gone`]: 'adm-full\n' } }), NEEDS);
    expect(
      evaluate({
        ...facts,
        accounts: { ...sound.accounts, gaps: ['a directory does not list its accounts'] },
      }),
    ).toMatchObject({ status: 'unknown', detail: expect.stringContaining('gone') as string });
  });

  describe('where principals come from', () => {
    test.each([
      ['unset', 'Port 2222\n', 'is not set'],
      ['relative', 'Port 2222\nAuthorizedPrincipalsFile .ssh/authorized_principals\n', 'writes himself'],
      ['in the home', 'Port 2222\nAuthorizedPrincipalsFile %h/principals\n', 'writes himself'],
      ['elsewhere', 'Port 2222\nAuthorizedPrincipalsFile /etc/principals/%u\n', 'not the directive’s'],
    ])('%s', (_name, config, says) => {
      expect(findingsOf(judge({ config }))[0]).toMatchObject({
        message: expect.stringContaining(says) as string,
      });
    });

    test('unset in a Match block means a file in the home, whatever sshd prints', () => {
      const outcome = judge({ config: `${CONFIG}Match User ops\n  AuthorizedPrincipalsFile none\n` });
      expect(subjects(outcome)).toContain('/etc/ssh/sshd_config:6');
      expect(JSON.stringify(findingsOf(outcome))).toContain('~/none');
    });

    test('a Match block nobody matches today counts too, and 10.6 mended it', () => {
      if (!sound.sshd.ok) throw new Error(sound.sshd.detail);
      const base: SshdFacts = sound.sshd.value;
      const at = { path: '/etc/ssh/sshd_config', line: 9 };
      const block: MatchBlock = {
        at: { ...at, line: 8 },
        criteria: 'Address 10.0.0.0/8',
        settings: { authorizedprincipalsfile: { value: 'NONE', at } },
      };
      const says = (version: SshdVersion | null): string => {
        const outcome = evaluate({
          ...sound,
          sshd: { ok: true, gaps: [], value: { ...base, version, matchBlocks: [block] } },
        });
        return findingsOf(outcome)[0]?.message ?? '';
      };
      expect(says({ text: '', major: 10, minor: 5 })).toContain('~/none');
      expect(says(null)).toContain('~/none');
      expect(says({ text: '', major: 10, minor: 6 })).not.toContain('~/none');
    });

    test('a command grants what no file shows', () => {
      const command =
        'AuthorizedPrincipalsCommand /usr/bin/google_authorized_principals %u %k\nAuthorizedPrincipalsCommandUser nobody\n';
      expect(findingsOf(judge({ config: `${command}${CONFIG}` }))[0]).toMatchObject({
        subject: '/etc/ssh/sshd_config:1',
        message: expect.stringContaining('google_authorized_principals') as string,
      });
    });

    test('8.7 to 9.3 ignore the command behind AuthorizedKeysCommand: a remark, for an upgrade wakes it', () => {
      if (!sound.sshd.ok) throw new Error(sound.sshd.detail);
      const base: SshdFacts = sound.sshd.value;
      const files = base.files.map((file) => ({
        ...file,
        text: `${file.text}AuthorizedPrincipalsCommand /x %u\n`,
      }));
      const at = (major: number, minor: number): Outcome =>
        evaluate({
          ...sound,
          sshd: { ok: true, gaps: [], value: { ...base, files, version: { text: '', major, minor } } },
        });
      expect(at(9, 2)).toMatchObject({
        status: 'pass',
        notes: [expect.stringContaining('/etc/ssh/sshd_config:5 sets AuthorizedPrincipalsCommand')],
      });
      for (const [major, minor] of [
        [8, 6],
        [9, 4],
        [10, 0],
      ] as const)
        expect(at(major, minor)).not.toHaveProperty('notes');
    });

    test('a cert-authority line brings its own list, which the other two checks judge', () => {
      const outcome = judge({
        files: {
          '/home/ops/.ssh/authorized_keys': `cert-authority,principals="adm-full,root" ${keys.other.line}\n`,
        },
      });
      expect(outcome).toMatchObject({
        status: 'pass',
        notes: expect.arrayContaining([expect.stringContaining('“adm-full,root”')]) as string[],
      });
    });
  });

  describe('with one fact taken away or altered', () => {
    test.each(['sshd', 'daemons', 'accounts', 'principalsFiles'] as const)('%s is needed', (name) => {
      expect(
        evaluate({ ...sound, [name]: { ok: false, reason: 'denied', detail: 'not told' } }),
      ).toMatchObject({ status: 'unknown', detail: 'not told' });
    });

    test.each(['sshd', 'daemons', 'principalsFiles'] as const)('a gap in %s counts', (name) => {
      expect(evaluate({ ...sound, [name]: { ...sound[name], gaps: ['half of it'] } })).toMatchObject({
        status: 'unknown',
        detail: 'half of it',
      });
    });

    test('what is missing may stand in what was not read; what is too much is too much', () => {
      const cut = factsOf(
        soundHost(keys.ca.line, { files: { [OPS]: `adm-extra\n${'#\n'.repeat(40_000)}adm-full\n` } }),
        NEEDS,
      );
      expect(subjects(evaluate(cut))).toEqual([`${OPS}:1 for ops`]);
      const behind = factsOf(
        soundHost(keys.ca.line, { files: { [OPS]: `${'#\n'.repeat(40_000)}adm-full\n` } }),
        NEEDS,
      );
      expect(evaluate(behind)).toMatchObject({
        status: 'unknown',
        detail: expect.stringContaining('not read whole') as string,
      });
    });

    test('a keyword that is not printed', () => {
      if (!sound.sshd.ok) throw new Error(sound.sshd.detail);
      const cases = sound.sshd.value.cases.map((one): SshdCase => {
        const { authorizedprincipalsfile: _gone, ...settings } = one.settings;
        return { ...one, settings };
      });
      expect(
        evaluate({ ...sound, sshd: { ok: true, gaps: [], value: { ...sound.sshd.value, cases } } }),
      ).toMatchObject({ status: 'unknown', reason: 'unsupported' });
    });
  });
});
