/**
 * Which part of the project may import which. Read ARCHITECTURE.md for the reasons; this file keeps it true.
 *
 * main, cli → everything · workflow → team → ports → domain · edges → ports, domain · practice → domain
 */

/** Part → its files, and the parts that it may import besides itself. `packages`: all that it may take from outside. */
const parts = {
  domain: {
    files: '^src/domain/',
    mayImport: [],
    packages: ['zod', 'yaml', 'crypto', 'smol-toml', '@rgrove/parse-xml'],
  },
  ports: { files: '^src/ports([.]ts$|/)', mayImport: ['domain'], packages: [] },
  team: { files: '^src/team/', mayImport: ['ports', 'domain', 'place'] },
  workflow: { files: '^src/workflow/', mayImport: ['team', 'ports', 'domain'] },
  reconcile: { files: '^src/reconcile/', mayImport: ['workflow', 'ports', 'domain'] },
  durable: { files: '^src/durable/', mayImport: ['ports', 'domain'] },
  github: { files: '^src/github/', mayImport: ['ports', 'domain'] },
  model: { files: '^src/model/', mayImport: ['ports', 'domain'] },
  workspace: { files: '^src/workspace/', mayImport: ['ports', 'domain'] },
  secrets: { files: '^src/secrets/', mayImport: ['ports', 'domain'] },
  telemetry: { files: '^src/telemetry/', mayImport: ['ports', 'domain'] },
  practice: { files: '^src/practice/', mayImport: ['domain'] },
  app: { files: '^src/app[.]ts$', mayImport: ['shell', 'config', 'ports', 'domain', 'github'] },
  config: { files: '^src/(config|settings)[.]ts$', mayImport: ['shell', 'domain'] },
  // Where the project's own files lie (agents/, app.yml).
  place: { files: '^src/package-root[.]ts$', mayImport: [] },
  // The files around the front door: reading keys and .env, logging, the first set-up.
  shell: {
    files: '^src/(?!(main|app|config|settings|ports|package-root)[.]ts$)[^/]+[.]ts$',
    mayImport: ['config', 'secrets', 'domain', 'place'],
  },
}

const directions = Object.entries(parts).map(([name, { files, mayImport }]) => ({
  name: `${name}-imports`,
  comment: `${name} may import ${['itself', ...mayImport].join(', ')}, and no other part of the project`,
  severity: 'error',
  from: { path: files },
  to: { path: '^(src|test|scripts)/', pathNot: [files, ...mayImport.map(part => parts[part].files)] },
}))

const packages = Object.entries(parts)
  .filter(([, part]) => part.packages)
  .map(([name, part]) => ({
    name: `${name}-packages`,
    comment: `${name} is pure: from outside it may take only ${part.packages.join(', ') || 'nothing'}`,
    severity: 'error',
    from: { path: part.files },
    to: { pathNot: ['^src/', ...part.packages.map(one => `(^|/)node_modules/${one}/|^(node:)?${one}$`)] },
  }))

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...directions,
    ...packages,
    {
      name: 'domain-types-only',
      comment: 'the practice GitHub stands for GitHub: of the App it may know names for things, never how it works',
      severity: 'error',
      from: { path: parts.practice.files },
      to: { path: parts.domain.files, dependencyTypesNot: ['type-only'] },
    },
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphan', severity: 'error', from: { path: '^src/', orphan: true }, to: {} },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-test-code-in-src',
      comment: 'what the product runs on must be among its dependencies',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    // Type imports are arrows too, and TypeScript drops them before anybody else could see them.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: '^node_modules' },
    exclude: { path: '^(dist|src/practice/examples)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
