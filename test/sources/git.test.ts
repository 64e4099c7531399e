import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { readGit } from '../../src/facts/sources/git.js';
import type { SourceAnswer, SourceEvidence } from '../../src/model.js';
import { askGit } from '../../src/sources/git/ask.js';
import type { GitSettings } from '../../src/sources/settings/git.js';
import { git, signingKey, signWith } from '../helpers/git.js';
import { needs, title } from '../helpers/needs.js';

const need = needs.program('git', 'git') ?? needs.sshKeygen;
const folder = mkdtempSync(join(tmpdir(), 'git-source-'));
let number = 0;
let central = '';
let work = '';
const inventory = (hosts: number): string =>
  `hosts:\n${Array.from({ length: hosts }, (_, index) => `  - name: web-${index}\n`).join('')}`;

function commit(hosts: number, date?: string): void {
  writeFileSync(join(work, 'ops/inventory.yaml'), inventory(hosts));
  git(work, ['add', '.'], date);
  git(work, ['commit', '-qm', `${hosts} hosts`], date);
}

async function ask(settings: Partial<GitSettings> = {}, at = work): Promise<SourceEvidence> {
  const given: GitSettings = { type: 'git', ...settings };
  const asked = await askGit(given, {
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' },
    cwd: at,
    inventoryPath: 'ops/inventory.yaml',
    now: new Date('2026-11-21T02:00:00Z'),
    signal: new AbortController().signal,
  });
  return evidence(asked.answers, asked.failures, given);
}

function evidence(
  answers: Readonly<Record<string, SourceAnswer>>,
  failures: SourceEvidence['failures'] = [],
  configuration: object = {},
): SourceEvidence {
  return {
    schema: 1,
    source: 'git',
    type: 'git',
    startedAt: '',
    finishedAt: '',
    configuration: { ...configuration },
    failures,
    answers,
  };
}

async function facts(settings: Partial<GitSettings> = {}, at = work) {
  const reading = readGit(await ask(settings, at));
  if (!reading.ok) throw new Error(reading.detail);
  return { ...reading.value, gaps: reading.gaps };
}

