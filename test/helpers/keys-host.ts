/** A private host that follows the directive in everything the first three checks look at, to be broken one thing at a time. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { probesFor } from '../../src/collector/probes.js';
import { readAccounts } from '../../src/facts/accounts.js';
import { readAuthorizedKeys } from '../../src/facts/authorized-keys.js';
import { readCaFiles } from '../../src/facts/ca-keys.js';
import { readDaemons } from '../../src/facts/daemons.js';
import { readPrincipals } from '../../src/facts/principals.js';
import { readRevokedKeys } from '../../src/facts/revoked-keys.js';
import { readSshd } from '../../src/facts/sshd.js';
import type { HostFacts } from '../../src/facts/types.js';
import type { CheckInput, Expectations, Finding, HostEvidence, Outcome, Policy } from '../../src/model.js';
import { defaultPolicy } from '../../src/policy.js';
import { collect, probesNamed, type PrivateHost } from './collect.js';
import { keyFingerprint, makeKey, publicKey, temporaryDirectory, type KeyType } from './sshd.js';

/** A key pair that is thrown away at the end: its public line and fingerprint. */
export interface TestKey {
  readonly path: string;
  readonly line: string;
  readonly fingerprint: string;
}

/** Fresh keys by name, and what removes them. */
export async function testKeys<N extends string>(
  names: readonly N[],
  type: KeyType = 'ed25519',
): Promise<{ keys: Record<N, TestKey>; remove: () => void }> {
  const directory = temporaryDirectory('keys');
  const made = await Promise.all(
    names.map(async (name) => {
      const path = await makeKey(join(directory, name), type);
      return [name, { path, line: publicKey(path), fingerprint: await keyFingerprint(path) }] as const;
    }),
  );
  return {
    keys: Object.fromEntries(made) as Record<N, TestKey>,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

export const CA_PATH = '/etc/ssh/ca/ca_user.pub';
export const CONFIG = [
  'Port 2222',
  `TrustedUserCAKeys ${CA_PATH}`,
  'AuthorizedPrincipalsFile /etc/ssh/auth_principals/%u',
  'PasswordAuthentication no',
  '',
].join('\n');

const ALLOWED: Expectations['allowedPrincipals'] = {
  adm: ['adm-full'],
  agt: ['agt-resolver'],
  atm: ['atm-backup'],
};

export const PROBES = probesNamed(
  'accounts',
  'sshd',
  'daemons',
  'ca-keys',
  'revoked-keys',
  'authorized-keys',
  'principals',
);

export function soundHost(ca: string, more: PrivateHost = {}): PrivateHost {
  return {
    config: CONFIG,
    passwd: [
      'ops:x:2001:2001::/home/ops:/bin/bash',
      'agent:x:2002:2002::/home/agent:/bin/bash',
      'auto:x:2003:2003::/home/auto:/usr/sbin/nologin',
    ],
    group: ['ops:x:2001:', 'agent:x:2002:', 'auto:x:2003:'],
    probes: PROBES,
    ...more,
    files: {
      [CA_PATH]: `${ca}\n`,
      '/etc/ssh/auth_principals/ops': 'adm-full\n',
      '/etc/ssh/auth_principals/agent': 'agt-resolver\n',
      '/etc/ssh/auth_principals/auto': 'atm-backup\n',
      ...more.files,
    },
  };
}

export type KeyFacts = Pick<
  HostFacts,
  'accounts' | 'sshd' | 'daemons' | 'caFiles' | 'revokedKeys' | 'authorizedKeys' | 'principalsFiles'
>;

export function readKeyFacts(evidence: HostEvidence): KeyFacts {
  const sshd = readSshd(evidence);
  return {
    sshd,
    accounts: readAccounts(evidence),
    daemons: readDaemons(evidence),
    caFiles: readCaFiles(evidence, sshd),
    revokedKeys: readRevokedKeys(evidence),
    authorizedKeys: readAuthorizedKeys(evidence, sshd),
    principalsFiles: readPrincipals(evidence, sshd),
  };
}

/** @param needs what of it a check needs: every probe costs processes. By default all of it. */
export function factsOf(host: PrivateHost, needs?: readonly (keyof HostFacts)[]): KeyFacts {
  const wanted = needs ? probesFor(new Set(needs)) : PROBES;
  return readKeyFacts(
    collect({ ...host, probes: PROBES.filter((probe) => wanted.includes(probe)) }).evidence,
  );
}

export function expectationsOf(
  fingerprints: readonly string[],
  more: Partial<Expectations> = {},
): Expectations {
  return {
    host: 'web-1',
    tags: [],
    allowedPrincipals: ALLOWED,
    ca: { trustedUserCaKeys: CA_PATH, fingerprints },
    ...more,
  };
}

const NOW = new Date('2026-11-21T02:00:00Z');

export function inputOf(
  host: KeyFacts,
  expected: Expectations,
  policy: Partial<Policy> = {},
): CheckInput<keyof KeyFacts, never> {
  return { host, fleet: {}, expected, policy: { ...defaultPolicy(), ...policy }, now: NOW };
}

/** The findings of a fail; throws on any other outcome, with what it says. */
export function findingsOf(outcome: Outcome): readonly Finding[] {
  if (outcome.status !== 'fail') throw new Error(`not a fail: ${JSON.stringify(outcome)}`);
  return outcome.findings;
}
