/** Both transports that speak SSH, held to the same table on a real sshd. */
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, vi } from 'vitest';
import { createTransport } from '../../src/transports/index.js';
import { needs } from '../helpers/needs.js';
import {
  descendants,
  freePort,
  makeKey,
  publicKey,
  removeDirectory,
  signKey,
  startSshd,
  temporaryDirectory,
} from '../helpers/sshd.js';
import { conformance, type Subject } from './conformance.js';
import { hostAt, trust } from './ssh/lab.js';

/** Where this file's transports put theirs: other tests make directories in the shared one at the same time. */
let apart: string;
beforeAll(() => {
  apart = mkdtempSync(join(tmpdir(), 'scorecard-'));
  vi.stubEnv('TMPDIR', apart);
});
afterAll(() => {
  vi.unstubAllEnvs();
  removeDirectory(apart);
});

const setup = (name: 'ssh' | 'openssh' | 'auto') => async (): Promise<Subject> => {
  const directory = temporaryDirectory('conformance');
  const [ca, user, stranger] = await Promise.all(
    ['ca', 'user', 'stranger'].map((file) => makeKey(join(directory, file))),
  );
  if (ca === undefined || user === undefined || stranger === undefined) throw new Error('no keys');
  await signKey(ca, user, { id: 'atm-conformance', serial: 7 });
  const server = await startSshd({ cas: [publicKey(ca)], principals: { root: ['tester'] } });
  trust(directory, server);
  const before = new Set(workspaces());
  const own = new Set(descendants(process.pid));
  const host = hostAt(server, { transport: name, identityFile: user });
  return {
    transport: createTransport(name, {
      configFile: 'none',
      home: directory,
      knownHostsFiles: [join(directory, 'known_hosts')],
      localUser: 'root',
      now: Date.now,
    }),
    host,
    unreachable: {
      host: { ...host, address: '127.0.0.1', port: await freePort() },
      codes: ['connect-refused'],
    },
    denied: { host: { ...host, identityFile: stranger }, codes: ['login-refused'] },
    remains: () => [
      ...descendants(process.pid)
        .filter((pid) => !own.has(pid))
        .map((pid) => `process ${String(pid)}`),
      ...workspaces().filter((path) => !before.has(path)),
    ],
    stop: async () => {
      await server.stop();
      removeDirectory(directory);
    },
  };
};

/** Private directories of the openssh transport. */
function workspaces(): string[] {
  return readdirSync(tmpdir()).filter((name) => /^ssh-scorecard-[A-Za-z0-9]{6}$/.test(name));
}

conformance('ssh', { need: needs.sshd }, setup('ssh'));
conformance('openssh', { need: needs.ssh ?? needs.sshd }, setup('openssh'));
conformance('auto', { need: needs.ssh ?? needs.sshd }, setup('auto'));
