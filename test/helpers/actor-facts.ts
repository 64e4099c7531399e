/** Typed facts for checks on certificates, keys, schedules and wrappers: sound ones, to be changed one at a time. */
import type {
  Account,
  CaCustody,
  Certificate,
  CollectedFile,
  FileStat,
  FoundCertificate,
  FoundPrivateKey,
  Issuance,
  IssuanceLog,
  Login,
  LoginLog,
  PrincipalsFile,
  ScheduledCommand,
  SshRole,
  WrapperFile,
} from '../../src/facts/types.js';
import type { Attestation, Expectations, Policy, Reading, UnreadableReason } from '../../src/model.js';
import { fromCertificate, fromWords, ordered } from '../../src/facts/sources/certificates/issuance.js';
import { defaultPolicy } from '../../src/policy.js';

export const NOW = new Date('2026-11-21T02:00:00Z');
export const SECONDS = BigInt(NOW.getTime() / 1000);
export const HOUR = 3600n;
export const CA = 'SHA256:CACACACACACACACACACACACACACACACACACACACACAC';
export const OTHER_CA = 'SHA256:OTHEROTHEROTHEROTHEROTHEROTHEROTHEROTHERABC';
export const WRAPPER = '/usr/local/bin/ops-ssh-wrapper';

export function ok<T>(value: T, ...gaps: readonly string[]): Reading<T> {
  return { ok: true, value, gaps };
}
export function not(
  reason: UnreadableReason = 'not-configured',
  detail = `${reason} detail`,
): Reading<never> {
  return { ok: false, reason, detail };
}

