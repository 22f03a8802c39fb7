import { defineConfig } from "vitest/config";

/** One file after another: they measure, and share two processors with the browser and the worker. */
export default defineConfig({
  test: {
    include: ["e2e/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false,
    expect: { poll: { timeout: 15_000 } },
  },
});
