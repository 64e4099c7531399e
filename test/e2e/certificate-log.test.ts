import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { joinLogins } from '../../checks/lib/joins.js';
import { readCertificates } from '../../src/facts/sources/certificates/index.js';
import { parseAccepted } from '../../src/facts/login-log.js';
import type { IssuanceLog, Login } from '../../src/facts/types.js';
import type { Reading } from '../../src/model.js';
import { askSources } from '../../src/sources/index.js';
import { log, policy } from '../helpers/actor-facts.js';
import { issuer, parsed, type Issuer } from '../helpers/issued-certificates.js';
import { needs, title } from '../helpers/needs.js';
import { startSshd, type Sshd } from '../helpers/sshd.js';

const need = needs.sshd ?? needs.ssh;

describe.skipIf(need)(title('real logins against a real certificate log', need), () => {
  let ca: Issuer;
  let server: Sshd;
  beforeAll(async () => {
    ca = issuer();
    const key = spawnSync('ssh-keygen', ['-yf', join(ca.folder, 'ca')], { encoding: 'utf8' }).stdout.trim();
    server = await startSshd({ cas: [key], principals: { root: ['atm-backup'] } });
  });
  afterAll(async () => {
    await server.stop();
    ca.remove();
  });

  /** Logs in with a certificate; what sshd wrote about it, as a line of its journal would be read. */
  function logIn(certificate: string): Login {
    writeFileSync(join(ca.folder, 'key-cert.pub'), `${certificate}\n`);
    writeFileSync(join(ca.folder, 'known_hosts'), `${server.knownHosts()}\n`);
    const options = [
      'BatchMode=yes',
      'IdentitiesOnly=yes',
      'IdentityAgent=none',
      `UserKnownHostsFile=${ca.folder}/known_hosts`,
    ];
    const before = server.log().length;
    const at = Date.now();
    const done = spawnSync(
      'ssh',
      [
        '-F',
        '/dev/null',
        ...options.flatMap((option) => ['-o', option]),
        '-i',
        join(ca.folder, 'key'),
        '-p',
        String(server.port),
        `root@${server.address}`,
        'true',
      ],
      { encoding: 'utf8', timeout: 20_000 },
    );
    expect(done).toMatchObject({ status: 0 });
    const line = server
      .log()
      .slice(before)
      .split('\n')
      .find((text) => text.startsWith('Accepted publickey'));
    const accepted = parseAccepted(line?.trim() ?? '');
    if (!accepted) throw new Error(`no login in: ${server.log().slice(before)}`);
    return { ...accepted, at, pid: 1, trusted: true };
  }

  async function certificateLog(lines: readonly string[]): Promise<Reading<IssuanceLog>> {
    writeFileSync(join(ca.folder, 'issued.jsonl'), lines.join('\n'));
    const sources = {
      certificates: {
        type: 'jsonl',
        path: 'issued.jsonl',
        live: true,
        complete_since: '2020-01-01T00:00:00Z',
      },
    };
    const [evidence] = await askSources(
      { sources },
      {
        env: {},
        cwd: ca.folder,
        inventoryPath: 'inventory.yaml',
        now: new Date(),
        signal: new AbortController().signal,
      },
    );
    if (!evidence) throw new Error('nothing was asked');
    return readCertificates(evidence);
  }

  test('the CA’s own certificate is explained; one signed past it with the same key and name is not, nor one with serial 0', async () => {
    const own = ca.sign('atm-backup', '12345678901234567890', 'atm-backup', '-1m:+1h');
    const past = ca.sign('atm-backup', '99', 'atm-backup', '-1m:+1h');
    const bare = ca.sign('atm-backup', '0', 'atm-backup', '-1m:+30m');
    const logins = log(...[own, past, bare].map((one) => logIn(one)));
    const issued = await certificateLog([
      JSON.stringify({ issued_at: new Date(Date.now() - 60_000).toISOString(), certificate: own }),
    ]);
    const trust = { trustedUserCaKeys: '/x', fingerprints: [parsed(own).caFingerprint] };
    // The log was asked after the logins: it covers them.
    expect(
      joinLogins(logins, issued, trust, policy()).map(({ state, login: { certificate } }) => [
        certificate.serial,
        state,
      ]),
    ).toEqual([
      ['12345678901234567890', 'explained'],
      ['99', 'out-of-band'],
      ['0', 'out-of-band'],
    ]);
  });
});
