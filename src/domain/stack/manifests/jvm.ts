import { readToml } from './toml.js'
import type { XmlElement } from '@rgrove/parse-xml'
import { withoutComments } from './code-text.js'
import type { Dependency, ManifestContent } from './manifest.js'
import { tableAt, textAt, type Table } from './values.js'
import { childElements, elements, xmlRoot, xmlText } from './xml.js'

/** Maven's pom.xml. Properties of the same file are filled in; those of a parent elsewhere are not known. */
export function readPom(text: string): ManifestContent {
  const project = xmlRoot(text)
  const properties = new Map(
    elements(project, 'properties').flatMap(element =>
      childElements(element).map((child): [string, string] => [child.name, xmlText(child) ?? '']),
    ),
  )
  const parentVersion = xmlText(project, 'parent', 'version')
  const filled = (value: string | null): string | null =>
    value?.replace(/\$\{([^{}]+)\}/g, (whole, key: string) =>
      key === 'project.parent.version' ? (parentVersion ?? whole) : (properties.get(key) ?? whole),
    ) ?? null
  const read = (element: XmlElement, prefix = ''): Dependency => {
    const range = filled(xmlText(element, 'version'))
    return {
      name: `${prefix}${xmlText(element, 'groupId') ?? ''}:${xmlText(element, 'artifactId') ?? ''}`.toLowerCase(),
      range: range?.includes('${') ? null : range,
      scope: xmlText(element, 'scope') === 'test' ? 'dev' : 'runtime',
    }
  }
  const managed = elements(project, 'dependencyManagement', 'dependencies', 'dependency').map(element => read(element))
  const versionOf = (name: string): string | null => managed.find(one => one.name === name)?.range ?? null
  const isAggregate = elements(project, 'modules', 'module').length > 0
  /** What a pom with modules takes from a parent or a bill of materials is for those. */
  const inherited = (one: Dependency): Dependency => (isAggregate ? { ...one, scope: 'managed' } : one)
  const plugins = elements(project, 'build', 'plugins', 'plugin')
  const compiler = plugins.find(plugin => xmlText(plugin, 'artifactId') === 'maven-compiler-plugin')
  return {
    name: xmlText(project, 'artifactId'),
    dependencies: [
      ...elements(project, 'parent').map(element => inherited(read(element))),
      ...elements(project, 'dependencies', 'dependency')
        .map(element => read(element))
        .map(one => ({ ...one, range: one.range ?? versionOf(one.name) })),
      // A bill of materials is what its framework asks to be brought in by.
      ...managed.filter(one => /-(bom|dependencies)$/.test(one.name)).map(inherited),
      ...plugins.map(element => read(element, 'plugin:')),
    ],
    language:
      properties.get('java.version') ??
      properties.get('maven.compiler.release') ??
      properties.get('maven.compiler.source') ??
      (compiler &&
        filled(xmlText(compiler, 'configuration', 'release') ?? xmlText(compiler, 'configuration', 'source'))) ??
      null,
    tools: isAggregate ? ['modules'] : [],
  }
}

/** Aliases of gradle/libs.versions.toml, as build files write them (`libs.spring.web`), to what they stand for. */
export type VersionCatalog = ReadonlyMap<string, { name: string; version: string | null }>

export function readVersionCatalog(text: string): VersionCatalog {
  const toml = readToml(text)
  const versions = tableAt(toml, 'versions')
  const version = (entry: Table): string | null =>
    textAt(entry, 'version') ??
    textAt(versions, textAt(entry, 'version', 'ref') ?? '') ??
    textAt(entry, 'version', 'require')
  const alias = (key: string): string => key.replace(/[-_]/g, '.').toLowerCase()
  const catalog = new Map<string, { name: string; version: string | null }>()
  for (const [key, value] of Object.entries(tableAt(toml, 'libraries'))) {
    if (typeof value === 'string') {
      const [group = '', artifact = '', at = null] = value.split(':')
      catalog.set(alias(key), { name: `${group}:${artifact}`.toLowerCase(), version: at })
      continue
    }
    const entry = tableAt({ value }, 'value')
    const name = textAt(entry, 'module') ?? `${textAt(entry, 'group') ?? ''}:${textAt(entry, 'name') ?? ''}`
    catalog.set(alias(key), { name: name.toLowerCase(), version: version(entry) })
  }
  for (const [key, value] of Object.entries(tableAt(toml, 'plugins'))) {
    const [id = '', at = null] = typeof value === 'string' ? value.split(':') : [textAt(value, 'id') ?? '']
    const entry = tableAt({ value }, 'value')
    catalog.set(`plugins.${alias(key)}`, {
      name: `plugin:${id}`.toLowerCase(),
      version: typeof value === 'string' ? at : version(entry),
    })
  }
  return catalog
}

/** Gradle's build files are programs: plugins and dependencies are read from the usual notations, in both languages. */
export function readGradle(text: string, catalog: VersionCatalog): ManifestContent {
  const code = withoutComments(text, '//')
  const dependencies: Dependency[] = []
  const add = (name: string, range: string | null | undefined, scope: Dependency['scope']): unknown =>
    dependencies.push({ name: name.toLowerCase(), range: range ?? null, scope })
  // `apply false` only sets the version for the projects below.
  const plugin =
    /\b(id|kotlin)[\s(]+['"]([\w.-]+)['"]\)?(?:\s+version[\s(]+['"]([^'"]+)['"]\)?)?(\s+apply[\s(]+false)?/g
  for (const [, how = '', id = '', version, notHere] of code.matchAll(plugin))
    add(`plugin:${how === 'kotlin' ? 'org.jetbrains.kotlin.' : ''}${id}`, version, notHere ? 'managed' : 'runtime')
  for (const [, id = ''] of code.matchAll(/\bapply\s+plugin:\s*['"]([\w.-]+)['"]/g))
    add(`plugin:${id}`, null, 'runtime')
  const coordinates =
    /\b(\w*(?:mplementation|[aA]pi|ompileOnly|untimeOnly|[kK]apt|classpath|compile))[\s(]+(?:platform\()?['"]([\w.-]+):([\w.-]+)(?::([^'":@$]+))?/g
  for (const [, configuration = '', group = '', artifact = '', version] of code.matchAll(coordinates))
    add(`${group}:${artifact}`, version, scopeOf(configuration))
  const aliased = /\b(\w+)[\s(]+(?:platform\()?libs\.([\w.]+)\)?(\s+apply[\s(]+false)?/g
  for (const [, configuration = '', alias = '', notHere] of code.matchAll(aliased)) {
    const found = catalog.get(alias.toLowerCase().replace(/\.(get|asprovider)$/, ''))
    if (found) add(found.name, found.version, notHere ? 'managed' : scopeOf(configuration))
  }
  return {
    dependencies,
    language:
      /JavaLanguageVersion\.of\(\s*['"]?(\d+)/.exec(code)?.[1] ??
      /\bjvmToolchain\(\s*(\d+)/.exec(code)?.[1] ??
      /\b(?:source|target)Compatibility\s*=?\s*(?:JavaVersion\.VERSION_|['"])?([\d._]+)/
        .exec(code)?.[1]
        ?.replace('_', '.') ??
      null,
  }
}

function scopeOf(configuration: string): Dependency['scope'] {
  if (configuration === 'classpath') return 'managed'
  return /^(android)?test/i.test(configuration) ? 'dev' : 'runtime'
}