beforeEach(() => {
  number += 1;
  central = join(folder, `central-${number}.git`);
  work = join(folder, `work-${number}`);
  git(folder, ['init', '-q', '--bare', central]);
  git(folder, ['clone', '-q', central, work]);
  mkdirSync(join(work, 'ops'));
  commit(3);
  git(work, ['push', '-q', '-u', 'origin', 'main']);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(need)(title('the inventory in Git', need), () => {
  test('tracked, clean, pushed: with its commit and where it was pushed to', async () => {
    const found = await facts();
    expect(found).toMatchObject({ tracked: true, clean: true, pushed: true, signOff: null, gaps: [] });
    expect(found.commit).toBe(git(work, ['rev-parse', 'HEAD']));
    expect(found.upstream).toBe(`main of ${central}`);
  });

  test('a local change, a local commit and an untracked file are told apart', async () => {
    writeFileSync(join(work, 'ops/inventory.yaml'), inventory(4));
    expect(await facts()).toMatchObject({ tracked: true, clean: false, pushed: true });
    commit(4);
    expect(await facts()).toMatchObject({ clean: true, pushed: false });
    git(work, ['fetch', '-q']);
    git(work, ['rm', '-q', '--cached', 'ops/inventory.yaml']);
    expect(await facts()).toMatchObject({ tracked: false });
  });

  test('a commit the central branch does not have is not pushed, one it has grown past is', async () => {
    const other = join(folder, `other-${number}`);
    git(folder, ['clone', '-q', central, other]);
    git(other, ['commit', '-q', '--allow-empty', '-m', 'more']);
    git(other, ['push', '-q']);
    git(work, ['fetch', '-q']);
    expect((await facts()).pushed).toBe(true);
    git(work, ['commit', '-q', '--allow-empty', '-m', 'mine']);
    expect((await facts()).pushed).toBe(false);
  });

  test('no remote, no answer and no repository are said, not guessed', async () => {
    git(work, ['remote', 'set-url', 'origin', 'https://user:hunter2@127.0.0.1:1/central.git']);
    const silent = await ask();
    expect(readGit(silent)).toMatchObject({ ok: true, value: { pushed: null } });
    expect(JSON.stringify(silent)).not.toContain('hunter2');
    git(work, ['remote', 'remove', 'origin']);
    expect((await facts()).gaps.join()).toContain('no remote origin');
    const bare = mkdtempSync(join(folder, 'bare-'));
    mkdirSync(join(bare, 'ops'));
    writeFileSync(join(bare, 'ops/inventory.yaml'), inventory(1));
    expect(readGit(await ask({}, bare))).toMatchObject({ ok: false, reason: 'failed' });
  });

  test('the sign-off: newest with the trailer, by somebody who may, and the state of its signature', async () => {
    const { key, signers } = signingKey(mkdtempSync(join(folder, 'keys-')));
    const message = 'Declare it\n\nOperational-Closure: 2026-11-19';
    git(work, ['commit', '-q', '--allow-empty', '-m', message]);
    expect((await facts()).signOff).toMatchObject({ date: '2026-11-19', signature: 'missing' });
    git(work, [...signWith(key), 'commit', '-q', '-S', '--allow-empty', '-m', message]);
    expect((await facts({ allowed_signers: signers })).signOff).toMatchObject({
      by: 'Olga Lead <olga@example.org>',
      signature: 'good',
    });
    expect(
      (await facts({ signed_off_by: 'somebody@else.org', allowed_signers: signers })).signOff,
    ).toBeNull();
    const stranger = signingKey(mkdtempSync(join(folder, 'keys-')));
    expect((await facts({ allowed_signers: stranger.signers })).signOff?.signature).not.toBe('good');
  });

  test('a repository cannot make Git run a program', async () => {
    const proof = join(folder, `ran-${number}`);
    const program = join(work, 'evil.sh');
    writeFileSync(program, `#!/bin/sh\ntouch ${proof}\n`, { mode: 0o755 });
    for (const name of [
      'core.fsmonitor',
      'gpg.ssh.program',
      'gpg.program',
      'core.pager',
      'filter.x.clean',
      'core.sshCommand',
      'core.askPass',
      'remote.origin.uploadpack',
    ])
      git(work, ['config', name, program]);
    writeFileSync(join(work, '.gitattributes'), '* filter=x\n');
    writeFileSync(join(work, '.git/hooks/post-checkout'), `#!/bin/sh\ntouch ${proof}\n`, { mode: 0o755 });
    const { key, signers } = signingKey(mkdtempSync(join(folder, 'keys-')));
    git(work, [
      '-c',
      'gpg.ssh.program=ssh-keygen',
      ...signWith(key),
      'commit',
      '-q',
      '-S',
      '--allow-empty',
      '-m',
      'x\n\nOperational-Closure: 2026-11-19',
    ]);
    rmSync(proof, { force: true });
    await facts({ allowed_signers: signers });
    expect(existsSync(proof)).toBe(false);
    git(work, ['config', 'protocol.ext.allow', 'always']);
    git(work, ['remote', 'add', 'helper', `ext::${program}`]);
    expect((await facts({ remote: 'helper' })).pushed).toBeNull();
    expect(existsSync(proof)).toBe(false);
  });

  test('growth: how many hosts there were, oldest first', async () => {
    commit(10, '2026-11-10T10:00:00Z');
    commit(40, '2026-11-18T10:00:00Z');
    const { hostCounts } = await facts();
    expect(hostCounts.map(({ hosts }) => hosts)).toEqual(expect.arrayContaining([10, 40]));
    expect(hostCounts.map(({ date }) => Date.parse(date))).toEqual(
      hostCounts.map(({ date }) => Date.parse(date)).toSorted((a, b) => a - b),
    );
  });
});

test('any answer at all is read without throwing', () => {
  const answer = (body: string, status: number): SourceAnswer => ({
    asked: '',
    at: '',
    status,
    body,
    encoding: 'utf8',
    bytes: body.length,
    cut: false,
    sha256: '',
  });
  const names = fc.constantFrom(
    'head',
    'tracked',
    'blob-committed',
    'blob-here',
    'central',
    'contains',
    'remote-url',
    'sign-off',
    'history',
    `size/${'a'.repeat(40)}`,
  );
  const bodies = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constant('a'.repeat(40)),
    fc.constant(`${'a'.repeat(40)}\u001f2026-11-01T00:00:00Z`),
    fc.constant('hosts: [&a [*a]]'),
  );
  fc.assert(
    fc.property(fc.dictionary(names, fc.tuple(bodies, fc.constantFrom(0, 1, 128))), (given) => {
      const answers = Object.fromEntries(
        Object.entries(given).map(([name, [body, status]]) => [name, answer(body, status)]),
      );
      const reading = readGit(evidence(answers));
      expect(typeof reading.ok).toBe('boolean');
    }),
    { seed: 20261121, numRuns: 300 },
  );
});
