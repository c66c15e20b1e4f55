import type { Technology } from './technology.js'

const of = (
  kind: Technology['kind'],
  name: string,
  more: Omit<Technology, 'name' | 'kind' | 'ecosystem'>,
): Technology => ({
  name,
  kind,
  ecosystem: 'npm',
  ...more,
})

const serverEntries = ['main', 'server', 'app', 'index'].flatMap(name =>
  ['', 'src/'].flatMap(folder => ['ts', 'js', 'mjs'].map(extension => `/${folder}${name}.${extension}`)),
)
const serverStarts = (text: RegExp): { file: string; text: RegExp }[] => serverEntries.map(file => ({ file, text }))

/** What lives on npm. */
export const javascript: Technology[] = [
  of('framework', 'Next.js', {
    dependencies: ['next'],
    configuration: ['/next.config.*', { script: /\bnext (dev|build|start)\b/ }],
    structure: ['app/**/page.tsx', 'app/**/page.jsx', 'pages/_app.tsx', 'pages/_app.js'],
  }),
  of('framework', 'React Router', {
    dependencies: ['@react-router/dev', '@remix-run/react', '@remix-run/dev'],
    configuration: ['/react-router.config.*', '/remix.config.*'],
    structure: ['app/root.tsx'],
  }),
  of('framework', 'Gatsby', { dependencies: ['gatsby'], configuration: ['/gatsby-config.*'] }),
  of('framework', 'Expo', {
    dependencies: ['expo'],
    configuration: [{ file: '/app.json', text: /"expo"\s*:/ }, '/app.config.*'],
  }),
  of('framework', 'React Native', {
    dependencies: ['react-native'],
    configuration: ['/metro.config.*', '/react-native.config.js', { file: '/app.json', text: /"expo"\s*:/ }],
  }),
  of('framework', 'React', {
    dependencies: ['react'],
    configuration: [
      { file: '/vite.config.*', text: /@vitejs\/plugin-react/ },
      {
        file: '/tsconfig*.json',
        text: /"jsx"\s*:\s*"(react|preserve)(?![^}]{0,2000}"jsxImportSource"\s*:\s*"(?!react))/,
      },
      { file: '/.babelrc', text: /preset-react|preset-env.*react/ },
      { file: '/babel.config.*', text: /preset-react/ },
      { file: '/webpack.config.*', text: /preset-react|react-refresh/ },
      { script: /\breact-scripts (start|build)\b|\bnext (dev|build)\b/ },
      '/next.config.*',
      '/gatsby-config.*',
    ],
    structure: ['*.jsx', '*.tsx'],
    looksLike: ['Preact', 'Solid'],
  }),
  of('framework', 'Preact', {
    dependencies: ['preact'],
    configuration: [
      { file: '/vite.config.*', text: /@preact\/preset-vite/ },
      { file: '/tsconfig*.json', text: /"jsxImportSource"\s*:\s*"preact"/ },
    ],
  }),
  of('framework', 'Solid', {
    dependencies: ['solid-js'],
    configuration: [
      { file: '/vite.config.*', text: /vite-plugin-solid|solidPlugin/ },
      { file: '/tsconfig*.json', text: /"jsxImportSource"\s*:\s*"solid-js"/ },
    ],
  }),
  of('framework', 'Nuxt', {
    dependencies: ['nuxt', 'nuxt3', 'nuxt-edge'],
    configuration: ['/nuxt.config.*', { script: /\bnuxt (dev|build|generate)\b/ }],
  }),
  of('framework', 'Vue', {
    dependencies: ['vue'],
    configuration: [
      { file: '/vite.config.*', text: /@vitejs\/plugin-vue/ },
      '/vue.config.*',
      '/nuxt.config.*',
      { script: /\bvue-cli-service\b/ },
    ],
    structure: ['*.vue'],
  }),
  of('framework', 'SvelteKit', {
    dependencies: ['@sveltejs/kit'],
    configuration: [
      { file: '/vite.config.*', text: /@sveltejs\/kit/ },
      { file: '/svelte.config.*', text: /\bkit\b/ },
    ],
    structure: ['src/routes/**/+page.svelte'],
  }),
  of('framework', 'Svelte', {
    dependencies: ['svelte'],
    configuration: ['/svelte.config.*', { file: '/vite.config.*', text: /vite-plugin-svelte|@sveltejs\/kit/ }],
    structure: ['*.svelte'],
  }),
  of('framework', 'Angular', {
    dependencies: ['@angular/core'],
    configuration: ['/angular.json', { file: '/project.json', text: /@angular-devkit|@nx\/angular|@angular\/build/ }],
    structure: ['*.component.ts'],
  }),
  of('framework', 'AngularJS', { dependencies: ['angular'] }),
  of('framework', 'Astro', { dependencies: ['astro'], configuration: ['/astro.config.*'], structure: ['*.astro'] }),
  of('framework', 'Ember', { dependencies: ['ember-source', 'ember-cli'], configuration: ['/ember-cli-build.js'] }),
  of('framework', 'Docusaurus', { dependencies: ['@docusaurus/core'], configuration: ['/docusaurus.config.*'] }),
  of('framework', 'Electron', {
    dependencies: ['electron'],
    configuration: [
      '/electron-builder.*',
      '/forge.config.*',
      '/electron.vite.config.*',
      { script: /\belectron(-forge)? \S/ },
    ],
  }),
  of('framework', 'NestJS', {
    dependencies: ['@nestjs/core'],
    configuration: ['/nest-cli.json', ...serverStarts(/NestFactory\.create/)],
    runtime: true,
  }),
  of('framework', 'Express', {
    dependencies: ['express'],
    configuration: serverStarts(/\bexpress\(\)/),
    runtime: true,
  }),
  of('framework', 'Fastify', {
    dependencies: ['fastify'],
    configuration: [...serverStarts(/\b[fF]astify\(/), { script: /\bfastify start\b/ }],
    runtime: true,
  }),
  of('framework', 'Koa', { dependencies: ['koa'], configuration: serverStarts(/new Koa\(/), runtime: true }),
  of('framework', 'Hono', {
    dependencies: ['hono'],
    configuration: [
      ...serverStarts(/new Hono[<(]/),
      ...['ts', 'tsx'].map(x => ({ file: `/src/index.${x}`, text: /new Hono[<(]/ })),
    ],
    runtime: true,
  }),
  of('framework', 'hapi', {
    dependencies: ['@hapi/hapi'],
    configuration: serverStarts(/[hH]api\.server\(/),
    runtime: true,
  }),
  of('library', 'Tailwind CSS', {
    dependencies: ['tailwindcss'],
    companions: ['@tailwindcss/*', '@nuxtjs/tailwindcss'],
    configuration: [
      '/tailwind.config.*',
      { file: '/vite.config.*', text: /@tailwindcss\/vite/ },
      { file: '/postcss.config.*', text: /tailwindcss/ },
      ...[
        'app/globals',
        'src/app/globals',
        'src/index',
        'src/app',
        'src/styles',
        'app/assets/css/main',
        'assets/css/main',
      ].map(name => ({
        file: `/${name}.css`,
        text: /@tailwind\b|@import ['"]tailwindcss/,
      })),
    ],
  }),
  of('library', 'Redux Toolkit', { dependencies: ['@reduxjs/toolkit'], structure: ['*[sS]lice.ts', '*[sS]lice.js'] }),
  of('library', 'Redux', { dependencies: ['redux'], companions: ['react-redux'], runtime: true }),
  of('library', 'Zustand', { dependencies: ['zustand'], runtime: true }),
  of('library', 'MobX', { dependencies: ['mobx'], runtime: true }),
  of('library', 'Jotai', { dependencies: ['jotai'], runtime: true }),
  of('library', 'Recoil', { dependencies: ['recoil'], runtime: true }),
  of('library', 'XState', { dependencies: ['xstate'], runtime: true }),
  of('library', 'Pinia', {
    dependencies: ['pinia'],
    companions: ['@pinia/nuxt'],
    configuration: [
      { file: '/nuxt.config.*', text: /@pinia\/nuxt/ },
      ...['ts', 'js'].map(x => ({ file: `/src/main.${x}`, text: /createPinia\(/ })),
    ],
  }),
  of('library', 'Vuex', {
    dependencies: ['vuex'],
    configuration: ['ts', 'js'].flatMap(x => [
      { file: `/src/store/index.${x}`, text: /createStore|Vuex/ },
      { file: `/src/store.${x}`, text: /createStore|Vuex/ },
    ]),
  }),
  of('library', 'NgRx', {
    dependencies: ['@ngrx/store', '@ngrx/signals'],
    structure: ['*.reducer.ts', '*.effects.ts'],
  }),
  of('library', 'TanStack Query', {
    dependencies: ['@tanstack/react-query', '@tanstack/vue-query', '@tanstack/svelte-query', 'react-query'],
    runtime: true,
  }),
  of('library', 'GraphQL', {
    dependencies: ['@apollo/server', 'apollo-server', 'graphql-yoga', 'mercurius'],
    structure: ['*.graphql'],
  }),
  of('library', 'tRPC', { dependencies: ['@trpc/server'], runtime: true }),
  of('library', 'Prisma', { dependencies: ['prisma', '@prisma/client'], configuration: ['schema.prisma'] }),
  of('library', 'Drizzle', { dependencies: ['drizzle-orm'], configuration: ['/drizzle.config.*'] }),
  of('library', 'TypeORM', { dependencies: ['typeorm'], configuration: ['/ormconfig.*', 'data-source.ts'] }),
  of('library', 'Sequelize', { dependencies: ['sequelize'], configuration: ['.sequelizerc'] }),
  of('library', 'Mongoose', { dependencies: ['mongoose'], runtime: true }),
  of('tool', 'Vite', {
    dependencies: ['vite'],
    configuration: ['/vite.config.*', { script: /(^|[\s;&])vite(\s|$)/ }],
  }),
  of('tool', 'webpack', { dependencies: ['webpack'], configuration: ['/webpack.*js', '/webpack.*ts'] }),
  of('tool', 'Vitest', {
    dependencies: ['vitest'],
    configuration: ['/vitest.config.*', '/vitest.workspace.*', { script: /\bvitest\b/ }],
    testing: true,
  }),
  of('tool', 'Jest', {
    dependencies: ['jest', 'jest-cli'],
    companions: ['ts-jest', '@nx/jest', 'babel-jest'],
    configuration: ['/jest.config.*', { script: /\bjest\b/ }],
    testing: true,
  }),
  of('tool', 'Mocha', {
    dependencies: ['mocha'],
    configuration: ['/.mocharc.*', { script: /\bmocha\b/ }],
    testing: true,
  }),
  of('tool', 'Karma', { dependencies: ['karma'], configuration: ['/karma.conf.*'], testing: true }),
  of('tool', 'Playwright', {
    dependencies: ['@playwright/test'],
    configuration: ['/playwright.config.*', { script: /\bplaywright test\b/ }],
    testing: true,
  }),
  of('tool', 'Cypress', {
    dependencies: ['cypress'],
    configuration: ['/cypress.config.*', '/cypress.json', { script: /\bcypress (run|open)\b/ }],
    testing: true,
  }),
  of('tool', 'ESLint', {
    dependencies: ['eslint'],
    configuration: ['/eslint.config.*', '/.eslintrc*', { script: /\beslint\b/ }],
  }),
  of('tool', 'Prettier', {
    dependencies: ['prettier'],
    configuration: ['/.prettierrc*', '/prettier.config.*', { script: /\bprettier\b/ }],
  }),
  of('tool', 'Biome', { dependencies: ['@biomejs/biome'], configuration: ['/biome.json', '/biome.jsonc'] }),
  of('tool', 'Husky', { dependencies: ['husky'], configuration: ['/.husky/*', { script: /\bhusky\b/ }] }),
  of('tool', 'Storybook', {
    dependencies: ['storybook'],
    companions: ['@storybook/*'],
    configuration: ['/.storybook/main.*'],
  }),
  of('tool', 'Nx', { dependencies: ['nx', '@nrwl/workspace'], configuration: ['/nx.json'] }),
  of('tool', 'Turborepo', { dependencies: ['turbo'], configuration: ['/turbo.json', '/turbo.jsonc'] }),
  of('tool', 'Lerna', { dependencies: ['lerna'], configuration: ['/lerna.json'] }),
  of('tool', 'pnpm workspaces', {
    dependencies: [],
    configuration: [{ file: '/pnpm-workspace.yaml', text: /^packages:/m }],
    standsAlone: true,
  }),
]
