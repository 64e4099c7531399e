import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { readAttestations } from '../../src/facts/sources/attestations.js';
import type { SourceEvidence } from '../../src/model.js';
import { sourceTypes } from '../../src/sources/attestations/index.js';
import type { AttestationSettings } from '../../src/sources/settings/attestations.js';
import { git, signingKey, signWith } from '../helpers/git.js';
import { needs, title } from '../helpers/needs.js';

const need = needs.program('git', 'git') ?? needs.sshKeygen;
const folder = mkdtempSync(join(tmpdir(), 'attestations-'));
let base = '';
const STATEMENT = `kind: break-glass-test
subject: emergency key of web-01
by: Olga Lead
date: 2026-11-01T10:00:00+01:00
expires: 2027-02-01T00:00:00Z
evidence: OPS-42
`;
const ATTESTATION = {
  kind: 'break-glass-test',
  subject: 'emergency key of web-01',
  by: 'Olga Lead',
  date: '2026-11-01T09:00:00.000Z',
  expires: '2027-02-01T00:00:00.000Z',
  evidence: 'OPS-42',
};

async function ask(settings: Partial<AttestationSettings> = {}): Promise<SourceEvidence> {
  const given: AttestationSettings = { type: 'files', path: 'attestations', ...settings };
  const type = sourceTypes.find((one) => one.type === 'files');
  if (type === undefined) throw new Error('no such type');
  const asked = await type.ask(given, {
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' },
    cwd: base,
    inventoryPath: 'inventory.yaml',
    now: new Date('2026-11-21T02:00:00Z'),
    signal: new AbortController().signal,
  });
  return evidence(asked, given);
}

function evidence(
  asked: Pick<SourceEvidence, 'answers' | 'failures'>,
  configuration: object = {},
): SourceEvidence {
  const times = { startedAt: '', finishedAt: '' };
  return {
    schema: 1,
    source: 'attestations',
    type: 'files',
    ...times,
    configuration: { ...configuration },
    ...asked,
  };
}

const put = (name: string, text: string): void => writeFileSync(join(base, 'attestations', name), text);

beforeEach(() => {
  base = mkdtempSync(join(folder, 'ops-'));
  mkdirSync(join(base, 'attestations/deep'), { recursive: true });
  writeFileSync(join(base, 'inventory.yaml'), 'hosts: []\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(need)(title('attestation files', need), () => {
  test('one statement, a list, a mapping, YAML or JSON, in subfolders', async () => {
    put('one.yaml', STATEMENT);
    put('deep/list.json', JSON.stringify([{ ...ATTESTATION, subject: 'two' }]));
    put('deep/many.yml', `attestations:\n  - ${JSON.stringify({ ...ATTESTATION, subject: 'three' })}\n`);
    const reading = readAttestations(await ask());
    expect(reading).toEqual({
      ok: true,
      value: [{ ...ATTESTATION, subject: 'two' }, { ...ATTESTATION, subject: 'three' }, ATTESTATION],
      gaps: [],
    });
  });

  test('what is no statement is named and counts as nothing; links and devices are not read', async () => {
    put('good.yaml', STATEMENT);
    put('late.yaml', STATEMENT.replace('2027-02-01T00:00:00Z', 'someday'));
    put('extra.yaml', `${STATEMENT}approved: true\n`);
    put('text.yaml', 'just words');
    put('twice.yaml', `${STATEMENT}by: Another\n`);
    put('broken.yaml', 'kind: [sign-off\n');
    put('bomb.yaml', 'a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: &d [*c, *c]\ne: [*d, *d]\n');
    symlinkSync('/etc/passwd', join(base, 'attestations/link.yaml'));
    execFileSync('mkfifo', [join(base, 'attestations/pipe.yaml')]);
    const reading = readAttestations(await ask());
    expect(reading).toMatchObject({ ok: true, value: [ATTESTATION] });
    const gaps = reading.ok ? reading.gaps.join('\n') : '';
    for (const name of ['late.yaml', 'extra.yaml', 'text.yaml', 'bomb.yaml']) expect(gaps).toContain(name);
    expect(gaps).toMatch(/bomb\.yaml:\d+:\d+: aliases repeat more values/);
    expect(gaps).toContain('late.yaml:5:10: expires: "someday" is not a date');
    expect(gaps).toContain('extra.yaml:1:1: Unrecognized key: "approved"');
    expect(gaps).toContain('twice.yaml:7:1: "by" is given twice, first in line 3 (keep one of them)');
    expect(gaps).toContain('broken.yaml:2:1: not valid YAML');
    expect(gaps).not.toMatch(/link|pipe/);
  });

  test('a folder that is not there is a failure with its name', async () => {
    expect(readAttestations(await ask({ path: 'elsewhere' }))).toMatchObject({ ok: false, reason: 'failed' });
  });

  test('a signature beside the file: good, of a stranger, of other bytes', async () => {
    const { key, signers } = signingKey(base);
    put('a.yaml', STATEMENT);
    const file = join(base, 'attestations/a.yaml');
    execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', 'ssh-scorecard-attestation', '-f', key, file], {
      stdio: 'ignore',
    });
    const settings = { allowed_signers: signers, require_signature: true };
    expect(readAttestations(await ask(settings))).toMatchObject({
      ok: true,
      value: [{ ...ATTESTATION, signature: 'signed by olga@example.org' }],
      gaps: [],
    });
    const stranger = signingKey(mkdtempSync(join(folder, 'keys-')));
    expect(readAttestations(await ask({ allowed_signers: stranger.signers }))).toMatchObject({ ok: false });
    put('a.yaml', STATEMENT.replace('OPS-42', 'OPS-43'));
    const touched = readAttestations(await ask(settings));
    expect(touched).toMatchObject({ ok: false, detail: expect.stringContaining('not good') as string });
  });

  test('without a signature of its own the last commit vouches, unless the file changed since', async () => {
    const { key, signers } = signingKey(mkdtempSync(join(folder, 'keys-')));
    put('a.yaml', STATEMENT);
    git(base, ['init', '-q']);
    git(base, ['add', '.']);
    git(base, [...signWith(key), 'commit', '-q', '-S', '-m', 'attest']);
    const settings = { allowed_signers: signers, require_signature: true };
    const committed = readAttestations(await ask(settings));
    expect(committed).toMatchObject({ ok: true, gaps: [] });
    expect(committed.ok && committed.value[0]?.signature).toContain('signed by olga@example.org');
    put('a.yaml', STATEMENT.replace('OPS-42', 'OPS-43'));
    expect(readAttestations(await ask(settings))).toMatchObject({ ok: false });
    // Staged is not signed.
    git(base, ['add', '.']);
    expect(readAttestations(await ask(settings))).toMatchObject({ ok: false });
    git(base, ['commit', '-q', '-m', 'by nobody']);
    expect(readAttestations(await ask(settings))).toMatchObject({ ok: false });
  });
});

test('any file at all is read without throwing', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), fc.string(), (body, commit) => {
      const answer = {
        asked: '',
        at: '',
        status: 0,
        encoding: 'utf8',
        bytes: 1,
        cut: false,
        sha256: '',
      } as const;
      const answers = { 'file/x.yaml': { ...answer, body }, 'commit/x.yaml': { ...answer, body: commit } };
      expect(typeof readAttestations(evidence({ answers, failures: [] })).ok).toBe('boolean');
    }),
    { seed: 20261121, numRuns: 300 },
  );
});
