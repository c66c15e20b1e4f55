import Anthropic from '@anthropic-ai/sdk'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { toolNames, type ToolName } from '../../domain/agent.js'
import { toolSpec, type ToolInput } from '../../team/tools.js'
import { finishSpec, finishTool } from '../../team/ending.js'
import { writeProject } from './project.js'

/**
 * What no harness comes under: the SDK and the shortest loop that can be written by hand, on a plain folder, in a process
 * that does nothing else. It checks nothing, records nothing, and its changes are in no git. Its arguments are the
 * model's address, the number of files, and the titles of the tasks to play.
 */
const [modelUrl = '', files = '', ...titles] = process.argv.slice(2)
const folder = await mkdtemp(join(tmpdir(), 'issue-crew-floor-'))
try {
  await writeProject(folder, { files: Number(files), crewYml: '' })
  const client = new Anthropic({ apiKey: 'scripted', authToken: null, baseURL: modelUrl })
  for (const title of titles) await play(client, title)
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function play(client: Anthropic, title: string): Promise<void> {
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: `# Your task: ${title} (task 1)` }]
  for (;;) {
    const stream = client.messages.stream({ model: 'claude-sonnet-5-5', max_tokens: 32_000, tools: tools(), messages })
    const { content } = await stream.finalMessage()
    messages.push({ role: 'assistant', content })
    const calls = content.filter(block => block.type === 'tool_use')
    if (calls.some(call => call.name === finishTool)) return
    const results = calls.map(async ({ id, name, input }) => ({
      type: 'tool_result' as const,
      tool_use_id: id,
      content: await carryOut(name as ToolName, input),
    }))
    messages.push({ role: 'user', content: await Promise.all(results) })
  }
}

function tools(): Anthropic.Tool[] {
  return [...toolNames.map(toolSpec), finishSpec({ form: 'report' })].map(
    ({ name, description, inputSchema }): Anthropic.Tool => ({
      name,
      description,
      input_schema: inputSchema as Anthropic.Tool.InputSchema,
    }),
  )
}

async function carryOut(name: ToolName, given: unknown): Promise<string> {
  const input = <Name extends ToolName>(): ToolInput<Name> => given as ToolInput<Name>
  switch (name) {
    case 'read_files': {
      const texts = await Promise.all(input<'read_files'>().paths.map(path => readFile(join(folder, path), 'utf8')))
      return texts.join('\n')
    }
    case 'search': {
      const { pattern, glob = '.' } = input<'search'>()
      return git(['grep', '--no-index', '-nE', '-e', pattern, '--', glob])
    }
    case 'list_files':
      return (await readdir(folder, { recursive: true })).join('\n')
    case 'edit_file': {
      const { path, edits } = input<'edit_file'>()
      const text = await readFile(join(folder, path), 'utf8')
      await writeFile(
        join(folder, path),
        edits.reduce((so, edit) => so.replace(edit.old, () => edit.new), text),
      )
      return 'ok'
    }
    case 'write_files':
      for (const { path, content } of input<'write_files'>().files) {
        await mkdir(dirname(join(folder, path)), { recursive: true })
        await writeFile(join(folder, path), content ?? '')
      }
      return 'ok'
    case 'run':
      return ''
  }
}

async function git(args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('git', args, { cwd: folder, maxBuffer: 1 << 26 })
  return stdout
}
