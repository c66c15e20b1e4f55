import type { CommandKind } from '../stack.js'

/** What a script or target of that name does; null where the name doesn't say. */
export function kindOfName(name: string): CommandKind | null {
  const plain = name.toLowerCase()
  if (/watch|debug|update|snapshot|publish|release|deploy|install|clean|prepare|staged/.test(plain)) return null
  return names.find(({ pattern }) => pattern.test(plain))?.kind ?? null
}

const names: { kind: CommandKind; pattern: RegExp }[] = [
  { kind: 'format', pattern: /^(format|fmt|prettier|pint|fix)([:\-_.](?!check).*)?$|^(cs|lint|style)[:\-_]?fix$/ },
  {
    kind: 'lint',
    pattern:
      /^(lint|eslint|typecheck|types?|tsc|stan|phpstan|analy[sz]e|mypy|vet|check|validate|clippy|style|checkstyle|format|fmt|rubocop|flake8|ruff)([:\-_].*)?$|[:\-_](lint|check|types?|typecheck)$|^type-check$/,
  },
  {
    kind: 'test',
    pattern:
      /^(tests?|spec|unit|e2e|integration|coverage|cover|pytest|phpunit|rspec)([:\-_/].*)?$|[:\-_](tests?|spec)$/,
  },
  { kind: 'build', pattern: /^(build|compile|bundle|dist)([:\-_].*)?$/ },
  { kind: 'run', pattern: /^(dev|develop|start|serve|server|run|up)([:\-_].*)?$/ },
]

/** What a shell line of a workflow does, where it is one of the well-known; null for all the others. */
export function kindOfLine(line: string): CommandKind | null {
  if (getsReady.test(line)) return null
  const runner =
    /^(?:npm|pnpm|yarn|bun)\s+(?:(?:-r|-w|--\S+|--filter\s+\S+)\s+)*(?:run(?:-script)?\s+)?([\w:.-]+)/.exec(line)?.[1]
  if (runner !== undefined && !/^(exec|dlx|npx|x)$/.test(runner)) return kindOfName(runner)
  const target =
    /^(?:make|gmake|just|task|composer|(?:bundle exec )?rake)\s+(?:-\S+\s+)*(?:run(?:-script)?\s+)?([\w:.-]+)/.exec(
      line,
    )?.[1]
  if (target !== undefined) return kindOfName(target)
  return tools.find(({ pattern }) => pattern.test(line))?.kind ?? null
}

/** Lines that install or say something; `pip install pytest` tests nothing. */
const getsReady =
  /^(sudo\s|pip|python3? -m (pip|venv|build|twine)|npm (ci|i|install|publish)\b|pnpm (i|install|add|publish)\b|yarn( install| add|$)|bun (install|add)|apt|brew|gem |bundle( install| config|$)|composer (install|require|update|global|validate)|go (install|mod|get)|cargo install|rustup|uv (sync|pip|tool|python|venv)|poetry (install|add|config|self)|pdm (install|sync)|docker|echo|printf|cat |export |set |if |for |while |fi\b|done\b|else\b|then\b|do\b|curl|wget|mkdir|cp |mv |rm |chmod|git |gh |codecov|coverage (xml|report|combine|html)|source |\.\s|#|mix (deps|local|archive)|dotnet (restore|nuget|tool)|bin\/setup|which |ls\b|cd )/

const tools: { kind: CommandKind; pattern: RegExp }[] = [
  {
    kind: 'lint',
    pattern:
      /\b(ruff check|ruff format --check|flake8|pylint|mypy|pyright|eslint|tsc\b|golangci-lint run|go vet|staticcheck|cargo clippy|cargo fmt\b.*--check|rubocop|standardrb|brakeman|phpstan|psalm|phpcs|pint --test|php-cs-fixer\b.*--dry-run|mix credo|mix dialyzer|mix format --check|black\b.*--check|isort\b.*--check|prettier\b.*(--check|-c\b)|biome (check|ci|lint)|stylelint|ktlint|detekt|spotlessCheck|checkstyle|dotnet format\b.*--verify|pre-commit run|flutter analyze|dart analyze|makemigrations --check|ng lint|ansible-lint|helm lint|tflint|terraform (validate|fmt))/,
  },
  {
    kind: 'test',
    pattern:
      /\b(pytest|py\.test|tox\b|nox\b|python3? -m unittest|manage\.py test|runtests\.py|go test|gotestsum|cargo (nextest|test)|mvnw?\b.*\b(test|verify|install)\b|gradlew?\b.*\b(test|check|build)\b|dotnet test|rspec|rails (test|spec)|rake$|phpunit|vendor\/bin\/pest|artisan test|mix test|jest|vitest|mocha|playwright test|cypress run|ctest|swift test|flutter test|dart test|sbt\b.*\btest|nx (run-many|affected)\b.*\btest|nx test|turbo (run )?test|ng test|lein test|deno test)\b/,
  },
  {
    kind: 'build',
    pattern:
      /\b(go build|cargo build|dotnet (build|publish)|mvnw?\b.*\b(package|compile)\b|gradlew?\b.*\bassemble\w*|mix compile|next build|vite build|nuxt build|ng build|cmake --build|swift build|flutter build|turbo (run )?build|nx (run-many|affected)\b.*\bbuild|tsup|rollup -c)/,
  },
]
