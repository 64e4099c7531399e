import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readWrappers } from '../../src/facts/wrappers.js';
import type { WrapperFile } from '../../src/facts/types.js';
import { evidenceOf, word } from '../helpers/evidence.js';

const STAT = '81ed 0 0';
function evidence(
  text: string | Uint8Array,
  path = '/usr/local/bin/ops-ssh-wrapper',
  status = 'ok',
): ReturnType<typeof evidenceOf> {
  const bytes = Buffer.from(text);
  return evidenceOf({
    wrappers: `D / 41ed 0 0 4096 1 1\nF ${word(path)} ${word(path)} ${status} ${STAT} ${bytes.length} 1 1 ${bytes.length > 0 ? bytes.toString('base64') : '-'}\n`,
  });
}
function wrapper(text: string | Uint8Array, path?: string): WrapperFile {
  const reading = readWrappers(evidence(text, path));
  const [first] = reading.ok ? reading.value : [];
  if (!first) throw new Error('not read');
  return first;
}
const asks = (text: string): number[] => wrapper(text).asksCa.map(({ line }) => line);

describe('a wrapper that asks the CA', () => {
  test('the sample of the directive', () => {
    expect(wrapper(readFileSync('test/fixtures/actors/ops-ssh-wrapper.py')).asksCa).toEqual([
      {
        line: 5,
        text: expect.stringContaining('"vault", "write", "-field=signed_key", "ssh/sign/agt-role"'),
      },
    ]);
  });

  test.each([
    ['#!/bin/sh\nvault write -field=signed_key ssh/sign/agt-role public_key=@k.pub >c\nssh -i k "$@"', [2]],
    [
      '#!/bin/sh\nset -e\ncert="$(vault write -field=signed_key \\\n  ssh-client/sign/atm public_key="$K")"\n',
      [3],
    ],
    ['#!/bin/bash\nVAULT_ADDR=https://v vault write ssh/sign/x public_key=k | jq .', [2]],
    ['#!/bin/sh\nVAULT=/usr/local/bin/vault\n"$VAULT" write ssh/sign/x public_key=k', [3]],
    ['#!/bin/sh\nP=ssh/sign/atm\nvault write -field=signed_key "$P" public_key=k', [3]],
    ['#!/bin/sh\nbao write ssh/issue/x ttl=1h', [2]],
    ['#!/bin/sh\nvault -namespace=x write ssh/sign/x public_key=k', [2]],
    ['#!/bin/sh\nvault ssh -role x -mode ca u@h', [2]],
    ['#!/bin/sh\ncurl -s -H "X-Vault-Token: $T" -d "{}" "$VAULT_ADDR/v1/ssh/sign/agt-role"', [2]],
    ['#!/bin/sh\nURL=$VAULT_ADDR/v1/ssh/sign/agt-role\ncurl -s "$URL"', [3]],
    ['#!/bin/sh\nstep ssh certificate a k.pub --sign', [2]],
    ['#!/bin/sh\ntsh login --proxy p', [2]],
    ['#!/bin/sh\nget() { vault write ssh/sign/x public_key=k; }\nget', [2]],
    ['#!/bin/sh\ntimeout 10 vault write ssh/sign/x public_key=k', [2]],
    [
      '#!/usr/bin/env python3\nimport requests\nr = requests.post(\n    f"{A}/v1/ssh/sign/agt-role",\n    json=d)',
      [4],
    ],
    ['#!/usr/bin/env python3\nclient.secrets.ssh.sign_ssh_key(name="x", public_key=k)', [2]],
    [
      '#!/usr/bin/env python3\ndef main():\n    return os.system("vault write ssh/sign/x public_key=k")\nmain()',
      [3],
    ],
    ['#!/usr/bin/ruby\nx = `vault write -field=signed_key ssh/sign/x public_key=k`', [2]],
    ['#!/usr/bin/env node\nexecFileSync("vault", ["write", "ssh/sign/x", k])', [2]],
  ])('%j', (text, lines) => expect(asks(text)).toEqual(lines));
});

