#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { processTerminal } from './cli/terminal.js'

const usage = `Usage:
  issue-crew start                      runs the App, from the settings in .env
  issue-crew demo [--live]              the whole way on a practice GitHub, with scripted words (--live: the real model)
  issue-crew try PATH --issue FILE      the same on a local git repository, with the real model
Options of demo and try:
  --yes                                 approve without asking
  --json FILE                           write the outcome to FILE`

const terminal = processTerminal()
process.exitCode = await main(process.argv.slice(2)).finally(() => terminal.close())

/** Commands are loaded when they are called, so that none waits for what another needs. */
async function main(args: string[]): Promise<number> {
  let parsed
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        issue: { type: 'string' },
        json: { type: 'string' },
        live: { type: 'boolean', default: false },
        yes: { type: 'boolean', short: 'y', default: false },
      },
    })
  } catch (error) {
    return misused((error as Error).message)
  }
  const { help, issue, json, live, yes } = parsed.values
  const [command, ...rest] = parsed.positionals
  const [path] = rest
  if (help) {
    terminal.say(usage)
    return 0
  }
  switch (command) {
    case 'start':
      return (await import('./cli/start.js')).start(terminal)
    case 'demo':
      return (await import('./cli/demo.js')).demo({ example: 'authentication', yes, json, live }, terminal)
    case 'try':
      if (path === undefined || rest.length > 1 || issue === undefined)
        return misused('try needs a PATH and --issue FILE')
      return (await import('./cli/try.js')).tryOut({ path, issueFile: issue, yes, json }, terminal)
    default:
      return misused(command === undefined ? 'There is no command.' : `There is no command ${command}.`)
  }
}

function misused(problem: string): number {
  terminal.say(`${problem}\n\n${usage}`)
  return 2
}
