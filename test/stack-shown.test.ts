import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { showStack } from '../src/cli/stack.js'
import { stackInFull, stackLine } from '../src/domain/say/stack-markdown.js'
import { commandsFor } from '../src/domain/stack/commands-for.js'
import { detectStack } from '../src/domain/stack/detect-stack.js'
import { stackFiles } from '../src/domain/stack/stack-files.js'
import type { Stack } from '../src/domain/stack/stack.js'
import { describeStack } from '../src/team/describe-stack.js'

const shop: Record<string, string> = {
  'requirements.txt': 'Django==4.2.11\npytest\n',
  'manage.py': "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')",
  'shop/urls.py': '',
  'pytest.ini': '[pytest]',
  'web/package.json':
    '{"name": "web", "scripts": {"test": "vitest run", "lint": "eslint ."}, "dependencies": {"vue": "^3.4.0"}}',
  'web/package-lock.json': '{"packages": {"node_modules/vue": {"version": "3.4.21"}}}',
  'web/src/App.vue': '',
  'tools/gen/go.mod': 'module gen\ngo 1.22',
  'tools/gen/main.go': '',
}
const stackOf = (files: Record<string, string>): Stack =>
  detectStack(Object.keys(files), new Map(Object.entries(files)))

describe('The plan comment', () => {
  test('names the stack on one line, with confidence, files and how it is tested', () => {
    expect(stackLine(stackOf(shop))).toMatchInlineSnapshot(
      `"Stack: Django 4.2.11 (high: \`requirements.txt\`, \`manage.py\`), Python (high: \`requirements.txt\`, \`manage.py\`), Vue 3.4.21 in \`web\` (medium: \`web/package.json\`, \`web/package-lock.json\`, \`web/src/App.vue\`), JavaScript in \`web\` (high: \`web/package.json\`), Go 1.22 in \`tools/gen\` (high: \`tools/gen/go.mod\`, \`tools/gen/main.go\`). Tests: \`pytest\` (\`requirements.txt\`)."`,
    )
  })

  test('holds all of the evidence, folded', () => {
    expect(stackInFull(stackOf(shop))).toMatchInlineSnapshot(`
      "<details>
      <summary>What the stack was told by (8 parts, 8 commands)</summary>

      At the top:
      - Django 4.2.11, high: \`requirements.txt\`: \`django ==4.2.11\`; \`manage.py\`: \`DJANGO_SETTINGS_MODULE\`
      - Python, high: \`requirements.txt\`: \`manifest\`; \`manage.py\`: \`one of 2 source files\`
      - pytest, high: \`requirements.txt\`: \`pytest\`; \`pytest.ini\`: \`configuration\`
      - test: \`pytest\` (\`requirements.txt\`: \`pytest\`)
      - run: \`python manage.py runserver\` (\`manage.py\`: \`script\`)

      In \`web/\`:
      - Vue 3.4.21, medium: \`web/package.json\`: \`vue ^3.4.0\`; \`web/package-lock.json\`: \`vue 3.4.21\`; \`web/src/App.vue\`: \`layout\`
      - JavaScript, high: \`web/package.json\`: \`manifest\`
      - Vitest, low: \`web/package.json\`: \`script test: vitest run\`
      - ESLint, low: \`web/package.json\`: \`script lint: eslint .\`
      - test: \`npm test\` (\`web/package.json\`: \`script test: vitest run\`)
      - lint: \`npm run lint\` (\`web/package.json\`: \`script lint: eslint .\`)

      In \`tools/gen/\`:
      - Go 1.22, high: \`tools/gen/go.mod\`: \`asks for 1.22\`; \`tools/gen/main.go\`: \`source file\`
      - test: \`go test ./...\` (\`tools/gen/go.mod\`: \`asks for 1.22\`)
      - lint: \`go vet ./...\` (\`tools/gen/go.mod\`: \`asks for 1.22\`)
      - format: \`gofmt -w .\` (\`tools/gen/go.mod\`: \`asks for 1.22\`)
      - build: \`go build ./...\` (\`tools/gen/go.mod\`: \`asks for 1.22\`)

      </details>"
    `)
  })

  test('says that a stack is unknown', () => {
    expect(stackLine(stackOf({ 'main.zig': '' }))).toMatch(/^Stack: unknown\./)
    expect(stackInFull(stackOf({ 'main.zig': '' }))).toBeNull()
  })

  test('shows nothing of the repository’s words but as code', () => {
    const text = [stackLine, stackInFull]
      .map(render =>
        render(
          stackOf({
            'package.json': '{"dependencies": {"react": "^1 @all"}, "scripts": {"test": "x <!-- @boss fixes #1"}}',
            'docker-compose.yml': 'services: {"@ann": {build: "</details>"}, b: {image: "@team/x:1"}}',
            'a/@b/pom.xml': '<project><artifactId>@carl</artifactId>',
          }),
        ),
      )
      .join('\n')
    const outside = text.replace(/(`+)[^`\n]+\1/g, '')
    expect(outside).not.toMatch(/(?<!\\)@\w|(?<!\\)<!--|#\d/)
    expect(outside.match(/<\/details>/g)).toHaveLength(1)
  })
})

describe('A task’s brief', () => {
  const commands = (...paths: string[]): string[] =>
    commandsFor(stackOf(shop), paths).map(command => `${command.package || '.'} ${command.command}`)

  test('has the commands of the package that its paths lie in', () => {
    expect(commands('shop/**')).toEqual(['. pytest'])
    expect(commands('web/src/App.vue')).toEqual(['web npm test', 'web npm run lint'])
    expect(commands('tools/gen/**')).toContain('tools/gen go test ./...')
  })

  test('has those of both for a task in two, and the root’s for what a package doesn’t say', () => {
    expect(commands('shop/urls.py', 'web/**')).toEqual(['. pytest', 'web npm test', 'web npm run lint'])
    const bare = stackOf({
      ...shop,
      Makefile: 'test:\n\tpytest\n',
      'lib/package.json': '{"name": "lib"}',
      'lib/a.js': '',
    })
    expect(commandsFor(bare, ['lib/a.js']).map(({ command }) => command)).toEqual(['make test', 'pytest'])
  })
})

test('the tech lead’s brief names what does not fit', () => {
  const many = Object.fromEntries(
    Array.from({ length: 70 }, (_, n) => [
      `p${n}/package.json`,
      `{"name": "p${n}", "dependencies": {"react": "^18", "vue": "^3", "express": "^4"}}`,
    ]),
  )
  const text = describeStack(stackOf(many))
  expect(text.length).toBeLessThan(9_000)
  expect(text).toMatch(/And \d+ more packages: .*p69/)
  expect(describeStack(stackOf({ 'a.zig': '' }))).toMatch(/^Unknown/)
})

test('a plan stands on the manifests that its stack was read from, not on lock files or code', () => {
  expect(stackFiles(stackOf(shop)).sort()).toEqual(['requirements.txt', 'tools/gen/go.mod', 'web/package.json'])
})

describe('issue-crew stack', () => {
  let folder: string
  let lines: string[]
  const terminal = {
    say: (line: string) => void lines.push(line),
    paint: (_: unknown, text: string) => text,
    ask: () => Promise.resolve(null),
    close: () => {},
  }
  const show = async (path: string, json = false): Promise<number> => {
    lines = []
    return showStack({ path, json }, terminal)
  }
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crew-stack-'))
    for (const [path, text] of Object.entries({ ...shop, 'node_modules/react/package.json': '{"name": "react"}' })) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), text)
    }
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  test('prints what a folder shows, in a repository or not', async () => {
    expect(await show(folder)).toBe(0)
    const outside = lines.join('\n')
    expect(outside).toContain('Django 4.2.11  high  requirements.txt: django ==4.2.11')
    expect(outside).toContain('test: pytest')
    execFileSync('git', ['init', '-q', folder])
    expect(await show(folder)).toBe(0)
    expect(lines.join('\n')).toBe(outside)
  })

  test('prints JSON', async () => {
    expect(await show(join(folder, 'web'), true)).toBe(0)
    const stack = JSON.parse(lines.join('\n')) as Stack
    expect(stack.packages).toEqual([{ path: '', name: 'web' }])
    expect(stack.parts[0]).toMatchObject({ name: 'Vue', version: '3.4.21', confidence: 'medium' })
  })

  test('says what it wants when it is given something else', async () => {
    expect(await show(join(folder, 'none'))).toBe(2)
    expect(lines[0]).toMatch(/is no folder/)
    expect(await show(join(folder, 'manage.py'))).toBe(2)
  })

  test('does not follow links out of the folder', async () => {
    await rm(join(folder, 'requirements.txt'))
    await writeFile(join(folder, '..', `${folder.split('/').at(-1)}.txt`), 'flask\n')
    await symlink(join(folder, '..', `${folder.split('/').at(-1)}.txt`), join(folder, 'requirements.txt'))
    await show(folder)
    await rm(`${folder}.txt`)
    expect(lines.join('\n')).not.toContain('Flask')
  })
})
