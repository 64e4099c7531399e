import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessOf } from '../../src/facts/access.js';
import { collectNeeds, type PrivateHost } from '../helpers/collect.js';
import { CA_PATH, factsOf, soundHost, testKeys, type KeyFacts, type TestKey } from '../helpers/keys-host.js';
import { title } from '../helpers/needs.js';

const need = collectNeeds();

describe.skipIf(need)(title('who may log in, on real hosts', need), () => {
  let keys: Record<'ca' | 'second' | 'user' | 'team', TestKey>;
  let remove: () => void = () => undefined;
  const of = (more: PrivateHost = {}): KeyFacts => factsOf(soundHost(keys.ca.line, more));
  beforeAll(async () => {
    ({ keys, remove } = await testKeys(['ca', 'second', 'user', 'team']));
  });
  afterAll(() => remove());

  test('a sound host: its CA, its principals, no static key', () => {
    expect(accessOf(of())).toMatchObject({
      caKeys: [keys.ca.fingerprint],
      staticKeys: [],
      principals: [
        { account: 'agent', principal: 'agt-resolver' },
        { account: 'auto', principal: 'atm-backup' },
        { account: 'ops', principal: 'adm-full' },
      ],
    });
  });

  test('keys and CA lines in authorized_keys open their account; lines sshd ignores open nothing', () => {
    const text = `# note\n${keys.user.line}\nno-such-option ${keys.second.line}\ncert-authority ${keys.team.line}\n`;
    const fingerprints = [keys.user.fingerprint, keys.team.fingerprint].sort();
    expect(accessOf(of({ files: { '/home/ops/.ssh/authorized_keys': text } }))?.staticKeys).toEqual(
      fingerprints.map((fingerprint) => ({ account: 'ops', fingerprint })),
    );
  });

  test('a file no configuration makes sshd read opens nothing, unless dropbear reads it', () => {
    const facts = of({
      config: `Port 2222\nTrustedUserCAKeys ${CA_PATH}\nAuthorizedKeysFile none\nAuthorizedPrincipalsFile /etc/ssh/auth_principals/%u\n`,
      files: { '/home/ops/.ssh/authorized_keys': `${keys.user.line}\n` },
    });
    expect(accessOf(facts)?.staticKeys).toEqual([]);
    if (!facts.daemons.ok) throw new Error(facts.daemons.detail);
    const dropbear = {
      pid: 7,
      program: 'dropbear',
      executable: '/usr/sbin/dropbear',
      commandLine: 'dropbear',
      startedAt: null,
      sockets: [],
      overrides: [],
    };
    const daemons = { ...facts.daemons, value: { ...facts.daemons.value, listeners: [dropbear] } };
    expect(accessOf({ ...facts, daemons })?.staticKeys).toEqual([
      { account: 'ops', fingerprint: keys.user.fingerprint },
    ]);
  });

  test('CA keys after the line where sshd stops reading are none', () => {
    const text = `${keys.ca.line}\nno-pty ${keys.second.line}\n${keys.second.line}\n`;
    expect(accessOf(of({ files: { [CA_PATH]: text } }))?.caKeys).toEqual([keys.ca.fingerprint]);
  });

  test('what could not be read is not shown as nothing', () => {
    const facts = of();
    const unread = { ok: false, reason: 'denied', detail: 'no' } as const;
    expect(accessOf({ ...facts, caFiles: unread })).toBeUndefined();
    expect(accessOf({ ...facts, authorizedKeys: unread })).toBeUndefined();
    expect(accessOf({ ...facts, principalsFiles: unread })).toBeUndefined();
    if (!facts.caFiles.ok) throw new Error(facts.caFiles.detail);
    expect(accessOf({ ...facts, caFiles: { ...facts.caFiles, gaps: ['cut'] } })?.partial).toBe(true);
  });
});
