import { readToml } from './toml.js'
import { readYaml } from './yaml.js'
import { linesOf } from './code-text.js'
import type { Dependency, ManifestContent } from './manifest.js'
import { at, tableAt, textAt } from './values.js'

/** Go's go.mod; what is marked `// indirect` is no direct dependency. */
export function readGoMod(text: string): ManifestContent {
  const dependencies: Dependency[] = []
  let inBlock = false
  for (const line of linesOf(text)) {
    if (/^require\s*\(/.test(line)) inBlock = true
    else if (line.startsWith(')')) inBlock = false
    const found = /^(?:require\s+)?\s*([\w.~-]+(?:\/[\w.~-]+)+)\s+(v\S+)(.*)$/.exec(line)
    if (!found || (!inBlock && !line.startsWith('require')) || /\/\/\s*indirect/.test(found[3] ?? '')) continue
    dependencies.push({ name: (found[1] ?? '').toLowerCase(), range: found[2] ?? null, scope: 'runtime' })
  }
  return {
    name: /^module\s+(\S+)/m.exec(text)?.[1] ?? null,
    dependencies,
    language: /^go\s+(\d[\w.]*)/m.exec(text)?.[1] ?? null,
  }
}

/** Cargo's Cargo.toml. A dependency that takes its version from the workspace has none here. */
export function readCargoToml(text: string): ManifestContent {
  const toml = readToml(text)
  const of = (from: unknown, scope: Dependency['scope']): Dependency[] =>
    Object.entries(tableAt({ from }, 'from')).map(([key, value]) => ({
      name: (textAt(value, 'package') ?? key).toLowerCase(),
      range: typeof value === 'string' ? value : textAt(value, 'version'),
      scope,
    }))
  const dependencies = [
    ...of(toml['dependencies'], 'runtime'),
    ...of(toml['build-dependencies'], 'dev'),
    ...of(toml['dev-dependencies'], 'dev'),
    ...of(at(toml, 'workspace', 'dependencies'), 'managed'),
    ...Object.values(tableAt(toml, 'target')).flatMap(target => of(at(target, 'dependencies'), 'runtime')),
  ]
  return {
    name: textAt(toml, 'package', 'name'),
    dependencies,
    language: textAt(toml, 'package', 'rust-version') ?? textAt(toml, 'workspace', 'package', 'rust-version'),
    tools: toml['workspace'] === undefined ? [] : ['workspace'],
  }
}

/** Dart's pubspec.yaml. */
export function readPubspec(text: string): ManifestContent {
  const yaml: unknown = readYaml(text)
  const of = (key: string, scope: Dependency['scope']): Dependency[] =>
    Object.entries(tableAt(yaml, key)).map(([name, value]) => ({
      name: name.toLowerCase(),
      range: typeof value === 'string' ? value : null,
      scope,
    }))
  return {
    name: textAt(yaml, 'name'),
    dependencies: [...of('dependencies', 'runtime'), ...of('dev_dependencies', 'dev')],
    language: textAt(yaml, 'environment', 'sdk'),
  }
}
