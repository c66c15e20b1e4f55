/** A framework or language that a repository uses, with what shows it. */
export interface StackPart {
  name: string
  evidence: string
}

interface Sign {
  name: string
  /** File name, matched against the last part of a path. */
  file: RegExp
  /** In the file's text; absent when the file alone says it. */
  text?: RegExp
}

const signs: Sign[] = [
  {
    name: 'Django',
    file: /^(requirements.*\.txt|pyproject\.toml|Pipfile|setup\.(py|cfg))$/,
    text: /^[\s"']*django\s*([<>=~!["',]|$)/im,
  },
  { name: 'Django', file: /^manage\.py$/, text: /DJANGO_SETTINGS_MODULE/ },
  {
    name: 'Django REST Framework',
    file: /^(requirements.*\.txt|pyproject\.toml|Pipfile|setup\.(py|cfg))$/,
    text: /djangorestframework/i,
  },
  { name: 'FastAPI', file: /^(requirements.*\.txt|pyproject\.toml)$/, text: /\bfastapi\b/i },
  { name: 'Flask', file: /^(requirements.*\.txt|pyproject\.toml)$/, text: /\bflask\b/i },
  { name: 'Python', file: /^(pyproject\.toml|requirements\.txt|setup\.py)$/ },
  { name: 'React', file: /^package\.json$/, text: /"react"\s*:/ },
  { name: 'Next.js', file: /^package\.json$/, text: /"next"\s*:/ },
  { name: 'Vue', file: /^package\.json$/, text: /"vue"\s*:/ },
  { name: 'TypeScript', file: /^package\.json$/, text: /"typescript"\s*:/ },
  { name: 'Node.js', file: /^package\.json$/ },
  { name: 'Ruby on Rails', file: /^Gemfile$/, text: /gem\s+['"]rails['"]/ },
  { name: 'Laravel', file: /^composer\.json$/, text: /"laravel\/framework"/ },
  { name: 'Go', file: /^go\.mod$/ },
  { name: 'Rust', file: /^Cargo\.toml$/ },
  { name: 'Java (Maven)', file: /^pom\.xml$/ },
  { name: 'Java or Kotlin (Gradle)', file: /^build\.gradle(\.kts)?$/ },
  { name: '.NET', file: /\.(csproj|fsproj|sln)$/ },
  { name: 'Elixir', file: /^mix\.exs$/ },
]

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** The files whose text {@link detectStack} wants, nearest the root first, at most twenty. */
export const manifestsOf = (paths: string[]): string[] =>
  paths
    .filter(path => path.split('/').length <= 3 && signs.some(sign => sign.file.test(nameOf(path))))
    .sort((a, b) => a.split('/').length - b.split('/').length)
    .slice(0, 20)

/** What the manifests show, each part once, with the first file that shows it. */
export function detectStack(paths: string[], manifests: { path: string; text: string }[]): StackPart[] {
  const found = new Map<string, string>()
  for (const sign of signs) {
    for (const { path, text } of manifests) {
      if (found.has(sign.name) || !paths.includes(path) || !sign.file.test(nameOf(path))) continue
      const line = sign.text?.exec(text)?.[0].trim()
      if (sign.text && line === undefined) continue
      found.set(sign.name, line === undefined ? path : `${path}: ${line.slice(0, 60)}`)
    }
  }
  return [...found].map(([name, evidence]) => ({ name, evidence }))
}
