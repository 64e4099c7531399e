/** What the benchmark starts besides the program itself, built as the program is: or starts would not compare. */
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
bundle(['bench/collect.ts'], 'dist/src');
