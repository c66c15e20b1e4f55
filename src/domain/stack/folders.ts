/** Last segment of a path. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** Folder of a path, `''` for the top. */
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))

/** Whether a path lies in a folder; everything lies in `''`. */
export const isIn = (path: string, folder: string): boolean => folder === '' || path.startsWith(`${folder}/`)

/** A path as seen from a folder that it lies in. */
export const within = (path: string, folder: string): string => (folder === '' ? path : path.slice(folder.length + 1))

/** A path in a folder, from the top again. */
export const join = (folder: string, path: string): string => (folder === '' ? path : `${folder}/${path}`)

/** The folder and all those around it, nearest first, `''` last. */
export function foldersUp(folder: string): string[] {
  const up = [folder]
  for (let at = folder; at !== '';) up.push((at = folderOf(at)))
  return up
}

/** How deep a path lies: 0 at the top. */
const depthOf = (path: string): number => path.split('/').length - 1

/** Files that others wrote and that were copied here, or that a build made: they say nothing about this repository. */
export const isVendored = (path: string): boolean => vendored.test(path)

/** Files that only show or try something: what lies there counts less. `test` where it is about testing. */
export function asideOf(path: string): 'test' | 'other' | null {
  // Below a root of Java sources, folders are names of packages.
  const folder = folderOf(path).replace(/(\/|^)src\/(main|test)\/(java|kotlin|scala|groovy)\/.*$/, '$1src/$2')
  if (folder === '.github/workflows') return null
  if (forTests.test(folder)) return 'test'
  return forShow.test(folder) ? 'other' : null
}

/** The most telling paths first: out of the way last, then nearest the top, then by name. */
export function byWeight(paths: Iterable<string>): string[] {
  const aside = new Map<string, boolean>()
  const isAside = (path: string): boolean => {
    const folder = folderOf(path)
    const known = aside.get(folder) ?? asideOf(path) !== null
    aside.set(folder, known)
    return known
  }
  const weighed = [...paths].map(path => ({ path, weight: depthOf(path) + (isAside(path) ? 10_000 : 0) }))
  weighed.sort((a, b) => a.weight - b.weight || (a.path < b.path ? -1 : 1))
  return weighed.map(({ path }) => path)
}

const vendored =
  /(^|\/)(node_modules|bower_components|jspm_packages|vendor|vendored|third[-_]?party|3rd[-_]?party|externals?|site-packages|\.?venv|virtualenv|Pods|Carthage|Godeps|dist|\.yarn|\.git|\.tox|\.nox|__pycache__|\.next|\.nuxt)\//i
const forTests =
  /(^|\/)(tests?|__tests__|specs?|e2e|testing|integration[-_]?tests?|functional[-_]?tests?|test[-_]?(data|fixtures|projects?|apps?)|testdata|fixtures?|__fixtures__|benchmarks?|bench)(\/|$)/i
const forShow =
  /(^|\/)(examples?|samples?|demos?|docs?|documentation|docs?[-_]?site|website|([a-z]+[-_])?templates?|starters?|boilerplates?|playgrounds?|sandbox(es)?|tutorials?|snippets|cookbooks?|\.github|\.devcontainer)(\/|$)/i
