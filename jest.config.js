import { availableParallelism } from 'node:os'

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  // The examples' projects have tests of their own, which knip would take for ours.
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // No secret gets out of anything that the tests do: one check over all that they wrote and sent.
  globalSetup: '<rootDir>/test/canaries/set-up.mjs',
  globalTeardown: '<rootDir>/test/canaries/tear-down.mjs',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
  // TypeScript's own convention: a module is imported by the name of what it compiles to.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  // Stories wait for databases, git and other processes more than they compute: two cores have work for three.
  maxWorkers: Math.max(3, availableParallelism() - 1),
  // They take long: `npm run faults`.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/faults/'],
  testTimeout: 240_000,
}
