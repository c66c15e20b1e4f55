import { readYaml } from './manifests/yaml.js'
import type { Facts } from './facts.js'
import { nameOf } from './folders.js'
import { tableAt, textAt } from './manifests/values.js'
import { shortened, type StackPart } from './stack.js'

/** Images that are known by another name, with the libraries that talk to them. */
const known: { image: RegExp; name: string; drivers: RegExp }[] = [
  {
    image: /^(postgres|postgis|timescaledb|pgvector)/,
    name: 'PostgreSQL',
    drivers:
      /^(psycopg2?(-binary)?|asyncpg|pg|postgres|postgrex|npgsql.*|tokio-postgres|org\.postgresql:postgresql|github\.com\/(lib\/pq|jackc\/pgx.*))$/,
  },
  {
    image: /^mysql/,
    name: 'MySQL',
    drivers:
      /^(mysql2?|mysqlclient|pymysql|myxql|com\.mysql:.*|mysql:mysql-connector-java|github\.com\/go-sql-driver\/mysql|pomelo\.entityframeworkcore\.mysql)$/,
  },
  { image: /^mariadb/, name: 'MariaDB', drivers: /^(mariadb|mysql2?|mysqlclient|pymysql|org\.mariadb\.jdbc:.*)$/ },
  {
    image: /^(redis|redis-stack.*|valkey)$/,
    name: 'Redis',
    drivers:
      /^(redis|ioredis|django-redis|redix|predis\/predis|stackexchange\.redis|github\.com\/(redis|go-redis)\/.*|org\.springframework\.boot:spring-boot-starter-data-redis)$/,
  },
  {
    image: /^mongo/,
    name: 'MongoDB',
    drivers: /^(mongodb|mongoose|pymongo|motor|mongoid|mongodb\.driver|go\.mongodb\.org\/.*)$/,
  },
  {
    image: /^rabbitmq/,
    name: 'RabbitMQ',
    drivers: /^(amqplib|pika|aio-pika|kombu|bunny|rabbitmq\.client|github\.com\/rabbitmq\/.*)$/,
  },
  {
    image: /^(cp-)?kafka|^redpanda/,
    name: 'Kafka',
    drivers:
      /^(kafkajs|confluent-kafka|kafka-python|aiokafka|confluent\.kafka|org\.springframework\.kafka:.*|github\.com\/(segmentio\/kafka-go|ibm\/sarama))$/,
  },
  { image: /^elasticsearch/, name: 'Elasticsearch', drivers: /elasticsearch/ },
  { image: /^opensearch/, name: 'OpenSearch', drivers: /opensearch/ },
  { image: /^memcached/, name: 'Memcached', drivers: /^(pymemcache|pylibmc|dalli|memcached)$/ },
  { image: /^nginx/, name: 'nginx', drivers: /^$/ },
  { image: /^minio/, name: 'MinIO', drivers: /^(minio|boto3|@aws-sdk\/client-s3)$/ },
  {
    image: /^(mssql\/server|mssql|azure-sql-edge)/,
    name: 'SQL Server',
    drivers: /^(mssql|pyodbc|microsoft\.data\.sqlclient|microsoft\.entityframeworkcore\.sqlserver)$/,
  },
]

export const isCompose = (path: string): boolean => /^(docker-)?compose[^/]*\.ya?ml$/.test(nameOf(path))

/** Services of compose files: known images by their names, what is built here by the folder it is built from. */
export function detectServices(facts: Facts): StackPart[] {
  const found: StackPart[] = []
  const drivers = facts.tree.packages
    .flatMap(folder => facts.manifestsOf(folder))
    .flatMap(manifest => manifest.dependencies.map(({ name }) => ({ name, file: manifest.path })))
  for (const path of facts.tree.paths.filter(isCompose)) {
    for (const [name, service] of Object.entries(services(facts, path))) {
      const image = textAt(service, 'image')
      const built = textAt(service, 'build') ?? textAt(service, 'build', 'context')
      const inPackage = facts.tree.packageOf(path)
      if (image === null || built !== null) {
        if (built === null) continue
        found.push(
          of(`service ${shortened(name, 40)}`, {
            package: inPackage,
            version: null,
            confidence: 'medium',
            evidence: [{ file: path, what: shortened(`built from ${built}`) }],
          }),
        )
        continue
      }
      const [short = '', tag = null] = (image.split('@')[0] ?? '').replace(/^.*\/(?=[^/]*$)/, '').split(':')
      const whole = (image.split('@')[0] ?? '').replace(/:[^/:]*$/, '')
      const one = known.find(({ image }) => image.test(short) || image.test(whole.split('/').slice(-2).join('/')))
      const driver = one && drivers.find(({ name }) => one.drivers.test(name))
      found.push(
        of(one?.name ?? `image ${shortened(short, 40)}`, {
          package: inPackage,
          version: /^v?(\d[\w.]*)/.exec(tag ?? '')?.[1] ?? null,
          confidence: driver ? 'high' : 'medium',
          evidence: [
            { file: path, what: shortened(`service ${name}: ${image}`) },
            ...(driver ? [{ file: driver.file, what: shortened(driver.name) }] : []),
          ],
        }),
      )
    }
  }
  // Files for other environments name the same services again.
  return found.filter(
    (part, at) => found.findIndex(other => other.name === part.name && other.package === part.package) === at,
  )
}

function services(facts: Facts, path: string): Record<string, unknown> {
  const text = facts.texts.get(path)
  if (typeof text !== 'string') return {}
  try {
    return tableAt(readYaml(text), 'services')
  } catch (error) {
    facts.notes.push(`${path} could not be read: ${(error as Error).message.split('\n')[0] ?? ''}`)
    return {}
  }
}

const of = (name: string, rest: Omit<StackPart, 'name' | 'kind'>): StackPart => ({ name, kind: 'service', ...rest })
