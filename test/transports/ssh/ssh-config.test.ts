import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import {
  createConfigResolver,
  expandPath,
  parseSshG,
  type ResolvedConfig,
} from '../../../src/transports/ssh/ssh-config.js';

const settings = { now: () => 0, home: '/home/ops', localUser: 'ops', configFile: 'none' };
const fallback = (): Promise<ResolvedConfig> => createConfigResolver(settings)({ alias: 'db' });
const read = async (text: string): Promise<ResolvedConfig> =>
  parseSshG(text, await fallback(), '/home/ops', settings);

describe('ssh_config', () => {
  it('without any: the defaults of ssh(1)', async () => {
    expect(await createConfigResolver(settings)({ alias: 'db', user: 'x', port: 2222 })).toMatchObject({
      hostName: 'db',
      user: 'x',
      port: 2222,
      identitiesOnly: false,
      proxyJump: [],
      knownHostsFiles: [
        '/home/ops/.ssh/known_hosts',
        '/home/ops/.ssh/known_hosts2',
        '/etc/ssh/ssh_known_hosts',
        '/etc/ssh/ssh_known_hosts2',
      ],
    });
    expect((await fallback()).user).toBe('ops');
  });

  it('reads what ssh -G prints', async () => {
    const text = [
      'host db',
      'user deploy',
      'hostname 10.0.0.1',
      'port 2222',
      'identitiesonly yes',
      'identityfile ~/.ssh/%h-key',
      'identityfile /keys/%r@%n',
      'certificatefile ~/x-cert.pub',
      'identityagent /run/agent-%u.sock',
      'proxyjump a@b:22,c',
      'hostkeyalias database',
      'userknownhostsfile /home/ops/kh one /kh2',
      'globalknownhostsfile none',
    ].join('\n');
    expect(await read(text)).toEqual({
      hostName: '10.0.0.1',
      user: 'deploy',
      port: 2222,
      identitiesOnly: true,
      identityFiles: ['/home/ops/.ssh/10.0.0.1-key', '/keys/deploy@db'],
      certificateFiles: ['/home/ops/x-cert.pub'],
      identityAgent: '/run/agent-ops.sock',
      proxyJump: ['a@b:22', 'c'],
      hostKeyAlias: 'database',
      knownHostsFiles: ['/home/ops/kh one', '/kh2'],
    });
  });

  it.each([
    ['SSH_AUTH_SOCK', undefined],
    ['$SSH_AUTH_SOCK', undefined],
    ['none', 'none'],
    ['~/a.sock', '/home/ops/a.sock'],
  ])('identityagent %s', async (value, expected) => {
    expect((await read(`identityagent ${value}\n`)).identityAgent).toBe(expected);
  });

  it('none means none', async () => {
    const config = await read(
      'proxyjump none\nproxycommand none\nhostkeyalias none\nuserknownhostsfile none\nglobalknownhostsfile none\n',
    );
    expect(config).toMatchObject({ proxyJump: [], knownHostsFiles: [] });
    expect(config.proxyCommand).toBeUndefined();
    expect(config.hostKeyAlias).toBeUndefined();
  });

  it('never throws, whatever is printed', async () => {
    const base = await fallback();
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parseSshG(text, base, '/h', settings).hostName).toBeTypeOf('string');
      }),
      { seed: 20261121 },
    );
  });

  it('expands tokens once', () => {
    const tokens = { home: '/h', hostName: 'x', alias: '%h', user: 'u', port: 22, localUser: 'me' };
    expect(expandPath('~/%n/%%h/%d/%p/%q', tokens)).toBe('/h/%h/%h//h/22/%q');
  });
});
