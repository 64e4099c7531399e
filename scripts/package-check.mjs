/** Packs the project as it would be published, looks at what is inside, and runs it from there. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'ssh-scorecard-pack-'));
const run = (command, args, options = {}) =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], ...options });

try {
  const [packed] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]),
  );
  run('tar', ['-xzf', join(folder, packed.filename), '-C', folder]);
  const root = join(folder, 'package');
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'));

  const wanted = [
    'dist/src/cli.js',
    'dist/src/index.js',
    'dist/src/index.d.ts',
    'dist/src/collector/probes/prelude.sh',
    'dist/src/demo/recordings/sound.json.gz',
    'schema/inventory.schema.json',
    'schema/results.schema.json',
    'inventory.example.yaml',
    'README.md',
    'LICENSE',
  ];
  const missing = wanted.filter((path) => !existsSync(join(root, path)));
  if (missing.length > 0) throw new Error(`missing from the package: ${missing.join(', ')}`);
  const stray = packed.files
    .map(({ path }) => path)
    .filter((path) => /^(test|bench|\.ci|scripts)\//.test(path) || path.endsWith('.test.js'));
  if (stray.length > 0) throw new Error(`should not be published: ${stray.join(', ')}`);

  const version = run(process.execPath, [join(root, 'dist/src/cli.js'), '--version'], { cwd: folder });
  if (!version.startsWith('ssh-scorecard ')) throw new Error(`--version printed ${version}`);
  run(process.execPath, [join(root, 'dist/src/cli.js'), 'validate', join(root, 'inventory.example.yaml')], {
    cwd: folder,
  });
  run(process.execPath, [join(root, 'dist/src/cli.js'), 'schema', 'results'], { cwd: folder });
  const keys = run(process.execPath, [
    '--input-type=module',
    '-e',
    `console.log(Object.keys(await import(${JSON.stringify(join(root, 'dist/src/index.js'))})).join())`,
  ]);
  if (!keys.includes('auditFleet')) throw new Error(`the library exports ${keys}`);
  run('npx', ['publint', root]);
  console.log(
    `package: ${packed.files.length} files, ${Math.round(packed.unpackedSize / 1024)} KiB unpacked, runs`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
