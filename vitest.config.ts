import { defineConfig } from 'vitest/config'

/** Seconds, as vitest wants them. */
const seconds = (count: number) => count * 1000

/**
 * Four kinds of tests, one after the other, the quickest first. Their timeouts are there to end what hangs, on slow and busy
 * computers too.
 *
 * - unit: pure code and servers on the loopback address, in parallel
 * - interop: programs made by others as peers, two at a time, for they compete for the processor
 * - dist: the packages as npm would publish them, installed and used
 * - boot: virtual machines, two test files at a time: firmware waits more than it computes, and one file may boot two machines;
 *   `npm run test:boot -- --all` takes those named *.slow.test.ts along
 */
export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.{ts,tsx}'],
          testTimeout: seconds(30),
          hookTimeout: seconds(30),
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.{ts,tsx}'],
          testTimeout: seconds(180),
          hookTimeout: seconds(180),
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'dist',
          include: ['test/dist/**/*.test.ts'],
          testTimeout: seconds(180),
          hookTimeout: seconds(180),
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          name: 'boot',
          include: ['test/boot/**/*.test.ts'],
          exclude: process.env.BOOTTORRENT_TEST_ALL ? [] : ['test/boot/**/*.slow.test.ts'],
          testTimeout: seconds(600),
          hookTimeout: seconds(180),
          maxWorkers: 2,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
})
