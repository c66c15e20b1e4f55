import type { Facts } from '../facts.js'
import { foldersUp, join, within } from '../folders.js'
import type { CommandKind, ProjectCommand, StackPart } from '../stack.js'

/** How things are run where the project doesn't say so itself, from what was detected in it. */
export function conventionalCommands(facts: Facts, parts: StackPart[]): ProjectCommand[] {
  return facts.tree.packages.flatMap(folder => {
    const own = new Map(parts.filter(part => part.package === folder).map(part => [part.name, part]))
    return [
      ...python(facts, folder, own),
      ...ruby(facts, folder, own),
      ...php(facts, folder, own),
      ...others(facts, folder, own),
    ]
  })
}

type Parts = ReadonlyMap<string, StackPart>

/** Commands of a package, each with the part that it comes from as its source. */
const commands = (folder: string, list: [CommandKind, string, StackPart | undefined][]): ProjectCommand[] =>
  list.flatMap(([kind, command, part]) => {
    // The configuration of a tool tells more about how it is run than that it is a dependency.
    const source = part?.evidence.find(({ what }) => !what.endsWith('source files')) ?? part?.evidence[0]
    return source ? [{ kind, command, source, package: folder }] : []
  })

function python(facts: Facts, folder: string, parts: Parts): ProjectCommand[] {
  const has = (name: string): boolean => facts.tree.has(join(folder, name))
  const around = foldersUp(folder)
  const prefix = around.some(up => facts.tree.has(join(up, 'uv.lock')))
    ? 'uv run '
    : around.some(up => facts.tree.has(join(up, 'poetry.lock')))
      ? 'poetry run '
      : around.some(up => facts.tree.has(join(up, 'Pipfile.lock')))
        ? 'pipenv run '
        : ''
  const django = parts.get('Django')
  const manage = facts.signs.find('manage.py', facts.texts, false).get(folder)?.file
  const pytest = parts.get('pytest')
  const script = manage === undefined ? null : within(manage, folder)
  const source = { file: manage ?? '', what: 'script' }
  const managed: ProjectCommand[] =
    django === undefined || script === null
      ? []
      : [
          ...(pytest
            ? []
            : [{ kind: 'test' as const, command: `${prefix}python ${script} test`, source, package: folder }]),
          { kind: 'run', command: `${prefix}python ${script} runserver`, source, package: folder },
        ]
  const usual = commands(folder, [
    ['test', 'tox', has('tox.ini') ? (parts.get('tox') ?? parts.get('Python')) : undefined],
    ['test', 'nox', has('noxfile.py') ? (parts.get('Nox') ?? parts.get('Python')) : undefined],
    ['test', `${prefix}pytest`, pytest],
    ['lint', `${prefix}ruff check .`, parts.get('Ruff')],
    ['lint', `${prefix}flake8`, parts.get('flake8')],
    ['lint', `${prefix}mypy .`, parts.get('mypy')],
    ['format', `${prefix}black .`, parts.get('Black')],
    [
      'lint',
      'pre-commit run --all-files',
      has('.pre-commit-config.yaml') ? (parts.get('Ruff') ?? parts.get('Black') ?? parts.get('Python')) : undefined,
    ],
  ])
  return [...managed, ...usual]
}

function ruby(facts: Facts, folder: string, parts: Parts): ProjectCommand[] {
  const rails = parts.get('Ruby on Rails')
  const hasTests = facts.tree.has(join(folder, 'test/test_helper.rb'))
  return commands(folder, [
    ['test', 'bundle exec rspec', parts.get('RSpec')],
    ['test', 'bin/rails test', hasTests ? rails : undefined],
    [
      'test',
      'bundle exec rake test',
      hasTests && !rails && facts.tree.has(join(folder, 'Rakefile')) ? parts.get('Ruby') : undefined,
    ],
    ['lint', 'bundle exec rubocop', parts.get('RuboCop')],
    ['run', 'bin/rails server', rails],
  ])
}

function php(facts: Facts, folder: string, parts: Parts): ProjectCommand[] {
  const laravel = facts.tree.has(join(folder, 'artisan')) ? parts.get('Laravel') : undefined
  const pest = parts.get('Pest')
  return commands(folder, [
    ['test', 'php artisan test', laravel],
    ['test', 'vendor/bin/pest', laravel ? undefined : pest],
    [
      'test',
      facts.tree.has(join(folder, 'bin/phpunit')) ? 'bin/phpunit' : 'vendor/bin/phpunit',
      laravel || pest ? undefined : parts.get('PHPUnit'),
    ],
    ['lint', 'vendor/bin/phpstan analyse', parts.get('PHPStan')],
    ['format', 'vendor/bin/pint', parts.get('Laravel Pint')],
    ['format', 'vendor/bin/php-cs-fixer fix', parts.get('PHP CS Fixer')],
    ['run', 'php artisan serve', laravel],
  ])
}

