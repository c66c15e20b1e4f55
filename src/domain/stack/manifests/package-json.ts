import type { Dependency, ManifestContent } from './manifest.js'
import { at, tableAt, textAt, textsAt } from './values.js'

/** npm's package.json. */
export function readPackageJson(text: string): ManifestContent {
  const json: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
  const of = (key: string, scope: Dependency['scope']): Dependency[] =>
    Object.entries(tableAt(json, key)).map(([name, range]) => ({
      name: name.toLowerCase(),
      range: typeof range === 'string' ? range : null,
      scope,
    }))
  const dependencies = [
    ...of('dependencies', 'runtime'),
    ...of('optionalDependencies', 'runtime'),
    ...of('peerDependencies', 'peer'),
    ...of('devDependencies', 'dev'),
  ]
  const scripts = Object.fromEntries(
    Object.entries(tableAt(json, 'scripts')).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
  const name = textAt(json, 'name')
  const workspaces = textsAt(json, 'workspaces').length + textsAt(json, 'workspaces', 'packages').length > 0
  return {
    // A package.json that holds only `"type": "module"` marks a folder; it is no package.
    declares: name !== null || dependencies.length > 0 || Object.keys(scripts).length > 0 || workspaces,
    name,
    dependencies,
    language: textAt(json, 'engines', 'node'),
    scripts,
    tools: [
      ...(workspaces ? ['workspaces'] : []),
      ...['jest', 'eslintConfig', 'prettier', 'babel', 'ava', 'mocha', 'lint-staged', 'browserslist'].filter(
        key => at(json, key) !== undefined,
      ),
      ...['main', 'module', 'exports', 'bin', 'types']
        .filter(key => at(json, key) !== undefined)
        .map(() => 'published'),
      ...(textAt(json, 'packageManager') ? [`packageManager:${textAt(json, 'packageManager')}`] : []),
    ],
  }
}
