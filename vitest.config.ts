import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Tests run what is written, never what was built some time ago.
    env: { TURNSTILE_FROM_SOURCE: '1' },
    globalSetup: ['test/setup.ts'],
    include: ['{machines,sandbox,actors,cli,inspector,test}/**/*.test.ts'],
    // Real processes on few cores: a test waits for facts, and this is only the fuse behind them.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
  },
});