function others(facts: Facts, folder: string, parts: Parts): ProjectCommand[] {
  const has = (name: string): boolean => facts.tree.has(join(folder, name))
  /** A part of this kind of manifest, unless a package around it is one too and so runs it for all. */
  const top = (name: string, manifest: RegExp): StackPart | undefined =>
    foldersUp(folder)
      .slice(1)
      .some(up => facts.manifestsOf(up).some(({ path }) => manifest.test(path)))
      ? undefined
      : parts.get(name)
  const manifest = (pattern: RegExp): boolean => facts.manifestsOf(folder).some(({ path }) => pattern.test(path))
  const cargo = manifest(/Cargo\.toml$/)
    ? (top('Rust', /Cargo\.toml$/) ?? rootOf(facts, folder, parts, /Cargo\.toml$/))
    : undefined
  const maven = top('Maven', /pom\.xml$/)
  const gradle = foldersUp(folder)
    .slice(1)
    .some(up => facts.tree.has(join(up, 'settings.gradle')) || facts.tree.has(join(up, 'settings.gradle.kts')))
    ? undefined
    : parts.get('Gradle')
  const mvn = has('mvnw') ? './mvnw' : 'mvn'
  const gradlew = has('gradlew') ? './gradlew' : 'gradle'
  const go = manifest(/go\.mod$/) ? parts.get('Go') : undefined
  const mix = manifest(/mix\.exs$/) ? top('Elixir', /mix\.exs$/) : undefined
  const dart = manifest(/pubspec\.yaml$/) ? parts.get('Dart') : undefined
  const flutter = parts.get('Flutter')
  return [
    ...commands(folder, [
      ['build', 'go build ./...', go],
      ['test', 'go test ./...', go],
      ['lint', 'golangci-lint run', parts.get('golangci-lint')],
      ['lint', 'go vet ./...', go],
      ['format', 'gofmt -w .', go],
      ['build', 'cargo build', cargo],
      ['test', 'cargo test', cargo],
      ['lint', 'cargo clippy', cargo],
      ['format', 'cargo fmt', cargo],
      ['build', `${mvn} package`, maven],
      ['test', `${mvn} test`, maven],
      ['build', `${gradlew} build`, gradle],
      ['test', `${gradlew} test`, gradle],
      ['run', `${mvn} spring-boot:run`, maven && parts.get('Spring Boot')],
      ['run', `${gradlew} bootRun`, gradle && parts.get('Spring Boot')],
      ['test', 'mix test', mix],
      ['lint', 'mix credo', parts.get('Credo')],
      ['format', 'mix format', mix],
      ['run', 'mix phx.server', parts.get('Phoenix')],
      ['test', flutter ? 'flutter test' : 'dart test', dart],
      ['lint', flutter ? 'flutter analyze' : 'dart analyze', dart],
      ['test', 'swift test', parts.get('Swift') && has('Package.swift') ? parts.get('Swift') : undefined],
    ]),
    ...dotnet(facts, folder),
  ]
}

/** A Cargo workspace without a crate of its own has no Rust part: the members show what it is. */
function rootOf(facts: Facts, folder: string, parts: Parts, manifest: RegExp): StackPart | undefined {
  const own = facts.manifestsOf(folder).find(({ path, tools }) => manifest.test(path) && tools.includes('workspace'))
  return own && !parts.has('Rust')
    ? {
        name: 'Rust',
        kind: 'language',
        package: folder,
        version: null,
        confidence: 'high',
        evidence: [{ file: own.path, what: 'workspace' }],
      }
    : undefined
}

/** A solution builds and tests all its projects; without one, each project does so alone. */
function dotnet(facts: Facts, folder: string): ProjectCommand[] {
  const solutions = ['*.sln', '*.slnx'].map(glob => facts.signs.find(glob, facts.texts, false))
  const solution = solutions.map(found => found.get(folder)?.file).find(file => file !== undefined)
  const project = facts.manifestsOf(folder).find(({ ecosystem }) => ecosystem === 'nuget')
  const file = solution ?? (solutions.every(found => found.size === 0) ? project?.path : undefined)
  if (file === undefined) return []
  const source = { file, what: solution === undefined ? 'project' : 'solution' }
  return [
    { kind: 'build', command: 'dotnet build', source, package: folder },
    { kind: 'test', command: 'dotnet test', source, package: folder },
    { kind: 'format', command: 'dotnet format', source, package: folder },
  ]
}
