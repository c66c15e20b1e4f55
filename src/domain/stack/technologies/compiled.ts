import type { Ecosystem } from '../manifests/manifest.js'
import type { FileSign, Technology } from './technology.js'

const of =
  (ecosystem: Ecosystem) =>
  (kind: Technology['kind'], name: string, more: Omit<Technology, 'name' | 'kind' | 'ecosystem'>): Technology => ({
    name,
    kind,
    ecosystem,
    ...more,
  })

const go = of('go')
const rust = of('cargo')
const jvm = of('maven')
const dotnet = of('nuget')
const dart = of('pub')

const goStarts = (text: RegExp): FileSign[] =>
  ['/main.go', 'cmd/*/main.go', 'server.go', 'router.go', 'routes.go'].map(file => ({ file, text }))
const rustStarts = (text: RegExp): FileSign[] =>
  ['/src/main.rs', '/src/lib.rs', '/src/bin/*.rs'].map(file => ({ file, text }))
const program = (text: RegExp): FileSign[] =>
  ['/Program.cs', '/Startup.cs', '/Program.fs'].map(file => ({ file, text }))

/** Go, Rust, the JVM, .NET, Dart. */
export const compiled: Technology[] = [
  go('framework', 'Gin', {
    dependencies: ['github.com/gin-gonic/gin'],
    configuration: goStarts(/\bgin\.(New|Default)\(/),
    runtime: true,
  }),
  go('framework', 'Echo', {
    dependencies: ['github.com/labstack/echo*'],
    configuration: goStarts(/\becho\.New\(/),
    runtime: true,
  }),
  go('framework', 'Fiber', {
    dependencies: ['github.com/gofiber/fiber*'],
    configuration: goStarts(/\bfiber\.New\(/),
    runtime: true,
  }),
  go('framework', 'chi', {
    dependencies: ['github.com/go-chi/chi*'],
    configuration: goStarts(/\bchi\.NewRouter\(/),
    runtime: true,
  }),
  go('library', 'gRPC', { dependencies: ['google.golang.org/grpc'], structure: ['*.proto'], runtime: true }),
  go('library', 'GORM', { dependencies: ['gorm.io/gorm'], configuration: goStarts(/\bgorm\.Open\(/), runtime: true }),
  go('library', 'sqlc', {
    dependencies: ['github.com/sqlc-dev/sqlc'],
    configuration: ['sqlc.yaml', 'sqlc.yml'],
    standsAlone: true,
  }),
  go('library', 'Cobra', { dependencies: ['github.com/spf13/cobra'], structure: ['cmd/root.go'], runtime: true }),
  go('library', 'Kubernetes controller-runtime', {
    dependencies: ['sigs.k8s.io/controller-runtime'],
    configuration: ['/PROJECT'],
    runtime: true,
  }),
  go('tool', 'golangci-lint', { dependencies: [], configuration: ['/.golangci.*'], standsAlone: true }),

  rust('framework', 'Axum', {
    dependencies: ['axum'],
    configuration: rustStarts(/\baxum::|Router::new\(/),
    runtime: true,
  }),
  rust('framework', 'Actix Web', {
    dependencies: ['actix-web'],
    configuration: rustStarts(/\bHttpServer::new\(|actix_web::/),
    runtime: true,
  }),
  rust('framework', 'Rocket', {
    dependencies: ['rocket'],
    configuration: ['/Rocket.toml', ...rustStarts(/#\[launch\]|rocket::build\(/)],
    runtime: true,
  }),
  rust('framework', 'Tauri', {
    dependencies: ['tauri'],
    configuration: ['tauri.conf.json', 'tauri.conf.json5', 'Tauri.toml'],
    runtime: true,
  }),
  rust('framework', 'Leptos', {
    dependencies: ['leptos'],
    configuration: [{ file: '/Cargo.toml', text: /package\.metadata\.leptos/ }, ...rustStarts(/\bleptos::/)],
    runtime: true,
  }),
  rust('framework', 'Yew', { dependencies: ['yew'], configuration: ['/Trunk.toml'], runtime: true }),
  rust('library', 'Tokio', { dependencies: ['tokio'], configuration: rustStarts(/#\[tokio::main/), runtime: true }),
  rust('library', 'Diesel', { dependencies: ['diesel'], configuration: ['/diesel.toml'], runtime: true }),
  rust('library', 'SQLx', { dependencies: ['sqlx'], configuration: ['/.sqlx/*', '/sqlx-data.json'], runtime: true }),
  rust('library', 'clap', { dependencies: ['clap'], configuration: rustStarts(/\bclap::/), runtime: true }),

  jvm('framework', 'Spring Boot', {
    dependencies: [
      'org.springframework.boot:spring-boot-starter-parent',
      'plugin:org.springframework.boot',
      'org.springframework.boot:spring-boot-dependencies',
      'org.springframework.boot:*',
    ],
    configuration: [
      'resources/application.properties',
      'resources/application.yml',
      'resources/application.yaml',
      { file: 'src/main/**/*Application.java', text: /@SpringBootApplication/ },
      { file: 'src/main/**/*Application.kt', text: /@SpringBootApplication/ },
    ],
    structure: ['src/main/**/*Controller.java', 'src/main/**/*Controller.kt'],
    runtime: true,
  }),
  jvm('framework', 'Spring', {
    dependencies: ['org.springframework:*'],
    configuration: ['applicationContext.xml', 'spring-*.xml'],
    runtime: true,
  }),
  jvm('framework', 'Quarkus', {
    dependencies: ['io.quarkus.platform:quarkus-bom', 'io.quarkus:*', 'plugin:io.quarkus'],
    configuration: [
      { file: 'resources/application.properties', text: /^quarkus\./m },
      { file: '/pom.xml', text: /quarkus-maven-plugin/ },
    ],
    runtime: true,
  }),
  jvm('framework', 'Micronaut', {
    dependencies: ['io.micronaut.platform:micronaut-parent', 'plugin:io.micronaut.application', 'io.micronaut:*'],
    configuration: ['/micronaut-cli.yml', { file: 'resources/application.*', text: /^micronaut/m }],
    runtime: true,
  }),
  jvm('framework', 'Ktor', {
    dependencies: ['plugin:io.ktor.plugin', 'io.ktor:*'],
    configuration: [
      { file: 'resources/application.*', text: /\bktor\b/ },
      { file: 'src/main/**/Application.kt', text: /io\.ktor|embeddedServer|\bfun Application\./ },
    ],
    runtime: true,
  }),
  jvm('framework', 'Android', {
    dependencies: ['plugin:com.android.application', 'plugin:com.android.library'],
    configuration: ['AndroidManifest.xml'],
    structure: ['res/layout/*.xml'],
    runtime: true,
  }),
  jvm('framework', 'Jetpack Compose', {
    dependencies: [
      'plugin:org.jetbrains.kotlin.plugin.compose',
      'androidx.compose.*',
      'androidx.compose:*',
      'plugin:org.jetbrains.compose',
    ],
    structure: ['ui/theme/Theme.kt'],
    runtime: true,
  }),
  jvm('library', 'JPA (Hibernate)', {
    dependencies: ['org.hibernate.orm:hibernate-core', 'org.hibernate:hibernate-core'],
    companions: [
      'org.springframework.boot:spring-boot-starter-data-jpa',
      'jakarta.persistence:jakarta.persistence-api',
      'io.quarkus:quarkus-hibernate-orm*',
    ],
    configuration: ['persistence.xml', { file: 'resources/application.*', text: /\bjpa\b/ }],
    structure: ['src/main/**/*Repository.java', 'src/main/**/*Repository.kt'],
    runtime: true,
  }),
  jvm('library', 'Flyway', { dependencies: ['org.flywaydb:*'], configuration: ['db/migration/V*.sql'], runtime: true }),
  jvm('tool', 'JUnit', {
    dependencies: ['org.junit.jupiter:*', 'org.junit:junit-bom', 'junit:junit'],
    companions: ['org.springframework.boot:spring-boot-starter-test', 'io.quarkus:quarkus-junit5'],
    structure: ['src/test/**/*Test.java', 'src/test/**/*Tests.java', 'src/test/**/*Test.kt'],
    testing: true,
  }),
  jvm('tool', 'Maven', { dependencies: [], configuration: ['/pom.xml'], standsAlone: true }),
  jvm('tool', 'Gradle', {
    dependencies: [],
    configuration: ['/build.gradle', '/build.gradle.kts', '/settings.gradle', '/settings.gradle.kts'],
    standsAlone: true,
  }),

  dotnet('framework', 'ASP.NET Core', {
    dependencies: ['sdk:microsoft.net.sdk.web', 'microsoft.aspnetcore.app'],
    configuration: ['/appsettings.json', ...program(/WebApplication|IWebHostBuilder|ConfigureWebHost/)],
    structure: ['Controllers/*Controller.cs'],
    runtime: true,
  }),
  dotnet('framework', 'Blazor', {
    dependencies: ['sdk:microsoft.net.sdk.blazorwebassembly', 'microsoft.aspnetcore.components*'],
    configuration: program(/Blazor|RazorComponents/),
    structure: ['*.razor'],
    runtime: true,
  }),
  dotnet('framework', 'MAUI', {
    dependencies: ['property:usemaui', 'microsoft.maui.controls'],
    configuration: ['/MauiProgram.cs'],
    runtime: true,
  }),
  dotnet('framework', 'WPF', { dependencies: ['property:usewpf'], configuration: ['/App.xaml'], runtime: true }),
  dotnet('framework', 'Windows Forms', {
    dependencies: ['property:usewindowsforms'],
    runtime: true,
  }),
  dotnet('library', 'Entity Framework Core', {
    dependencies: [
      'microsoft.entityframeworkcore',
      'microsoft.entityframeworkcore.*',
      'npgsql.entityframeworkcore.postgresql',
    ],
    configuration: program(/AddDbContext|UseSqlServer|UseNpgsql|UseSqlite/),
    structure: ['*DbContext.cs', 'Migrations/*.cs'],
    runtime: true,
  }),
  dotnet('tool', 'xUnit', { dependencies: ['xunit', 'xunit.v3'], testing: true }),
  dotnet('tool', 'NUnit', {
    dependencies: ['nunit'],
    testing: true,
  }),
  dotnet('tool', 'MSTest', {
    dependencies: ['mstest', 'mstest.testframework', 'sdk:mstest.sdk'],
    testing: true,
  }),

  dart('framework', 'Flutter', {
    dependencies: ['flutter'],
    configuration: [{ file: '/pubspec.yaml', text: /^flutter:/m }, '/.metadata'],
    runtime: true,
  }),
]

/** Tools that nothing depends on: their own files are all there is of them. */
export const tools: Technology[] = [
  {
    name: 'Docker',
    kind: 'tool',
    ecosystem: 'other',
    dependencies: [],
    configuration: ['Dockerfile', '*.Dockerfile', 'Dockerfile.*', 'Containerfile'],
    standsAlone: true,
  },
  {
    name: 'Terraform',
    kind: 'tool',
    ecosystem: 'other',
    dependencies: [],
    configuration: ['.terraform.lock.hcl', 'main.tf', 'versions.tf', 'providers.tf'],
    standsAlone: true,
  },
  {
    name: 'Helm',
    kind: 'tool',
    ecosystem: 'other',
    dependencies: [],
    configuration: ['Chart.yaml'],
    standsAlone: true,
  },
  {
    name: 'Kustomize',
    kind: 'tool',
    ecosystem: 'other',
    dependencies: [],
    configuration: ['kustomization.yaml', 'kustomization.yml'],
    standsAlone: true,
  },
  {
    name: 'Ansible',
    kind: 'tool',
    ecosystem: 'other',
    dependencies: [],
    configuration: ['ansible.cfg', 'playbook.yml', 'site.yml'],
    standsAlone: true,
  },
  {
    name: 'GitHub Actions',
    kind: 'tool',
    ecosystem: 'other',
    dependencies: [],
    configuration: ['/.github/workflows/*.yml', '/.github/workflows/*.yaml'],
    standsAlone: true,
  },
]
