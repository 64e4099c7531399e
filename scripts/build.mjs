/** What is published: programs and types. An argument is another folder than dist, for programs alone. */
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

const other = process.argv[2] === undefined ? undefined : resolve(process.argv[2]);
process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const folder = other ?? 'dist';
rmSync(folder, { recursive: true, force: true });
bundle(['src/cli.ts', 'src/index.ts'], join(folder, 'src'));
chmodSync(join(folder, 'src/cli.js'), 0o755);
if (other === undefined)
  execFileSync(
    process.execPath,
    ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json', '--emitDeclarationOnly'],
    { stdio: 'inherit' },
  );
