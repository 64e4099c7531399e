import { configDefaults, defineConfig } from 'vitest/config';
import { LongestFirst } from './test/helpers/order.js';

/** Files that look at what their own process holds or has spent, or load modules anew: a process for each. */
const APART = [
  'test/faults/**/*.test.ts',
  'test/fuzz/*.test.ts',
  'test/fleet/lab.test.ts',
  'test/memo.test.ts',
  'test/transports/ssh/faults.test.ts',
  'test/transports/local/local.test.ts',
  'test/transports/ssh-conformance.test.ts',
];

export default defineConfig({
  test: {
    globalSetup: ['test/helpers/run-folder.ts'],
    // Real sshd processes and namespaces: generous, and never a measure of speed.
    testTimeout: 180_000,
    hookTimeout: 300_000,
    // Most of the time is spent waiting for real servers: more files at once than processors.
    maxWorkers: 5,
    sequence: { sequencer: LongestFirst },
    projects: [
      { extends: true, test: { name: 'apart', include: APART } },
      {
        extends: true,
        // Loading the same modules for every file costs as much as most of their tests: these share processes.
        test: {
          name: 'shared',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...APART],
          isolate: false,
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**', 'checks/**', 'reports/**'],
      reporter: ['text-summary', 'json-summary'],
    },
  },
});
