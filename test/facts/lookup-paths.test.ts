import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foundFiles } from '../../src/facts/lookup-paths.js';
import type { SshdCase, SshdFacts, SshdVersion } from '../../src/facts/types.js';
import type { HostEvidence, Reading } from '../../src/model.js';
import { evidenceOf, probeOutput, word } from '../helpers/evidence.js';

const STAT = '81a4 0 0 3 1700000000 1700000000';
const file = (path: string, status = 'ok', content = Buffer.from('# x').toString('base64')): string =>
  `F ${word(path)} ${word(path)} ${status} ${STAT} ${content}\n`;
const use = (kind: string, account: string, path: string, pattern = path): string =>
  `use ${kind} ${word(account)} ${word(path)} ${word(pattern)}\n`;
const value = (text: string): string => `value ${word(text)}\n`;

function sshd(
  values: Readonly<Record<string, string>>,
  more: { text?: string; version?: SshdVersion | null; keyword?: string } = {},
): Reading<SshdFacts> {
  const keyword = more.keyword ?? 'authorizedkeysfile';
  const witness = { user: 'x', host: 'h', address: '192.0.2.1', localAddress: '192.0.2.2', localPort: 22 };
  const cases = Object.entries(values).map(([account, one]): SshdCase => ({
    witness,
    accounts: [account],
    settings: { [keyword]: [one] },
    origins: {},
    by: 'sshd',
  }));
  const stat = {
    path: '/etc/ssh/sshd_config',
    kind: 'file' as const,
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: 1,
    mtime: 0,
    ctime: 0,
  };
  const version = more.version === undefined ? { text: '', major: 9, minor: 2 } : more.version;
  return {
    ok: true,
    gaps: [],
    value: {
      binary: '/usr/sbin/sshd',
      version,
      files: [{ path: stat.path, stat, text: more.text ?? '' }],
      cases,
      matchBlocks: [],
    },
  };
}

function found(
  records: string,
  config: Reading<SshdFacts>,
): { effective: Record<string, boolean>; gaps: readonly string[] } {
  const reading = foundFiles(
    evidenceOf({ 'authorized-keys': records }),
    'authorized-keys',
    'authorizedkeysfile',
    config,
  );
  if (!reading.ok) throw new Error(reading.detail);
  return {
    effective: Object.fromEntries(
      reading.value.map((one) => [`${one.account} ${one.file.path}`, one.effective]),
    ),
    gaps: reading.gaps,
  };
}

describe('which files sshd opens for whom', () => {
  test('a pattern counts for the accounts whose configuration names it', () => {
    const records = `${value('/k/%u')}${value('.ssh/a')}${file('/k/ops')}${file('/k/bob')}${use('u', 'ops', '/k/ops', '/k/%u')}${use('u', 'bob', '/k/bob', '/k/%u')}`;
    expect(found(records, sshd({ ops: '/k/%u', bob: '.ssh/a' }))).toEqual({
      effective: { 'ops /k/ops': true, 'bob /k/bob': false },
      gaps: [],
    });
  });

  test('quotes that sshd does not print are taken from the configuration text', () => {
    const printed = '/my keys/%u /x';
    const records = `${value(printed)}${['/my', '/home/ops/keys/ops', '/my keys/ops', '/x'].map((path) => file(path)).join('')}${use('u', 'ops', '/my')}${use('u', 'ops', '/home/ops/keys/ops', 'keys/%u')}${use('u', 'ops', '/my keys/ops', '/my keys/%u')}${use('u', 'ops', '/x')}`;
    const quoted = found(
      records,
      sshd({ ops: printed }, { text: 'X y\n  authorizedkeysfile = "/my keys/%u" /x # why\n' }),
    ).effective;
    expect(quoted).toEqual({
      'ops /my': false,
      'ops /home/ops/keys/ops': false,
      'ops /my keys/ops': true,
      'ops /x': true,
    });
    const plain = found(
      records,
      sshd({ ops: printed }, { text: 'AuthorizedKeysFile /my keys/%u /x\n' }),
    ).effective;
    expect(plain).toEqual({
      'ops /my': true,
      'ops /home/ops/keys/ops': true,
      'ops /my keys/ops': false,
      'ops /x': true,
    });
  });

  test('globs are globs from 10.0 on, and file names before', () => {
    const records = `${value('/k/*/%u')}${file('/k/*/ops')}${file('/k/a/ops')}${use('u', 'ops', '/k/*/ops', '/k/*/%u')}${use('g', 'ops', '/k/a/ops', '/k/*/%u')}`;
    const at = (version: SshdVersion | null) =>
      found(records, sshd({ ops: '/k/*/%u' }, { version })).effective;
    expect(at({ text: '', major: 9, minor: 9 })).toEqual({ 'ops /k/*/ops': true, 'ops /k/a/ops': false });
    expect(at({ text: '', major: 10, minor: 0 })).toEqual({ 'ops /k/*/ops': false, 'ops /k/a/ops': true });
    expect(at(null)).toEqual({ 'ops /k/*/ops': true, 'ops /k/a/ops': true });
  });

  test('a file under no account’s name is nobody’s, unless an account uses it', () => {
    const records = `${file('/k/ops')}${file('/k/ghost')}${use('u', 'ops', '/k/ops', '/k/%u')}${use('f', '', '/k/ops', '')}${use('f', '', '/k/ghost', '')}`;
    expect(found(records, sshd({ ops: 'none' })).effective).toEqual({
      'ops /k/ops': false,
      'null /k/ghost': false,
    });
  });

  test('without sshd’s word everything may be read, and that is a gap', () => {
    const result = found(`${file('/k')}${use('u', 'ops', '/k')}`, {
      ok: false,
      reason: 'failed',
      detail: 'no answer',
    });
    expect(result).toEqual({ effective: { 'ops /k': true }, gaps: [expect.stringContaining('no answer')] });
  });
});

