#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { processTerminal } from './cli/terminal.js'

const usage = `Usage:
  issue-crew start                      runs the App, from the settings in .env
  issue-crew runs [list] [--all | --state STATE] [--json]
                                        the App's runs, newest first, whether or not it is running: those under way or
                                        broken; --all: all
  issue-crew runs show ID [--steps] [--json]
                                        one of them: its tasks, agents and steps, what it cost and what went wrong
  issue-crew runs cancel ID             ends it, as /cancel does
  issue-crew runs retry ID              tries again what failed, as /retry does; begins anew where it has ended
  issue-crew runs resume ID             has a run or an agent go on that the engine was told to stop
  issue-crew demo [--example NAME] [--live]
                                        the whole way on a practice GitHub, with scripted words (--live: the real model);
                                        without --example, authentication
  issue-crew demo --examples            lists the examples
  issue-crew try PATH --issue FILE      the same on a local git repository, with the real model
  issue-crew stack PATH [--json]        what a project shows of its stack, with evidence and confidence
  issue-crew agents [--in PATH] [--json]
                                        who would work on a repository, the agents that it brings included
  issue-crew agents check PATH [--json] whether an agent's file, or a folder of them, can be used
  issue-crew task --agent NAME --in PATH "what to do" [--paths GLOB] [--json]
                                        one agent alone on a local git repository, with the real model; NAME may be
                                        an agent's file, --paths may be repeated
Options of demo and try:
  --yes                                 approve without asking
  --json FILE                           write the outcome to FILE`

const terminal = processTerminal()

/** Every command has options of its own, and is loaded when it is called, so that none waits for what another needs. */
async function main([command, ...args]: string[]): Promise<number> {
  if (command === '--help' || command === '-h' || args.includes('--help')) {
    terminal.say(usage)
    return 0
  }
  try {
    return await run(command, args)
  } catch (error) {
    if (isMisuse(error)) return misused(error.message)
    throw error
  }
}

async function run(command: string | undefined, args: string[]): Promise<number> {
  switch (command) {
    case 'start':
      parseArgs({ args })
      return (await import('./cli/start.js')).start(terminal)
    case 'runs': {
      const options = {
        ...printing,
        all: { type: 'boolean', default: false },
        state: { type: 'string' },
        steps: { type: 'boolean', default: false },
      } as const
      const { values, positionals } = parseArgs({ args, allowPositionals: true, options })
      const { json, all, state, steps } = values
      const [verb = 'list', id, ...more] = positionals
      const { runs } = await import('./cli/runs.js')
      if (more.length > 0) return misused(`runs ${verb} takes one ID`)
      if (verb === 'list' && id === undefined) return runs({ verb, json, all, state }, terminal)
      if (verb === 'list' || id === undefined)
        return misused('runs needs list, or show, cancel, retry or resume and an ID')
      if (verb === 'show') return runs({ verb, id, json, steps }, terminal)
      if (verb === 'cancel' || verb === 'retry' || verb === 'resume') return runs({ verb, id }, terminal)
      return misused(`runs can't ${verb}`)
    }
    case 'demo': {
      const options = {
        ...practice,
        live: { type: 'boolean', default: false },
        example: { type: 'string', default: 'authentication' },
        examples: { type: 'boolean', default: false },
      } as const
      const { yes, json, live, example, examples } = parseArgs({ args, options }).values
      const { demo, showExamples } = await import('./cli/demo.js')
      return examples ? showExamples(terminal) : demo({ example, yes, json, live }, terminal)
    }
    case 'try': {
      const options = { ...practice, issue: { type: 'string' } } as const
      const { values, positionals } = parseArgs({ args, allowPositionals: true, options })
      const { yes, json, issue } = values
      const [path, ...more] = positionals
      if (path === undefined || more.length > 0 || issue === undefined)
        return misused('try needs a PATH and --issue FILE')
      return (await import('./cli/try.js')).tryOut({ path, issueFile: issue, yes, json }, terminal)
    }
    case 'agents': {
      const options = { ...printing, in: { type: 'string' } } as const
      const { values, positionals } = parseArgs({ args, allowPositionals: true, options })
      const [check, path, ...more] = positionals
      const { listAgents, checkAgents } = await import('./cli/agents.js')
      if (check === undefined) return listAgents({ path: values.in ?? '.', json: values.json }, terminal)
      if (check !== 'check' || path === undefined || more.length > 0 || values.in !== undefined)
        return misused('agents takes --in PATH, or check and a PATH')
      return checkAgents({ path, json: values.json }, terminal)
    }
    case 'stack': {
      const { values, positionals } = parseArgs({ args, allowPositionals: true, options: printing })
      const [path, ...more] = positionals
      if (path === undefined || more.length > 0) return misused('stack needs a PATH')
      return (await import('./cli/stack.js')).showStack({ path, json: values.json }, terminal)
    }
    case 'task': {
      const options = {
        ...printing,
        agent: { type: 'string' },
        in: { type: 'string' },
        paths: { type: 'string', multiple: true },
      } as const
      const { values, positionals } = parseArgs({ args, allowPositionals: true, options })
      const { agent, in: path, paths = [], json } = values
      const [what, ...more] = positionals
      if (agent === undefined || path === undefined || what === undefined || more.length > 0)
        return misused('task needs --agent NAME, --in PATH and what to do, in quotes')
      return (await import('./cli/task.js')).tryTask({ agent, path, what, paths, json }, terminal)
    }
    default:
      return misused(command === undefined ? 'There is no command.' : `There is no command ${command}.`)
  }
}

/** Options of what plays an issue through on the practice GitHub. */
const practice = {
  yes: { type: 'boolean', short: 'y', default: false },
  json: { type: 'string' },
} as const

/** Options of what only prints something. */
const printing = { json: { type: 'boolean', default: false } } as const

/** What parseArgs throws for arguments that it doesn't know. */
const isMisuse = (error: unknown): error is Error =>
  error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')

function misused(problem: string): number {
  terminal.say(`${problem}\n\n${usage}`)
  return 2
}

process.exitCode = await main(process.argv.slice(2)).finally(() => terminal.close())
