import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wordsOf, withoutSecrets } from '../../src/facts/command-text.js';

describe('command lines', () => {
  test.each([
    'mysql -uroot -phunter2 db', 'curl -u bernd:hunter2 https://h', 'curl https://u:hunter2@h/x', "curl -H 'Authorization: Bearer hunter2hunter2'",
    'x --password=hunter2', 'x --password hunter2', 'x --api-key "hunter2"', 'TOKEN=hunter2 x', 'sshpass -p hunter2 ssh h', 'vault login token=hunter2',
    'x --db-password-file=/x PGPASSWORD=hunter2 psql', 'export AWS_SECRET_ACCESS_KEY=hunter2', 'x client_secret: hunter2',
  ])('%s', (line) => {
    expect(withoutSecrets(line)).not.toContain('hunter2');
  }); // prettier-ignore

  test('what names no secret stays, and doing it twice changes nothing', () => {
    expect(withoutSecrets('/usr/bin/systemctl restart nginx')).toBe('/usr/bin/systemctl restart nginx');
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('--password=', 'TOKEN=', 'secret: '), (text, name) => {
        const once = withoutSecrets(`a ${name}${text}`);
        expect(withoutSecrets(once)).toBe(once);
      }),
      { seed: 20261121 },
    );
  });

  test('words are those of sh', () => {
    const word = fc.string({
      unit: fc.constantFrom('a', ' ', "'", '"', '\\', '$', '*', '\t', 'ü'),
      maxLength: 8,
    });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (argv) => {
        const line = argv.map((one) => `'${one.replaceAll("'", `'\\''`)}'`).join('  ');
        expect(wordsOf(line)).toEqual(argv);
      }),
      { seed: 20261121, numRuns: 300 },
    );
    const line = `a "b c" 'd "e"' f\\ g "h\\"i" ''`;
    const sh = spawnSync('sh', ['-c', `for w in ${line}; do printf '%s\\n' "$w"; done`], {
      encoding: 'utf8',
    });
    expect(wordsOf(line)).toEqual(sh.stdout.split('\n').slice(0, -1));
  });

  test('any text ends within its bound', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(wordsOf(text, 3).length).toBeLessThanOrEqual(3);
      }),
      { seed: 20261121 },
    );
  });
});
