import { isCompose } from './stack/detect-services.js'
import { isLock } from './stack/locks.js'
import { isManifest } from './stack/manifests/read-manifest.js'

/** How an area of review shows itself in a change. Any of the signs is enough; none is about docs or tests. */
export interface Area {
  name: string
  /** What a reviewer should look for. */
  mind: string
  /** The path as a whole. */
  paths?: RegExp
  /** One of the words that a path is made of. */
  pathWords?: readonly string[]
  /** An added line that is no comment. */
  lines?: RegExp
  /** Files that count although they may look like prose or be generated. */
  anywhere?: (path: string) => boolean
  /** The area is about tests that were taken away or weakened, and only they count. */
  tests?: true
}

/** The gravest first: a review is told of the first few that apply. */
export const areas: readonly Area[] = [
  {
    name: 'Authentication and access',
    mind: 'auth bypass, token handling (expiry, revocation, comparison), injection, rate limiting, who may see whose data',
    pathWords: [
      ...['auth', 'authn', 'authz', 'authentication', 'authorization', 'login', 'logout', 'signin', 'signup', 'oauth'],
      ...['oauth2', 'oidc', 'saml', 'sso', 'jwt', 'password', 'passwords', 'permissions', 'rbac', 'acl', 'totp', 'mfa'],
    ],
    paths: /sessions?_controller|middleware\/auth/i,
    lines:
      /\b(?:jwt|oauth2?|oidc|saml|bcrypt|argon2\w*|passport)\b|passwords?\b|(?:access|refresh|reset|session|auth|csrf|bearer)[_-]?tokens?\b|\bauthenticat\w*|\b(?:un)?authori[sz](?:e|ed|ation)\b|credentials?\b|\bcsrf|\b(?:log|sign)[_-]?(?:in|out|up)\s*\(|login_required|permission_classes/i,
  },
  {
    name: 'Tests removed or weakened',
    mind: 'what they held before, and whether anything holds it now',
    tests: true,
  },
  {
    name: 'Code and objects made from data',
    mind: 'code execution, unsafe deserialization, entity expansion',
    lines:
      /\b(?:pickle|marshal|cPickle)\.loads?\b|yaml\.(?:unsafe_)?load\(|(?<![.\w])eval\(|new Function\(|\bunserialize\(|ObjectInputStream|BinaryFormatter|YAML\.load\b|\b(?:etree|minidom)\b|DocumentBuilderFactory|Marshal\.load/,
  },
  {
    name: 'Database queries',
    mind: 'injection, N+1, missing indexes, what must be one transaction',
    paths: /\.sql$|(?:^|\/)(?:models\.py|app\/models\/[^/]+\.(?:rb|php)|(?:repositories|dao|queries)(?:\/.+)?\.\w+)$/i,
    lines:
      /\bSELECT\b.+\bFROM\b|\bINSERT INTO\b|\bUPDATE\s+\S+\s+SET\b|\bDELETE FROM\b|\.objects\.(?:all|filter|get|exclude|create|raw|bulk|update)\w*\(|\b(?:queryset|select_related|prefetch_related|createQueryBuilder|knex|sequelize|EntityManager|DbContext|ActiveRecord)\b|\bprisma\.\w+\.\w+\(|\bDB::(?:table|select|raw)|\bsession\.(?:query|execute)\(|\bcursor\.execute|\b(?:db|conn|pool|tx)\.(?:query|exec(?:ute)?|QueryRow|Query|Exec)\w*\(/,
  },
  {
    name: 'Files, paths and processes',
    mind: 'path traversal, command injection, links, what is left behind when it fails',
    lines:
      /\bsubprocess\b|\bos\.(?:system|popen|path|remove|unlink)\b|\bpathlib\b|\bshutil\b|shell\s*=\s*True|child_process|\bexec(?:File|Sync|FileSync|a)\(|\bspawn(?:Sync)?\(|ProcessBuilder|Runtime\.getRuntime|Command::new|exec\.Command\(|\b(?:read|write|append|unlink|rm|createReadStream|createWriteStream)File(?:Sync)?\(|\bfs\.\w+\(|\bFile\.(?:open|read|write|join|delete)|send_?file\b|FileResponse|\b(?:zip|tar)file\b|extractall|multer|move_uploaded_file|\bos\.(?:Open|Create|ReadFile|WriteFile)\(|Process\.Start/i,
  },
  {
    name: 'Migrations',
    mind: 'locks on large tables, a way back, data kept, old code against the new schema',
    paths:
      /(?:^|\/)(?:migrations?|migrate|alembic\/versions|changelogs?)\/(?!__init__)(?:[^/]+\/)*[^/]+\.(?:py|rb|sql|js|ts|php|go|exs?|cs|java|xml|ya?ml)$|(?:^|\/)(?:schema\.prisma|db\/schema\.rb|structure\.sql)$/i,
  },
  {
    name: 'HTTP interface',
    mind: 'input validation, status codes, compatibility with present callers, limits on what may be asked for',
    paths:
      /(?:^|\/)(?:views|urls|routes|controllers?|handlers?|serializers|endpoints|routers?|resolvers)(?:\/.*)?\.?\w*\.(?:py|rb|js|ts|mjs|php|go|rs|java|kt|cs|exs?)$|[_-]?controller\.\w+$|(?:^|\/)(?:openapi|swagger)\b[^/]*\.(?:ya?ml|json)$|\.(?:graphql|proto)$|(?:^|\/)app\/(?:.+\/)?route\.[jt]s$/i,
    lines:
      /@\w+\.(?:route|get|post|put|patch|delete)\(|\b(?:app|router|server|r|mux|api)\.(?:get|post|put|patch|delete|use|handle\w*)\(\s*['"`]\/|\bHandleFunc\(|@(?:Get|Post|Put|Patch|Delete|Request)Mapping|@(?:Controller|RestController)\b|\[Http(?:Get|Post|Put|Patch|Delete)|\bRoute::\w+\(|\b(?:APIView|ViewSet|HttpResponse|JsonResponse)\b|\bres\.(?:status|json|send)\(|\bstatus\.HTTP_\d/i,
  },
  {
    name: 'Configuration and secrets',
    mind: 'secrets in the code, defaults that are safe when nothing is set, what each environment needs',
    paths:
      /(?:^|\/)\.env(?:\.|$)|(?:^|\/)settings(?:\.py|\/[^/]+\.py)$|(?:^|\/)config\/(?:.+\/)?[^/]+\.(?:ya?ml|json|toml|ini|php|exs|rb)$|(?:^|\/)(?:application[\w-]*\.(?:ya?ml|properties)|appsettings[\w.]*\.json)$/i,
    lines:
      /\bprocess\.env\b|\bos\.environ\b|\bgetenv\(|\bENV(?:\[|\.fetch)|System\.getenv|os\.Getenv|env::var|\b(?:SECRET_KEY|api[_-]?key|client[_-]?secret|private[_-]?key)\b|BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY|\bDEBUG\s*=\s*True/i,
  },
  {
    name: 'Dependencies',
    mind: 'provenance (is it the package that is meant?), install scripts, version ranges, lock file and manifest agreeing',
    anywhere: path => isManifest(path) || isLock(path) || /(?:^|\/)go\.sum$/.test(path),
  },
  {
    name: 'CI and deployment',
    mind: 'permissions, secrets within reach of outside input, unpinned actions and images, a way back',
    paths:
      /(?:^|\/)\.github\/(?:workflows|actions)\/|(?:^|\/)(?:\.gitlab-ci\.ya?ml|Jenkinsfile|azure-pipelines\.ya?ml|Procfile|fly\.toml|vercel\.json|netlify\.toml|nginx[^/]*\.conf|(?:[^/]+\.)?(?:Dockerfile|Containerfile)(?:\.[^/]+)?)$|(?:^|\/)(?:\.circleci|k8s|kubernetes|helm|charts|terraform|ansible)\/|\.tf$/i,
    anywhere: isCompose,
  },
  {
    name: 'Money',
    mind: 'rounding, currency, double charging, amounts taken from the client',
    pathWords: ['billing', 'payment', 'payments', 'invoice', 'invoices', 'invoicing', 'pricing', 'refunds'],
    lines:
      /\bDecimal\(|BigDecimal|\b(?:currency|invoice|refund|vat_rate|tax_rate|amount_cents|price_cents)\w*\b|\bstripe\./i,
  },
  {
    name: 'Concurrency',
    mind: 'races, deadlocks, lost updates, work done twice after a retry',
    lines:
      /\bthreading\.|\basyncio\.(?:gather|create_task|Lock|Queue|Semaphore|wait)\b|\bsync\.(?:RW)?Mutex|\bWaitGroup\b|\bgo func\b|\b(?:Mutex|RwLock|Atomic[A-Z]\w*|ExecutorService|CompletableFuture|SharedArrayBuffer|Semaphore)\b|\bsynchronized\b|select_for_update|\bAtomics\.|\bthread::spawn|\bTask\.Run\(|Interlocked\.|@shared_task|\bnew Worker\(/,
  },
  {
    name: 'Cryptography',
    mind: 'algorithms and modes, where randomness comes from, comparison in constant time',
    lines:
      /\bhashlib\b|\bhmac\b|\bcreate(?:Hash|Hmac|Cipheriv|Decipheriv)\(|\bFernet\b|\bAES\b|\bRSA\b|\bsecrets\.(?:token|choice)|\brandomBytes\(|crypto\.(?:subtle|randomUUID)|MessageDigest|SecureRandom|\b(?:md5|sha1)\(/,
  },
  {
    name: 'Outgoing requests',
    mind: 'addresses that outsiders choose (SSRF), time limits, retries, what is logged of them',
    lines:
      /\brequests\.(?:get|post|put|patch|delete|request|Session)\b|\bhttpx\.|\burllib\.request\b|\burlopen\(|\baxios\b|\bhttp\.(?:Get|Post|NewRequest)\(|\bHttpClient\b|\bRestTemplate\b|\bWebClient\b|Net::HTTP|\bFaraday\b|\bGuzzle|\bcurl_init\(|\breqwest::/,
  },
  {
    name: 'Front end',
    mind: 'XSS (what is put out unescaped), accessibility (labels, keyboard, focus, contrast)',
    paths: /\.(?:tsx|jsx|vue|svelte|astro|html?|erb|haml|ejs|hbs|cshtml|heex|s?css)$|\.blade\.php$/i,
    lines:
      /dangerouslySetInnerHTML|\binnerHTML\b|\bv-html\b|\bmark_safe\(|\bhtml_safe\b|insertAdjacentHTML|document\.write\(/,
  },
  {
    name: 'Dates and times',
    mind: 'time zones, daylight saving, ends of months, what is stored',
    lines:
      /\b(?:timedelta|relativedelta|strftime|strptime|ZoneInfo|pytz|LocalDate(?:Time)?|ZonedDateTime|DateInterval|Carbon|dayjs|luxon|date-fns)\b|\bmoment\(|\bset(?:UTC)?(?:Date|Month|Hours)\(|Intl\.DateTimeFormat|\bTime\.zone\b|\btime\.(?:Parse|LoadLocation)\(/,
  },
]
