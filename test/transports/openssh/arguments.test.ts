/** The command line of ssh: what no ssh_config may change, judged by ssh itself. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hopArguments, pathProblem, type HopArguments } from '../../../src/transports/openssh/arguments.js';
import { needs, title } from '../../helpers/needs.js';
import { removeDirectory, temporaryDirectory } from '../../helpers/sshd.js';

const about: HopArguments = {
  hop: {
    name: 'db',
    alias: 'db.example',
    address: '192.0.2.1',
    port: 2222,
    user: 'auditor',
    identity: {
      identityFile: '/k/100% mine',
      certificateFile: '/k/c-cert.pub',
      configIdentityFiles: [],
      configCertificateFiles: [],
      identitiesOnly: false,
    },
    knownHostsFiles: [],
    pins: [],
  },
  program: { path: 'ssh', version: 902 },
  configFile: undefined,
  limits: {
    connectMs: 10_000,
    handshakeMs: 5500,
    loginMs: 1,
    firstByteMs: 1,
    idleMs: 1,
    totalMs: 1,
    maxStdout: 1,
    maxStderr: 1,
    retries: 0,
  },
  logFile: '/l',
  known: { files: ['/k/a b'], without: [] },
  proxyCommand: 'none',
};

it.skipIf(needs.ssh)(title('wins over an ssh_config that would undo it', needs.ssh), () => {
  const directory = temporaryDirectory('arguments');
  const configFile = join(directory, 'config');
  const lax = [
    'StrictHostKeyChecking no',
    'UpdateHostKeys yes',
    'NoHostAuthenticationForLocalhost yes',
    'ForwardAgent yes',
    'ForwardX11 yes',
    'LocalForward 1 localhost:1',
    'PermitLocalCommand yes',
    'LocalCommand id',
    'RemoteCommand id',
    'RequestTTY force',
    'ControlMaster auto',
    'ControlPath /tmp/x',
    'BatchMode no',
    'PasswordAuthentication yes',
    'AddKeysToAgent yes',
    'ProxyJump somewhere',
    'UserKnownHostsFile /dev/null',
    'KnownHostsCommand /bin/true',
    'HostName elsewhere',
    'User root',
    'Port 1',
    'Ciphers aes256-ctr',
    'SessionType none',
    'StdinNull yes',
    'ForkAfterAuthentication yes',
  ];
  writeFileSync(configFile, `Host *\n${lax.map((line) => `  ${line}\n`).join('')}`);
  const args = hopArguments({ ...about, configFile });
  const printed = execFileSync('ssh', ['-G', ...args], { encoding: 'utf8' });
  removeDirectory(directory);
  const value = (keyword: string): string | undefined =>
    new RegExp(`^${keyword} (.*)$`, 'm').exec(printed)?.[1];
  const expected: Record<string, string | undefined> = {
    hostname: '192.0.2.1',
    user: 'auditor',
    port: '2222',
    batchmode: 'yes',
    stricthostkeychecking: 'true',
    updatehostkeys: 'false',
    nohostauthenticationforlocalhost: 'no',
    forwardagent: 'no',
    forwardx11: 'no',
    clearallforwardings: 'yes',
    permitlocalcommand: 'no',
    remotecommand: undefined,
    requesttty: 'false',
    controlmaster: 'false',
    controlpath: undefined,
    passwordauthentication: 'no',
    addkeystoagent: 'false',
    proxyjump: undefined,
    proxycommand: undefined,
    knownhostscommand: undefined,
    sessiontype: 'default',
    stdinnull: 'no',
    forkafterauthentication: 'no',
    identitiesonly: 'yes',
    identityagent: 'none',
    connecttimeout: '17',
    // What only concerns the connection stays the user's.
    ciphers: 'aes256-ctr',
  };
  for (const [keyword, wanted] of Object.entries(expected)) {
    const got = value(keyword);
    expect([keyword, got === 'none' && wanted === undefined ? undefined : got]).toEqual([keyword, wanted]);
  }
  expect(value('userknownhostsfile')).toContain('/k/a b');
  expect(printed).toContain('identityfile /k/100%% mine');
});

it('asks an older ssh for nothing it does not know', () => {
  const old = hopArguments({ ...about, program: { path: 'ssh', version: 800 } }).join(' ');
  expect(old).not.toMatch(/LogVerbose|KnownHostsCommand|SessionType|StdinNull/);
  expect(old).toContain('LogLevel=DEBUG1');
});

it.each([
  ['/a b/c%d', true],
  ['a"b', false],
  ['a\nb', false],
  ['/x/${HOME}', false],
  ["it's", true],
])('can give ssh the file name %j: %s', (path, can) => {
  expect(pathProblem(path) === undefined).toBe(can);
});