describe('gaps', () => {
  const none = sshd({ ops: 'none' });

  test.each([
    ['denied', 'could not be read: permission denied'],
    ['cut', 'was not read whole: it has 3 bytes'],
    ['failed', 'reading failed'],
  ])('a file that is %s', (status, says) => {
    expect(found(`${file('/k', status)}${use('u', 'ops', '/k')}`, none).gaps).toEqual([
      expect.stringContaining(says),
    ]);
  });

  test('fewer bytes than the size promises', () => {
    expect(
      found(`${file('/k', 'ok', 'AAAA').replace(' 3 ', ' 4 ')}${use('u', 'ops', '/k')}`, none).gaps,
    ).toEqual([expect.stringContaining('time limit')]);
  });

  test('missing and odd files leave none', () => {
    expect(
      found(
        `${file('/k', 'missing', '-')}${file('/l', 'not-regular', '-')}${use('u', 'ops', '/k')}${use('u', 'ops', '/l')}`,
        none,
      ).gaps,
    ).toEqual([]);
  });

  test('closed and dead folders, limits of the collector, values it never saw', () => {
    const rows = `denied ops /home/ops/.ssh/a\nhung bob /net/bob/.ssh/a\ngap ${word('more than 3000 files')}\n`;
    expect(found(rows, sshd({ ops: '/new/%u' })).gaps).toEqual([
      'more than 3000 files',
      expect.stringContaining('/home/ops/.ssh/a'),
      expect.stringContaining('/net/bob/.ssh/a'),
      'the files that authorizedkeysfile /new/%u names were not looked into',
    ]);
    const many = Array.from({ length: 30 }, (_, index) => `denied u${index} /h/u${index}\n`).join('');
    expect(found(many, none).gaps.join()).toMatch(/\/h\/u19 and 10 more$/);
  });

  test('a probe that did not run, was cut or stopped', () => {
    const read = (evidence: HostEvidence) =>
      foundFiles(evidence, 'authorized-keys', 'authorizedkeysfile', none);
    expect(read(evidenceOf({}))).toMatchObject({ ok: false, reason: 'not-collected' });
    expect(read(evidenceOf({ 'authorized-keys': probeOutput('use u', { cut: true }) }))).toMatchObject({
      ok: true,
      gaps: [expect.stringContaining('was cut')],
    });
    expect(
      read(evidenceOf({ 'authorized-keys': probeOutput('', { rc: 137, timedOut: true }) })),
    ).toMatchObject({ ok: true, gaps: [expect.stringContaining('time limit')] });
  });
});

test('no bytes make it throw', () => {
  const line = fc
    .tuple(
      fc.constantFrom('use', 'F', 'D', 'gap', 'denied', 'hung', 'value', 'x'),
      fc.array(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 12 }),
          fc.constantFrom('u', 'g', 'f', '-', '=', '=!!', 'ops', '/k', 'ok', 'cut', '81a4', '__proto__'),
        ),
        { maxLength: 12 },
      ),
    )
    .map(([tag, words]) => [tag, ...words].join(' '));
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 12 }),
      fc.string({ unit: 'binary', maxLength: 60 }),
      (lines, text) => {
        const reading = foundFiles(
          evidenceOf({ 'authorized-keys': `${lines.join('\n')}\n` }),
          'authorized-keys',
          'authorizedkeysfile',
          sshd({ ops: text }, { text: `AuthorizedKeysFile ${text}\n` }),
        );
        expect(reading).toMatchObject({ ok: true });
      },
    ),
    { seed: 20261121, numRuns: 1000 },
  );
});
