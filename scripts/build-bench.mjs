/** What the benchmark starts besides the program itself, built as the program is: or starts would not compare. */
import { bundle } from './bundle.mjs';

bundle(['bench/collect.ts'], 'dist/src');
