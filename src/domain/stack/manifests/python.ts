import { readToml } from './toml.js'
import { readYaml } from './yaml.js'
import { linesOf, withoutComments } from './code-text.js'
import type { Dependency, ManifestContent } from './manifest.js'
import { listAt, table, tableAt, textAt, textsAt } from './values.js'

/** Names as PyPI compares them. */
export const pythonName = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-')

/** One requirement (PEP 508); null for a line that names none: an option, a path, a comment. */
export function readRequirement(line: string, scope: Dependency['scope']): Dependency | null {
  const bare = line
    .slice(0, 1000)
    .replace(/(^|\s)#.*$/, '')
    .trim()
  const match = /^([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(.*)$/.exec(bare)
  const name = match?.[1]
  const rest = (match?.[2] ?? '').replace(/\s+(--hash|\\).*$/, '').replace(/\\$/, '')
  if (name === undefined || (rest !== '' && !/^(\(|[<>=!~]=?|===|@|;)/.test(rest))) return null
  const range = (rest.split(';')[0] ?? '').replace(/^\(|\)$/g, '').trim()
  return { name: pythonName(name), range: range === '' || range.startsWith('@') ? null : range, scope }
}

const requirements = (lines: string[], scope: Dependency['scope']): Dependency[] =>
  lines.map(line => readRequirement(line, scope)).filter(found => found !== null)

/** requirements.txt and its kin. */
export function readRequirements(text: string, path: string): ManifestContent {
  const scope = /(^|[-_/.])(dev|develop|development|tests?|testing|lint|docs?|ci|local)([-_.]|$)/i.test(
    path.slice(path.lastIndexOf('/') + 1),
  )
    ? 'dev'
    : 'runtime'
  return { dependencies: requirements(linesOf(text), scope) }
}

/** pyproject.toml: the standard's tables, and those of Poetry, uv and PDM. */
export function readPyproject(text: string): ManifestContent {
  const toml = readToml(text)
  const poetry = (scope: Dependency['scope'], ...keys: string[]): Dependency[] =>
    Object.entries(tableAt(toml, 'tool', 'poetry', ...keys))
      .filter(([name]) => name.toLowerCase() !== 'python')
      .map(([name, value]) => ({
        name: pythonName(name),
        range: typeof value === 'string' ? value : textAt(value, 'version'),
        scope,
      }))
  const groups = Object.values(tableAt(toml, 'dependency-groups')).flatMap(group =>
    Array.isArray(group) ? group.filter(item => typeof item === 'string') : [],
  )
  const dependencies = [
    ...requirements(textsAt(toml, 'project', 'dependencies'), 'runtime'),
    ...Object.values(tableAt(toml, 'project', 'optional-dependencies')).flatMap(list =>
      requirements(textsAt({ list }, 'list'), 'dev'),
    ),
    ...requirements(groups, 'dev'),
    ...requirements(textsAt(toml, 'tool', 'uv', 'dev-dependencies'), 'dev'),
    ...Object.values(tableAt(toml, 'tool', 'pdm', 'dev-dependencies')).flatMap(list =>
      requirements(textsAt({ list }, 'list'), 'dev'),
    ),
    ...poetry('runtime', 'dependencies'),
    ...poetry('dev', 'dev-dependencies'),
    ...Object.keys(tableAt(toml, 'tool', 'poetry', 'group')).flatMap(group =>
      poetry('dev', 'group', group, 'dependencies'),
    ),
  ]
  const name = textAt(toml, 'project', 'name') ?? textAt(toml, 'tool', 'poetry', 'name')
  return {
    declares: name !== null || dependencies.length > 0 || toml['build-system'] !== undefined,
    name,
    dependencies,
    language: textAt(toml, 'project', 'requires-python') ?? textAt(toml, 'tool', 'poetry', 'dependencies', 'python'),
    tools: Object.keys(tableAt(toml, 'tool')),
  }
}

/** Pipenv's Pipfile. */
export function readPipfile(text: string): ManifestContent {
  const toml = readToml(text)
  const of = (key: string, scope: Dependency['scope']): Dependency[] =>
    Object.entries(tableAt(toml, key)).map(([name, value]) => {
      const range = typeof value === 'string' ? value : textAt(value, 'version')
      return { name: pythonName(name), range: range === '*' ? null : range, scope }
    })
  return {
    dependencies: [...of('packages', 'runtime'), ...of('dev-packages', 'dev')],
    language: textAt(toml, 'requires', 'python_version') ?? textAt(toml, 'requires', 'python_full_version'),
  }
}

/** setup.py is a program: only lists of plain strings are read from it. */
export function readSetupPy(text: string): ManifestContent {
  const code = withoutComments(text, '#')
  const listed = (keyword: string, scope: Dependency['scope']): Dependency[] => {
    const start = new RegExp(`\\b${keyword}\\s*=\\s*\\[`).exec(code)
    if (!start) return []
    const from = start.index + start[0].length
    const list = code.slice(from, from + 20_000)
    // A closing bracket outside a string: extras such as `celery[redis]` hold brackets of their own.
    const strings: string[] = []
    for (const [token, double, single] of list.matchAll(/"([^"\n]*)"|'([^'\n]*)'|\]/g)) {
      if (token === ']') break
      strings.push(double ?? single ?? '')
    }
    return requirements(strings, scope)
  }
  return {
    declares: /\bsetup\s*\(/.test(code),
    name: /\bname\s*=\s*['"]([\w.-]+)['"]/.exec(code)?.[1] ?? null,
    dependencies: [
      ...listed('install_requires', 'runtime'),
      ...listed('tests_require', 'dev'),
      ...listed('setup_requires', 'dev'),
    ],
    language: /\bpython_requires\s*=\s*['"]([^'"\n]+)['"]/.exec(code)?.[1] ?? null,
  }
}

/** setup.cfg: a package only where it has `[metadata]` or `[options]`; its other sections set up tools. */
export function readSetupCfg(text: string): ManifestContent {
  const sections = readIni(text)
  const options = sections.get('options') ?? new Map<string, string>()
  const extras = [...(sections.get('options.extras_require')?.values() ?? [])]
  return {
    declares: sections.has('options') || sections.has('metadata'),
    name: sections.get('metadata')?.get('name') ?? null,
    dependencies: [
      ...requirements((options.get('install_requires') ?? '').split('\n'), 'runtime'),
      ...requirements(extras.join('\n').split('\n'), 'dev'),
    ],
    language: options.get('python_requires') ?? null,
    tools: [...sections.keys()].map(section => section.replace(/^tool:/, '')),
  }
}

/** Conda's environment.yml. */
export function readEnvironmentYml(text: string): ManifestContent {
  const yaml: unknown = readYaml(text)
  const dependencies: Dependency[] = []
  let language: string | null = null
  for (const item of listAt(yaml, 'dependencies')) {
    if (typeof item !== 'string') {
      dependencies.push(...requirements(textsAt(table(item), 'pip'), 'runtime'))
      continue
    }
    const [name = '', version] = item.replace(/^[\w.-]+::/, '').split(/\s*(?=[<>=!~])/)
    const range = version?.replace(/^=(?!=)/, '') ?? null
    if (name === 'python') language = range
    else if (name !== '') dependencies.push({ name: pythonName(name.trim()), range, scope: 'runtime' })
  }
  return { declares: dependencies.length > 0, dependencies, language }
}

/** Sections of an INI file as Python's configparser reads it: indented lines continue a value. */
function readIni(text: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>()
  let section = new Map<string, string>()
  let key: string | null = null
  for (const line of linesOf(text)) {
    const trimmed = line.trim()
    if (trimmed === '' || /^[#;]/.test(trimmed)) continue
    const heading = /^\[([^\]]+)\]/.exec(line)?.[1]
    if (heading !== undefined) {
      section = sections.get(heading) ?? new Map<string, string>()
      sections.set(heading, section)
      key = null
    } else if (/^\s/.test(line) && key !== null) {
      section.set(key, `${section.get(key) ?? ''}\n${trimmed}`)
    } else {
      const sign = /[=:]/.exec(line)
      if (!sign) continue
      key = line.slice(0, sign.index).trim().toLowerCase()
      section.set(key, line.slice(sign.index + 1).trim())
    }
  }
  return sections
}
