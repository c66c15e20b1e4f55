/**
 * What the story needs of the world. The edges (durable, github, model, workspace) implement these; workflow/ and team/
 * know nothing else of them.
 */
export * from './ports/journal.js'
export * from './ports/spending.js'
export * from './ports/model.js'
export * from './ports/github.js'
export * from './ports/workspaces.js'
