import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real sshd processes and namespaces: generous, and never a measure of speed.
    testTimeout: 60_000,
    hookTimeout: 180_000,
    // Most of the time is spent waiting for real servers: more files at once than processors.
    maxWorkers: 4,
    coverage: {
      provider: 'v8',
      include: ['src/**', 'checks/**', 'reports/**'],
      reporter: ['text-summary', 'json-summary'],
    },
  },
});
