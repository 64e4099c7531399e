/** Ways between environments that a run went, by its connection records. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crossingsOf } from '../src/crossings.js';
import type { ConnectionRecord } from '../src/model.js';

const KEY = `SHA256:${'a'.repeat(43)}`;
const OTHER = `SHA256:${'b'.repeat(43)}`;

function reached(name: string, environment: string | undefined, more: Partial<ConnectionRecord>) {
  return {
    name,
    ...(environment !== undefined && { environment }),
    at: { file: 'i.yaml', line: 1, column: 1 },
    connection: { transport: 'ssh' as const, address: name, port: 22, user: 'auditor', route: [], ...more },
  };
}

function messages(one: Partial<ConnectionRecord>, other: Partial<ConnectionRecord>): string[] {
  return crossingsOf([reached('test', 'staging', other), reached('db', 'production', one)]).map(
    ({ message }) => message.split(':', 1)[0] ?? '',
  );
}

describe('ways between environments that a run went', () => {
  it.each<[string, string, string]>([
    [
      `publickey certificate ssh-ed25519 ${KEY} ID "atm-scorecard" (serial 7) from agent`,
      `publickey certificate ssh-ed25519 ${OTHER} ID "atm-scorecard" (serial 8) from /k/id`,
      'atm-scorecard',
    ],
    [`publickey key ssh-ed25519 ${KEY} from agent`, `publickey key /k/id ED25519 ${KEY} explicit`, KEY],
    [
      'AWS arn:aws:sts::1:assumed-role/auditor/monday (account 1)',
      'AWS arn:aws:sts::1:assumed-role/auditor/tuesday (account 1)',
      'arn:aws:sts::1:assumed-role/auditor',
    ],
  ])('one identity: %s', (one, other, name) => {
    expect(messages({ authenticatedBy: one }, { authenticatedBy: other })).toEqual([
      `the identity "${name}" reaches both production (db) and staging (test)`.split(':', 1)[0],
    ]);
  });

  it('a bastion and a jump user of ssh_config or of a flag', () => {
    expect(
      messages({ route: ['jump@10.0.0.1:22', 'a@x:22'] }, { route: ['b@y:22', 'other@10.0.0.1:22'] }),
    ).toEqual(['the bastion "10.0.0.1']);
    expect(messages({ route: ['jump@[2001:db8::1]:22'] }, { route: ['jump@y:22'] })).toEqual([
      'the jump user "jump" reaches both production (db) and staging (test)',
    ]);
  });

  it.each<[string, Partial<ConnectionRecord>, Partial<ConnectionRecord>]>([
    [
      'identities of their own',
      { authenticatedBy: `publickey key x ${KEY} from a` },
      { authenticatedBy: `publickey key x ${OTHER} from a` },
    ],
    ['nothing known', {}, {}],
    ['Kerberos', { authenticatedBy: 'gssapi-with-mic' }, { authenticatedBy: 'gssapi-with-mic' }],
    ['this machine', { transport: 'local', authenticatedBy: KEY }, { authenticatedBy: KEY }],
    [
      'AWS, which is no bastion',
      { transport: 'ssm', route: ['AWS Systems Manager in eu'] },
      { transport: 'ssm', route: ['AWS Systems Manager in eu'] },
    ],
  ])('is quiet about %s', (_, one, other) => {
    expect(messages(one, other)).toEqual([]);
  });

  it('says the same whatever the order of the hosts', () => {
    const hosts = ['c', 'a', 'b'].flatMap((name) =>
      ['production', 'qa', undefined].map((environment) =>
        reached(`${name}-${environment ?? 'none'}`, environment, { route: ['j@g:22'], authenticatedBy: KEY }),
      ),
    );
    const said = crossingsOf(hosts);
    expect(said).toHaveLength(3);
    expect(crossingsOf(hosts.toReversed())).toEqual(said);
  });

  it('never throws for what a saved record says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(fc.string({ unit: 'binary' })), (by, route) => {
        const more = { authenticatedBy: `publickey certificate x SHA256:y ID "${by}`, route };
        expect(
          crossingsOf([reached('a', 'prod', more), reached('b', 'qa', more)]).length,
        ).toBeGreaterThanOrEqual(0);
      }),
      { seed: 6, numRuns: 300 },
    );
  });
});