export function certificate(more: Partial<Certificate> = {}): Certificate {
  return {
    type: 'ssh-ed25519-cert-v01@openssh.com',
    kind: 'user',
    serial: 7n,
    keyId: 'adm-bernd',
    principals: ['adm-full'],
    validAfter: SECONDS - HOUR,
    validBefore: SECONDS + 7n * HOUR,
    criticalOptions: [],
    extensions: [],
    fingerprint: 'SHA256:KEY',
    caFingerprint: CA,
    caType: 'ssh-ed25519',
    signatureAlgorithm: 'ssh-ed25519',
    signatureValid: true,
    ...more,
  };
}
export function stat(path: string, more: Partial<FileStat> = {}): FileStat {
  return {
    path,
    kind: 'file',
    mode: 0o755,
    uid: 0,
    gid: 0,
    size: 100,
    mtime: Number(SECONDS) - 90 * 86_400,
    ctime: Number(SECONDS) - 90 * 86_400,
    ...more,
  };
}
export function found(
  more: Partial<Certificate> = {},
  path = '/home/auto/.ssh/id-cert.pub',
): FoundCertificate {
  return { path, line: 1, owner: 'auto', stat: stat(path), certificate: certificate(more) };
}
export function issued(
  more: Partial<Certificate> = {},
  issuedAt: number | null = NOW.getTime() - 3_600_000,
): Issuance {
  return fromCertificate(certificate(more), 'issued.log:1', { issuedAt });
}
/** An issuance of which only words are known; nothing but what is given. */
export function told(more: Partial<Issuance> = {}): Issuance {
  return { ...fromWords({ issuedAt: NOW.getTime() - 3_600_000, kind: 'user' }, 'audit.log:1'), ...more };
}
/** A log of issuances in any order, covering the month before now unless told otherwise. */
export function issuanceLog(
  issuances: readonly Issuance[] = [],
  coverage: Partial<IssuanceLog['coverage']> = {},
): IssuanceLog {
  return {
    issuances: ordered(issuances),
    coverage: { from: NOW.getTime() - 30 * 86_400_000, to: NOW.getTime(), ...coverage },
    remarks: [],
  };
}
export function sshRole(more: Partial<SshRole> = {}): SshRole {
  return {
    namespace: '',
    mount: 'ssh/',
    name: 'adm',
    keyType: 'ca',
    allowedUsers: ['adm-full'],
    allowedUsersTemplate: false,
    defaultUser: '',
    defaultUserTemplate: false,
    ttl: 8 * 3600,
    maxTtl: 48 * 3600,
    longest: 48 * 3600,
    allowUserCertificates: true,
    allowHostCertificates: false,
    allowUserKeyIds: false,
    allowEmptyPrincipals: false,
    keyIdFormat: 'adm-{{token_display_name}}',
    allowedCriticalOptions: ['source-address'],
    defaultCriticalOptions: [],
    allowedExtensions: ['permit-pty'],
    defaultExtensions: [],
    algorithmSigner: 'default',
    notBefore: 30,
    ...more,
  };
}
export function custody(roles: readonly SshRole[] = []): CaCustody {
  return {
    system: { type: 'vault', url: 'https://vault.example.org', version: '1.18.0' },
    publicKeyFingerprints: [CA],
    mounts: [
      {
        namespace: '',
        path: 'ssh/',
        keys: [{ type: 'ssh-ed25519', fingerprint: CA }],
        managedKey: null,
        roles,
        defaultLease: 2_764_800,
        maxLease: 2_764_800,
      },
    ],
    seal: null,
    auditDevices: null,
    authMethods: null,
    reach: [],
    adminPolicies: [],
  };
}
export function privateKey(more: Partial<FoundPrivateKey> = {}): FoundPrivateKey {
  const path = more.path ?? '/home/auto/.ssh/id_ed25519';
  return {
    path,
    line: 1,
    owner: 'auto',
    stat: stat(path, { mode: 0o600 }),
    format: 'openssh',
    encrypted: false,
    hardwareBound: false,
    keyType: 'ssh-ed25519',
    fingerprint: 'SHA256:KEY',
    ...more,
  };
}
export function file(path: string, more: Partial<CollectedFile> = {}): CollectedFile {
  const parents = path
    .split('/')
    .slice(0, -1)
    .map((_, index, parts) => stat(parts.slice(0, index + 1).join('/') || '/', { kind: 'dir' }));
  return {
    path,
    realpath: path,
    stat: stat(path),
    parents,
    status: 'ok',
    bytes: Buffer.from('#!/bin/sh\n'),
    ...more,
  };
}
export function wrapper(more: Partial<CollectedFile> = {}, asks = true): WrapperFile {
  return {
    file: file(WRAPPER, more),
    asksCa: asks ? [{ line: 5, text: 'vault write ssh/sign/agt-role' }] : [],
  };
}
export function missingWrapper(path: string): WrapperFile {
  return {
    file: file(path, { status: 'missing', stat: stat(path, { kind: 'missing' }), bytes: new Uint8Array() }),
    asksCa: [],
  };
}
export function job(more: Partial<ScheduledCommand> = {}): ScheduledCommand {
  return {
    kind: 'cron',
    path: '/etc/cron.d/backup',
    line: 3,
    account: 'auto',
    command: `${WRAPPER} ssh h`,
    callsSsh: [],
    callsWrapper: [WRAPPER],
    ...more,
  };
}
export function account(name: string, more: Partial<Account> = {}): Account {
  return {
    name,
    uid: 2000,
    gid: 2000,
    home: `/home/${name}`,
    shell: '/bin/bash',
    groups: [],
    source: 'nss',
    ...more,
  };
}
export function principalsFile(name: string, ...texts: readonly string[]): PrincipalsFile {
  const path = `/etc/ssh/auth_principals/${name}`;
  const lines = texts.map((text, index) => ({
    line: index + 1,
    principal: text.split('#', 1)[0]?.trim().split(/\s+/).at(-1) ?? '',
    options: [],
    valid: true,
    text,
  }));
  return { account: name, file: file(path), lines };
}
export function login(more: Partial<Login> = {}, keyId = 'adm-bernd', serial = '7'): Login {
  return {
    at: NOW.getTime() - 3_600_000,
    method: 'publickey',
    account: 'ops',
    from: '10.0.0.1',
    port: 1,
    pid: 1,
    certificate: { keyId, serial, caFingerprint: CA },
    trusted: true,
    identityLost: false,
    ...more,
  };
}
export function log(...logins: readonly Login[]): LoginLog {
  return { source: 'journal', logins, coversFrom: NOW.getTime() - 30 * 86_400_000, coversTo: NOW.getTime() };
}
export function attestation(kind: Attestation['kind'], more: Partial<Attestation> = {}): Attestation {
  return {
    kind,
    subject: 'x',
    by: 'Ada',
    date: '2026-10-01',
    expires: '2027-10-01',
    evidence: 'https://example.org/1',
    ...more,
  };
}
export function expected(more: Partial<Expectations> = {}): Expectations {
  return {
    host: 'web-1',
    tags: [],
    allowedPrincipals: { adm: ['adm-full'], agt: [], atm: ['atm-backup'] },
    ca: { trustedUserCaKeys: '/etc/ssh/ca/ca_user.pub', fingerprints: [CA] },
    ...more,
  };
}
export function policy(more: Partial<Policy> = {}): Policy {
  return { ...defaultPolicy(), ...more };
}
