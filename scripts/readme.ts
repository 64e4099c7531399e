/** npm run readme: puts the demo's real output between the marks in README.md; `--check` fails when it differs. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = join(root, 'README.md');
const folder = mkdtempSync(join(tmpdir(), 'ssh-scorecard-readme-'));

/** The matrix and its totals: what fits a first screen. */
function sample(): string {
  const output = execFileSync(process.execPath, [join(root, 'dist/src/cli.js'), 'demo', folder, '-q'], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: process.env['PATH'], COLUMNS: '80', NO_COLOR: '1' },
  });
  const lines = output.split('\n');
  const from = lines.findIndex((line) => line.startsWith('HOST'));
  const to = lines.findIndex((line) => line.startsWith('pass proven'));
  const totals = lines.findIndex((line) => line.startsWith('TOTALS'));
  return ['```', ...lines.slice(from, to + 1), '', ...lines.slice(totals, totals + 4), '```'].join('\n');
}

try {
  const text = readFileSync(readme, 'utf8');
  const wanted = text.replace(
    /(<!-- demo:begin -->\n)[\s\S]*?(<!-- demo:end -->)/,
    (_all, begin: string, end: string) => `${begin}\n${sample()}\n\n${end}`,
  );
  if (process.argv.includes('--check')) {
    if (wanted !== text)
      throw new Error('the sample in README.md is not what the demo prints: npm run readme');
  } else writeFileSync(readme, wanted);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