describe('a wrapper that only says so', () => {
  test.each([
    '#!/bin/sh\n# vault write ssh/sign/x public_key=k\nexec ssh "$@"',
    '#!/bin/sh\nexec ssh "$@" # vault write ssh/sign/x',
    '#!/bin/sh\necho "vault write ssh/sign/x public_key=k"\nssh "$@"',
    '#!/bin/sh\nssh "$@" || die "run vault write ssh/sign/x first"',
    '#!/bin/sh\n: vault write ssh/sign/x public_key=k\nssh "$@"',
    '#!/bin/sh\nexec ssh "$@"\nvault write ssh/sign/x public_key=k',
    '#!/bin/sh\nssh "$@"\nexit\nvault write ssh/sign/x public_key=k',
    '#!/bin/sh\nfalse && vault write ssh/sign/x public_key=k\nssh "$@"',
    '#!/bin/sh\nget() { vault write ssh/sign/x public_key=k; }\nssh "$@"',
    '#!/bin/sh\ncat <<EOF\nvault write ssh/sign/x public_key=k\nEOF\nssh "$@"',
    '#!/bin/sh\nhelp=\'vault write ssh/sign/x public_key=k\'\nssh "$@"',
    '#!/bin/sh\nvault login -method=approle\nssh "$@"',
    '#!/bin/sh\nvault read ssh/roles/x\nssh "$@"',
    '#!/bin/sh\nvault kv get secret/ssh-key >k\nssh -i k "$@"',
    '#!/bin/sh\nvault write auth/approle/login role_id=x\nssh "$@"',
    '#!/bin/sh\ncurl https://example.org/v1/secret/data/key',
    '#!/usr/bin/env python3\n# subprocess.run(["vault", "write", "ssh/sign/x"])\nos.execvp("ssh", sys.argv)',
    '#!/usr/bin/env python3\n"""vault write\n/v1/ssh/sign/x\n"""\nos.execvp("ssh", sys.argv)',
    '#!/usr/bin/env python3\nprint("POST /v1/ssh/sign/x")\nos.execvp("ssh", sys.argv)',
    '#!/usr/bin/env python3\ndef sign():\n    subprocess.run(["vault", "write", "ssh/sign/x"])\nos.execvp("ssh", sys.argv)',
    '#!/usr/bin/env python3\nsys.exit(os.system("ssh h"))\nsubprocess.run(["vault", "write", "ssh/sign/x"])',
    '',
    '\0\0',
    '#!/bin/sh',
  ])('%j', (text) => expect(asks(text)).toEqual([]));
});

describe('the reading', () => {
  test('files with their folders, missing ones too', () => {
    const reading = readWrappers(evidence('', '/usr/local/bin/x', 'missing'));
    expect(reading).toMatchObject({
      ok: true,
      gaps: [],
      value: [{ file: { path: '/usr/local/bin/x', status: 'missing' }, asksCa: [] }],
    });
  });
  test('a file that could not be read whole is a gap', () => {
    for (const status of ['cut', 'denied', 'failed', 'timeout', 'not-regular']) {
      const reading = readWrappers(evidence('', '/x', status));
      expect(reading.ok && reading.gaps).toEqual([`/x could not be read whole (${status})`]);
    }
  });
  test('a compiled program tells nothing, cut or whole', () => {
    for (const status of ['ok', 'cut'])
      expect(readWrappers(evidence('\x7fELF\nvault write ssh/sign/x', '/x', status))).toMatchObject({
        ok: true,
        gaps: [],
        value: [{ asksCa: [] }],
      });
  });
  test('a probe that did not run is no reading', () => {
    expect(readWrappers(evidenceOf({}))).toMatchObject({ ok: false, reason: 'not-collected' });
  });
  test('nothing a host prints throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(readWrappers(evidenceOf({ wrappers: text })).ok).toBe(true);
      }),
      { seed: 7, numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(wrapper(bytes).file.path).toBe('/usr/local/bin/ops-ssh-wrapper');
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
