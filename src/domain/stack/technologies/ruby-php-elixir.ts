import type { Ecosystem } from '../manifests/manifest.js'
import type { Technology } from './technology.js'

const of =
  (ecosystem: Ecosystem) =>
  (kind: Technology['kind'], name: string, more: Omit<Technology, 'name' | 'kind' | 'ecosystem'>): Technology => ({
    name,
    kind,
    ecosystem,
    ...more,
  })

const gem = of('gem')
const php = of('composer')
const hex = of('hex')

/** What lives on RubyGems, Packagist and Hex. */
export const rubyPhpElixir: Technology[] = [
  gem('framework', 'Ruby on Rails', {
    dependencies: ['rails', 'railties'],
    configuration: [{ file: 'config/application.rb', text: /Rails::Application/ }],
    structure: ['app/controllers/*_controller.rb', 'db/migrate/*.rb'],
    runtime: true,
  }),
  gem('framework', 'Sinatra', {
    dependencies: ['sinatra'],
    configuration: ['/config.ru', '/app.rb', '/server.rb', '/main.rb'].map(file => ({
      file,
      text: /Sinatra::|require ['"]sinatra/,
    })),
    runtime: true,
  }),
  gem('framework', 'Hanami', {
    dependencies: ['hanami'],
    configuration: [{ file: '/config/app.rb', text: /Hanami::App/ }],
    runtime: true,
  }),
  gem('framework', 'Jekyll', {
    dependencies: ['jekyll'],
    companions: ['github-pages'],
    configuration: ['/_config.yml'],
    structure: ['_posts/*.md'],
  }),
  gem('library', 'Hotwire', {
    dependencies: [],
    companions: ['turbo-rails', 'stimulus-rails'],
    structure: ['app/javascript/controllers/*.js'],
    runtime: true,
  }),
  gem('library', 'Sidekiq', {
    dependencies: ['sidekiq'],
    configuration: ['config/sidekiq.yml', 'initializers/sidekiq.rb'],
    runtime: true,
  }),
  gem('library', 'Tailwind CSS', {
    dependencies: [],
    companions: ['tailwindcss-rails'],
    configuration: ['config/tailwind.config.js', 'app/assets/tailwind/application.css'],
  }),
  gem('tool', 'RSpec', {
    dependencies: ['rspec', 'rspec-core'],
    companions: ['rspec-rails'],
    configuration: ['/.rspec', 'spec/spec_helper.rb'],
    testing: true,
  }),
  gem('tool', 'Minitest', { dependencies: ['minitest'], configuration: ['test/test_helper.rb'], testing: true }),
  gem('tool', 'RuboCop', {
    dependencies: ['rubocop'],
    companions: ['rubocop-rails', 'rubocop-rails-omakase', 'standard'],
    configuration: ['/.rubocop.yml', '/.standard.yml'],
  }),

  php('framework', 'Laravel', {
    dependencies: ['laravel/framework', 'laravel/lumen-framework'],
    configuration: ['/artisan', { file: '/bootstrap/app.php', text: /Illuminate\\Foundation\\Application/ }],
    structure: ['app/Http/Controllers/*.php'],
    runtime: true,
  }),
  php('framework', 'Symfony', {
    dependencies: ['symfony/framework-bundle', 'symfony/symfony'],
    configuration: [
      { file: '/config/bundles.php', text: /FrameworkBundle/ },
      { file: '/app/AppKernel.php', text: /FrameworkBundle/ },
    ],
    structure: ['src/Controller/*Controller.php'],
    runtime: true,
  }),
  php('framework', 'Slim', {
    dependencies: ['slim/slim'],
    configuration: [{ file: '/public/index.php', text: /Slim\\/ }],
    runtime: true,
  }),
  php('framework', 'Drupal', {
    dependencies: ['drupal/core', 'drupal/core-recommended'],
    structure: ['*.info.yml'],
    runtime: true,
  }),
  php('framework', 'WordPress', {
    dependencies: ['roots/wordpress', 'johnpbloch/wordpress'],
    configuration: ['wp-config.php', 'wp-config-sample.php', { file: '/style.css', text: /^\s*\*?\s*Theme Name:/m }],
    structure: ['wp-content/themes/*/functions.php'],
  }),
  php('library', 'Livewire', {
    dependencies: ['livewire/livewire'],
    structure: ['app/Livewire/*.php', 'app/Http/Livewire/*.php'],
    runtime: true,
  }),
  php('library', 'Inertia', {
    dependencies: ['inertiajs/inertia-laravel'],
    structure: ['resources/js/Pages/*'],
    runtime: true,
  }),
  php('library', 'Doctrine ORM', {
    dependencies: ['doctrine/orm'],
    companions: ['doctrine/doctrine-bundle'],
    configuration: ['config/packages/doctrine.yaml'],
    runtime: true,
  }),
  php('tool', 'Pest', { dependencies: ['pestphp/pest'], configuration: ['tests/Pest.php'], testing: true }),
  php('tool', 'PHPUnit', {
    dependencies: ['phpunit/phpunit'],
    companions: ['symfony/phpunit-bridge'],
    configuration: ['/phpunit.xml*', '/phpunit.dist.xml'],
    testing: true,
  }),
  php('tool', 'PHPStan', {
    dependencies: ['phpstan/phpstan'],
    companions: ['larastan/larastan', 'nunomaduro/larastan'],
    configuration: ['/phpstan*.neon*'],
  }),
  php('tool', 'Laravel Pint', { dependencies: ['laravel/pint'], configuration: ['/pint.json'] }),
  php('tool', 'PHP CS Fixer', { dependencies: ['friendsofphp/php-cs-fixer'], configuration: ['/.php-cs-fixer*.php'] }),

  hex('framework', 'Phoenix', {
    dependencies: ['phoenix'],
    configuration: [
      { file: 'config/config.exs', text: /Endpoint\b/ },
      { file: 'lib/*_web/endpoint.ex', text: /Phoenix\.Endpoint/ },
    ],
    structure: ['lib/*_web/router.ex'],
    runtime: true,
  }),
  hex('library', 'Phoenix LiveView', {
    dependencies: ['phoenix_live_view'],
    structure: ['*_live.ex', 'live/*.ex'],
    configuration: [{ file: 'config/config.exs', text: /live_view/ }],
    runtime: true,
  }),
  hex('library', 'Ecto', {
    dependencies: ['ecto_sql', 'ecto', 'phoenix_ecto'],
    configuration: [{ file: 'config/config.exs', text: /ecto_repos/ }],
    structure: ['priv/repo/migrations/*.exs'],
    runtime: true,
  }),
  hex('library', 'Oban', {
    dependencies: ['oban'],
    configuration: [{ file: 'config/config.exs', text: /\bOban\b/ }],
    runtime: true,
  }),
  hex('tool', 'Credo', { dependencies: ['credo'], configuration: ['/.credo.exs'] }),
]
