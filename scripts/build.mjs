/** tsc, then the files tsc does not carry: probe scripts and demo recordings. */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
rmSync('dist', { recursive: true, force: true });
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], {
  stdio: 'inherit',
});
cpSync('src/collector/probes', 'dist/src/collector/probes', { recursive: true });
if (existsSync('src/demo/recordings'))
  cpSync('src/demo/recordings', 'dist/src/demo/recordings', { recursive: true });
chmodSync('dist/src/cli.js', 0o755);
