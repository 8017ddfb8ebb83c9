import { defineConfig } from 'vitest/config'

/** Seconds, as vitest wants them. */
const seconds = (count: number) => count * 1000

/**
 * Four kinds of tests, one after the other, the quickest first.
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
          testTimeout: seconds(10),
          hookTimeout: seconds(10),
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.{ts,tsx}'],
          testTimeout: seconds(60),
          hookTimeout: seconds(60),
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'dist',
          include: ['test/dist/**/*.test.ts'],
          testTimeout: seconds(60),
          hookTimeout: seconds(60),
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          name: 'boot',
          include: ['test/boot/**/*.test.ts'],
          exclude: process.env.BOOTTORRENT_TEST_ALL ? [] : ['test/boot/**/*.slow.test.ts'],
          testTimeout: seconds(300),
          hookTimeout: seconds(60),
          maxWorkers: 2,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
})
