#!/usr/bin/env node
/**
 * Holds every import against .dependency-cruiser.mjs: which part may know which, no circles, no orphans.
 *
 *   node scripts/check-import-direction.mjs            this project
 *   node scripts/check-import-direction.mjs FOLDER     another one, by the same rules
 *
 * A tool that can't parse TypeScript finds no module, and so nothing wrong. So the modules it saw are compared with the files
 * that are there.
 */
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const project = dirname(dirname(fileURLToPath(import.meta.url)))
const folder = resolve(process.argv[2] ?? project)

const { modules, summary } = cruise()
const seen = new Set(modules.map(module => module.source))
const unseen = sourceFiles().filter(file => !seen.has(file))
const arrows = modules.filter(module => module.source.startsWith('src/')).flatMap(module => module.dependencies)

for (const violation of summary.violations) console.error(describe(violation))
for (const file of unseen) console.error(`${file} was not read`)
if (seen.size === 0 || arrows.length === 0) console.error(`No import was found in ${folder}: the tool reads nothing`)
const failed = summary.violations.length > 0 || unseen.length > 0 || arrows.length === 0
console.log(
  `${seen.size} modules, ${arrows.length} imports, ${summary.violations.length} against the rules, ${unseen.length} files unread`,
)
process.exitCode = failed ? 1 : 0

function cruise() {
  const tool = join(project, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
  const options = ['--config', join(project, '.dependency-cruiser.mjs'), '--output-type', 'json', 'src']
  const output = execFileSync(process.execPath, [tool, ...options], {
    cwd: folder,
    maxBuffer: 1 << 28,
    encoding: 'utf8',
  })
  return JSON.parse(output)
}

function sourceFiles() {
  const files = readdirSync(join(folder, 'src'), { recursive: true }).map(file => `src/${file.replaceAll('\\', '/')}`)
  return files.filter(file => file.endsWith('.ts') && !file.startsWith('src/practice/examples/'))
}

function describe({ rule, from, to, cycle, comment }) {
  const way = cycle ? [from, ...cycle.map(step => step.name)] : [...new Set([from, to])]
  return `${rule.name}: ${way.join(' → ')}${comment ? ` (${comment})` : ''}`
}
