import { linesOf, withoutComments } from './code-text.js'
import type { Dependency, ManifestContent } from './manifest.js'
import { tableAt, textAt } from './values.js'

/** Bundler's Gemfile. It is a program: only `gem`, `group` and `ruby` lines are read, not what they compute. */
export function readGemfile(text: string): ManifestContent {
  const dependencies: Dependency[] = []
  let language: string | null = null
  let group: string | null = null
  for (const line of linesOf(text)) {
    const code = line.replace(/(^|\s)#.*$/, '').trim()
    const opens = /^group\b(.*)\bdo$/.exec(code)?.[1]
    if (opens !== undefined) group = opens
    else if (code === 'end') group = null
    language ??= /^ruby\s+['"]([^'"]+)['"]/.exec(code)?.[1] ?? null
    const gem = /^gem[\s(]+['"]([\w.-]+)['"](.*)$/.exec(code)
    if (gem?.[1] === undefined) continue
    const rest = gem[2] ?? ''
    const range = /^\s*,\s*((?:['"][^'"]*\d[^'"]*['"]\s*,?\s*)+)/.exec(rest)?.[1]?.replace(/['"]/g, '')
    dependencies.push({
      name: gem[1].toLowerCase(),
      range: range?.replace(/,?\s*$/, '') ?? null,
      scope: scopeOf(group ?? /\bgroups?:.*/.exec(rest)?.[0] ?? ''),
    })
  }
  return { dependencies, language }
}

const scopeOf = (group: string): Dependency['scope'] =>
  /development|test/.test(group) && !/production|default/.test(group) ? 'dev' : 'runtime'

/** A gem's own description. */
export function readGemspec(text: string): ManifestContent {
  const code = withoutComments(text, '#')
  const dependencies = [
    ...code.matchAll(
      /\.add_(runtime_|development_)?dependency[\s(]+['"]([\w.-]+)['"](?:\.freeze)?(?:\s*,\s*\[?['"]([^'"]+)['"])?/g,
    ),
  ].map(([, kind, name = '', range]): Dependency => ({
    name: name.toLowerCase(),
    range: range ?? null,
    scope: kind === 'development_' ? 'dev' : 'runtime',
  }))
  return {
    name: /\.name\s*=\s*['"]([\w.-]+)['"]/.exec(code)?.[1] ?? null,
    dependencies,
    language:
      /\.required_ruby_version\s*=\s*(?:Gem::Requirement\.new\s*\(?\s*)?\[?['"]([^'"]+)['"]/.exec(code)?.[1] ?? null,
  }
}

/** Composer's composer.json. */
export function readComposerJson(text: string): ManifestContent {
  const json: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
  const of = (key: string, scope: Dependency['scope']): Dependency[] =>
    Object.entries(tableAt(json, key))
      .filter(([name]) => name.includes('/'))
      .map(([name, range]) => ({ name: name.toLowerCase(), range: typeof range === 'string' ? range : null, scope }))
  return {
    name: textAt(json, 'name'),
    dependencies: [...of('require', 'runtime'), ...of('require-dev', 'dev')],
    language: textAt(json, 'require', 'php'),
    scripts: Object.fromEntries(
      Object.entries(tableAt(json, 'scripts')).flatMap(([name, value]): [string, string][] =>
        typeof value === 'string'
          ? [[name, value]]
          : Array.isArray(value)
            ? [[name, value.filter(line => typeof line === 'string').join(' && ')]]
            : [],
      ),
    ),
  }
}

/** Mix's mix.exs. It is a program: only dependencies in the usual form `{:name, "~> 1.0"}` are read. */
export function readMixExs(text: string): ManifestContent {
  const code = withoutComments(text, '#')
  const dependencies = [...code.matchAll(/\{\s*:(\w+)\s*,\s*("([^"\n]*)"|[a-z_]+:)([^}\n]*)/g)].map(
    ([, name = '', , range, rest = '']): Dependency => ({
      name: name.toLowerCase(),
      range: range ?? null,
      scope: /\bonly:\s*(\[[^\]]*\]|:\w+)/.exec(rest)?.[1]?.includes('prod') === false ? 'dev' : 'runtime',
    }),
  )
  return {
    name: /\bapp:\s*:(\w+)/.exec(code)?.[1] ?? null,
    dependencies,
    language: /\belixir:\s*"([^"\n]+)"/.exec(code)?.[1] ?? null,
  }
}
