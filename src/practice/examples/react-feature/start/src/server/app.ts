import { readFile } from 'node:fs/promises'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { talkProblems } from '../shared/talk.js'
import type { Board } from './board.js'

/** Characters that a request may hold. */
const mostText = 10_000

const page = {
  '/': { file: 'index.html', type: 'text/html; charset=utf-8' },
  '/main.js': { file: 'main.js', type: 'text/javascript; charset=utf-8' },
}

/** Answers the page's requests, and serves the page from a folder. */
export function createApp(board: Board, folder: URL): RequestListener {
  return (request, response) => {
    answer(request, response).catch((error: unknown) => {
      console.error(error)
      send(response, 500, { problems: ['Something broke here. Please try again.'] })
    })
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    if (pathname === '/api/talks' && request.method === 'GET') return send(response, 200, board.talks())
    if (pathname === '/api/talks' && request.method === 'POST') return suggest(request, response)
    if (request.method === 'GET' && Object.hasOwn(page, pathname)) {
      const { file, type } = page[pathname as keyof typeof page]
      const text = await readFile(new URL(file, folder))
      response.writeHead(200, { 'content-type': type }).end(text)
      return
    }
    send(response, 404, { problems: ['There is nothing here.'] })
  }

  async function suggest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fields = await readFields(request, ['title', 'speaker'])
    if (!fields) return send(response, 400, { problems: ['This is not what the form sends.'] })
    const problems = talkProblems(fields)
    if (problems.length > 0) return send(response, 422, { problems })
    send(response, 201, await board.suggest(fields))
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** The fields of a JSON body, all of them text; null when it is anything else, or too long. */
async function readFields<Name extends string>(
  request: IncomingMessage,
  names: Name[],
): Promise<Record<Name, string> | null> {
  request.setEncoding('utf8')
  let text = ''
  for await (const piece of request) if (text.length <= mostText) text += piece
  if (text.length > mostText) return null
  const body = parse(text)
  if (typeof body !== 'object' || body === null) return null
  const given = body as Record<string, unknown>
  if (!names.every(name => typeof given[name] === 'string')) return null
  return Object.fromEntries(names.map(name => [name, given[name]])) as Record<Name, string>
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
