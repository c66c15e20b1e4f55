import { describe, expect, test } from '@jest/globals'
import { focusAreas } from '../src/domain/focus-areas.js'
import { readChangedLines, type ChangedLines } from '../src/domain/unified-diff.js'

const change = (path: string, added: string[] = [], more: Partial<ChangedLines> = {}): ChangedLines => ({
  path,
  status: 'modified',
  added,
  removed: [],
  ...more,
})
const areasOf = (...changes: ChangedLines[]): string[] =>
  focusAreas(changes).map(({ what }) => what.slice(0, what.indexOf(':')))

const auth = 'Authentication and access'
const weaker = 'Tests removed or weakened'
const data = 'Code and objects made from data'
const queries = 'Database queries'
const processes = 'Files, paths and processes'
const migrations = 'Migrations'
const http = 'HTTP interface'
const configuration = 'Configuration and secrets'
const dependencies = 'Dependencies'
const deployment = 'CI and deployment'
const money = 'Money'
const concurrency = 'Concurrency'
const cryptography = 'Cryptography'
const outgoing = 'Outgoing requests'
const frontEnd = 'Front end'
const dates = 'Dates and times'

describe('what a reviewer is told to look at closely', () => {
  test.each<[string, string[], string[]]>([
    ['src/auth/session.ts', [], [auth]],
    ['src/userLogin.ts', [], [auth]],
    ['app/controllers/sessions_controller.rb', [], [auth, http]],
    ['accounts/services.py', ['        user.set_password(password)'], [auth]],
    ['lib/api.go', ['\treq.Header.Set("Authorization", "Bearer "+accessToken)'], [auth]],
    ['accounts/migrations/0002_tokens.py', [], [migrations]],
    ['db/migrate/20240101_add_index.rb', [], [migrations]],
    ['prisma/schema.prisma', [], [migrations]],
    ['shop/models.py', [], [queries]],
    ['src/orders.ts', ['const rows = await db.query(`SELECT * FROM orders WHERE id = ${id}`)'], [queries]],
    ['shop/reports.py', ['    return Order.objects.filter(paid=True)'], [queries]],
    ['shop/api/views.py', [], [http]],
    ['src/server.ts', ["app.post('/orders', createOrder)"], [http]],
    ['src/main/java/Orders.java', ['    @GetMapping("/orders")'], [http]],
    ['config/settings.py', ['DEBUG = True'], [configuration]],
    ['.env.example', [], [configuration]],
    ['src/mail.ts', ['const host = process.env.SMTP_HOST'], [configuration]],
    ['package-lock.json', [], [dependencies]],
    ['requirements.txt', ['argon2-cffi>=21.1'], [dependencies]],
    ['services/web/go.sum', [], [dependencies]],
    ['.github/workflows/ci.yml', [], [deployment]],
    ['docker-compose.yml', [], [deployment]],
    ['infra/main.tf', [], [deployment]],
    ['src/worker.go', ['\tgo func() { work(job) }()'], [concurrency]],
    ['shop/stock.py', ['    item = query.select_for_update().get(id=id)'], [concurrency]],
    ['src/upload.ts', ["  execFile('convert', [name])"], [processes]],
    ['tools/pack.py', ['    tarfile.open(name).extractall(target)'], [processes]],
    ['app/import.py', ['    rows = pickle.loads(body)'], [data]],
    ['src/Cart.tsx', [], [frontEnd]],
    ['app/templates/cart.html', ['{{ note|safe }}'], [frontEnd]],
    ['src/billing/charge.ts', [], [money]],
    ['shop/prices.py', ['    return Decimal(value).quantize(cents)'], [money]],
    ['src/sign.ts', ["  return createHmac('sha256', key)"], [cryptography]],
    ['jobs/fetch.py', ['    page = requests.get(url)'], [outgoing]],
    ['src/calendar.py', ['    return start + timedelta(days=30)'], [dates]],
  ])('%s saying %j: %j', (path, added, expected) => {
    expect(areasOf(change(path, added))).toEqual(expected)
  })

  test.each<[string, string, string[]]>([
    ['an author is no authentication', 'src/author.ts', ['export interface Author { name: string }']],
    ['nor are authors or an authority', 'src/authors/authority.ts', ['const authoritative = true']],
    ['the token of a lexer opens no door', 'src/parser/lexer.ts', ['const token = nextToken()', 'tokens.push(token)']],
    ['a tokenizer, neither', 'src/tokenizer.py', ['    return Token(kind, text)']],
    ['prose about passwords', 'docs/login.md', ['Set a password, then run SELECT 1 FROM users']],
    ['prose about migrations', 'docs/migrations/guide.md', ['ALTER TABLE']],
    ['the mark of a package of migrations', 'shop/migrations/__init__.py', []],
    ['a comment about passwords', 'src/a.ts', ['// the password is checked elsewhere', ' * see login()']],
    ['a list that is filtered', 'src/list.ts', ['return items.filter(item => item.selected)']],
    ['a thread of a forum', 'src/threads.ts', ['const thread = threads.find(one => one.id === id)']],
    ['an update is no date', 'src/update.ts', ['const candidate = validate(update)']],
    ['a checkout of git is no shop', 'src/checkout.ts', ['git.checkout(branch)']],
    ['a regular expression runs nothing', 'src/read.ts', ['const match = /a/.exec(line)']],
    ['a test that logs in', 'test/login.test.ts', ["await login('ann', 'password')", "app.post('/login', f)"]],
    ['a build tool’s configuration', 'jest.config.js', ['export default { verbose: true }']],
    ['the manifest of a fixture', 'test/fixtures/shop/package.json', []],
    ['a model that is trained', 'ml/models/resnet.py', ['class ResNet(nn.Module):']],
  ])('%s', (_, path, added) => {
    expect(areasOf(change(path, added))).toEqual([])
  })

  test.each<[string, ChangedLines, string[]]>([
    [
      'a deleted test',
      change('test/cart.test.ts', [], { status: 'deleted', removed: ['  expect(total).toBe(3)'] }),
      [weaker],
    ],
    ['a skipped test', change('tests/test_cart.py', ['@pytest.mark.skip']), [weaker]],
    ['only one test left to run', change('cart.spec.ts', ["it.only('adds', () => {"]), [weaker]],
    [
      'fewer assertions',
      change('cart_test.go', ['\trun()'], { removed: ['\trequire.Equal(t, 3, total)', '\trun()'] }),
      [weaker],
    ],
    [
      'assertions that say something else',
      change('cart.spec.ts', ['  expect(total).toBe(4)'], { removed: ['  expect(total).toBe(3)'] }),
      [],
    ],
    ['a deleted fixture', change('test/fixtures/cart.json', [], { status: 'deleted', removed: ['{}'] }), []],
    ['more tests', change('test/cart.test.ts', ["test('adds', () => {", '  expect(total).toBe(3)']), []],
  ])('of tests: %s', (_, changed, expected) => {
    expect(areasOf(changed)).toEqual(expected)
  })

  test('names the files that caused an area, and the gravest six areas where more apply', () => {
    const all = focusAreas([
      change('src/Cart.tsx'),
      change('package.json'),
      change('accounts/models.py', ['class User: password = field()']),
      change('accounts/migrations/0001.py'),
      change('accounts/api/views.py', ['        return Response(AuthService.login(email, password))']),
      change('config/settings.py'),
      change('Dockerfile'),
    ])
    expect(all.map(({ what }) => what.split(':')[0])).toEqual([
      auth,
      queries,
      migrations,
      http,
      configuration,
      dependencies,
    ])
    expect(all[0]).toEqual({
      what: expect.stringMatching(/auth bypass, token handling .*, injection, rate limiting/),
      files: ['accounts/models.py', 'accounts/api/views.py'],
    })
    expect(all[2]?.what).toMatch(/locks.*a way back.*data kept/)
  })
})

test('the lines that a diff takes and brings are read by file, deleted ones too', () => {
  const diff = [
    'diff --git a/old.ts b/old.ts',
    'deleted file mode 100644',
    '--- a/old.ts',
    '+++ /dev/null',
    '@@ -1,2 +0,0 @@',
    '--- a comment of SQL',
    '-gone',
    'diff --git a/new name.ts b/new name.ts',
    '--- /dev/null',
    '+++ b/new name.ts\t',
    '@@ -0,0 +1,2 @@',
    '+++ b/not-a-header',
    '+came',
    '\\ No newline at end of file',
    'diff --git a/same.ts b/same.ts',
    '--- a/same.ts',
    '+++ b/same.ts',
    '@@ -1,2 +1,2 @@',
    ' kept',
    '-was',
    '+is',
  ].join('\n')
  expect(readChangedLines(diff)).toEqual([
    { path: 'old.ts', status: 'deleted', added: [], removed: ['-- a comment of SQL', 'gone'] },
    { path: 'new name.ts', status: 'added', added: ['++ b/not-a-header', 'came'], removed: [] },
    { path: 'same.ts', status: 'modified', added: ['is'], removed: ['was'] },
  ])
})
