import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAccounts } from '../../src/facts/accounts.js';
import { collect, collectNeeds, probesNamed } from '../helpers/collect.js';
import { evidenceOf, probeOutput, word } from '../helpers/evidence.js';
import { title } from '../helpers/needs.js';

const PASSWD = 'n:root:x:0:0:root:/root:/bin/bash\nl:ldap.user:x:20001:20000:::/bin/sh\n';
const GROUPS = 'root\troot\t0\nldap.user\tdomain users wheel\t20000 10\n';
const records = (rows: Readonly<Record<string, string>>): string =>
  Object.entries(rows)
    .map(([kind, text]) => `${kind} ${word(text)}\n`)
    .join('');

describe('accounts from evidence', () => {
  test('sources, groups and the state of passwords', () => {
    const reading = readAccounts(
      evidenceOf({
        accounts: records({
          nss: 'files systemd',
          passwd: PASSWD,
          groups: GROUPS,
          shadow: 'root:locked\nldap.user:bogus\n',
        }),
      }),
    );
    expect(reading).toMatchObject({
      ok: true,
      value: [
        {
          name: 'root',
          uid: 0,
          gid: 0,
          home: '/root',
          shell: '/bin/bash',
          groups: ['root'],
          source: 'nss',
          password: 'locked',
        },
        { name: 'ldap.user', uid: 20001, home: '', source: 'lookup', groups: [] },
      ],
    });
    // "domain users wheel" are two groups by their ids: which ones, the names cannot tell.
    expect(reading.ok && reading.gaps).toEqual(['the groups of some accounts could not be resolved']);
  });

  test('a directory service leaves a gap', () => {
    for (const nss of ['files sss', 'files [NOTFOUND=return] ldap', 'compat winbind']) {
      const reading = readAccounts(
        evidenceOf({
          accounts: records({ nss, passwd: 'n:root:x:0:0::/root:/bin/sh\n', groups: 'root\troot\t0\n' }),
        }),
      );
      expect(reading.ok && reading.gaps.join()).toContain('nsswitch.conf');
    }
  });

  test('no account at all, no probe, and a cut probe', () => {
    expect(readAccounts(evidenceOf({ accounts: '' }))).toMatchObject({ ok: false, reason: 'failed' });
    expect(readAccounts(evidenceOf({}))).toMatchObject({ ok: false, reason: 'not-collected' });
    const cut = readAccounts(
      evidenceOf({
        accounts: probeOutput(`${records({ passwd: PASSWD, groups: GROUPS })}gap x\n`, { cut: true }),
      }),
    );
    expect(cut.ok && cut.gaps.some((gap) => gap.includes('cut'))).toBe(true);
  });

  test('no bytes make it throw', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.constantFrom('passwd', 'groups', 'shadow', 'nss'),
        (text, kind) => {
          const reading = readAccounts(evidenceOf({ accounts: records({ passwd: PASSWD, [kind]: text }) }));
          expect(reading.ok || reading.reason === 'failed').toBe(true);
        },
      ),
      { seed: 20261121, numRuns: 1000 },
    );
  });
});

const need = collectNeeds();
describe.skipIf(need)(title('accounts of a real host', need), () => {
  test('every account once, uid 0 twins, odd names, names found elsewhere; never a hash', () => {
    const { evidence } = collect({
      passwd: [
        'alice:x:2001:2001:Alice:/home/alice:/bin/bash',
        'toor:x:0:0::/root:/bin/sh',
        'we ird:x:2002:100::/home/we ird:/bin/sh',
        '+nis::::::',
        'broken:x:abc:1::/:/bin/sh',
      ],
      group: ['ops:x:3000:alice,root'],
      before: `printf '%s\\n' 'alice:$6$SECRETSALT$SECRETHASH:19000::::::' 'toor::19000::::::' >>/etc/shadow; sed -i 's/^passwd:.*/passwd: files/' /etc/nsswitch.conf`,
      probes: probesNamed('accounts'),
    });
    const reading = readAccounts(evidence);
    if (!reading.ok) throw new Error(reading.detail);
    const named = (name: string) => reading.value.find((one) => one.name === name);
    expect(named('alice')).toMatchObject({
      uid: 2001,
      groups: expect.arrayContaining(['ops']),
      password: 'set',
      source: 'nss',
    });
    expect(named('toor')).toMatchObject({ uid: 0, password: 'empty' });
    expect(named('we ird')).toMatchObject({ home: '/home/we ird' });
    expect(new Set(reading.value.map(({ name }) => name)).size).toBe(reading.value.length);
    expect(JSON.stringify(evidence)).not.toMatch(/SECRET/);
    expect(
      Buffer.from(evidence.probes['accounts']?.stdout.match(/shadow =(\S+)/)?.[1] ?? '', 'base64').toString(),
    ).not.toMatch(/SECRET/);
  });

  test('more than 2,000 accounts: the rest is said to be missing', () => {
    const many = Array.from(
      { length: 2100 },
      (_, index) => `user${index}:x:${5000 + index}:100::/home/user${index}:/bin/sh`,
    );
    const reading = readAccounts(collect({ passwd: many, probes: probesNamed('accounts') }).evidence);
    expect(reading.ok && reading.value.length).toBe(2000);
    expect(reading.ok && reading.gaps.join()).toContain('more than 2000 accounts');
  });
});
