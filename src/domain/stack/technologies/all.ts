import { compiled, tools } from './compiled.js'
import { javascript } from './javascript.js'
import { python } from './python.js'
import { rubyPhpElixir } from './ruby-php-elixir.js'
import type { Technology } from './technology.js'

/** Everything that is looked for, languages and services apart. */
export const technologies: Technology[] = [...python, ...javascript, ...rubyPhpElixir, ...compiled, ...tools]
