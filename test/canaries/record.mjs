/**
 * Loaded into every process of the suite. Writes down, in the directory that CREW_CANARIES names, what the process prints
 * and what the App asks of any server in it (the practice GitHub, the scripted model), but for the headers in which
 * credentials belong. Installation tokens become canaries as they are handed out.
 */
import { appendFileSync, mkdirSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'

const directory = process.env.CREW_CANARIES

/** From here on this value may be found nowhere. */
export function plant(kind, value) {
  append('planted', `${JSON.stringify({ kind, value })}\n`)
}

/** Something that was written or sent: looked through at the end. */
export function record(kind, text) {
  append('written', text, kind)
}

function append(folder, text, kind = 'canaries') {
  if (!directory) return
  mkdirSync(join(directory, folder), { recursive: true })
  appendFileSync(join(directory, folder, `${kind}-${process.pid}`), text)
}

const credentials = ['authorization', 'x-api-key', 'x-hub-signature-256']

/** What people ask of GitHub is theirs, and what GitHub tells the App is GitHub's. */
const isOfOthers = headers => 'x-github-event' in headers || /\bghp_/.test(headers.authorization ?? '')

function listen(request, response) {
  if (isOfOthers(request.headers)) return
  const headers = Object.entries(request.headers).filter(([name]) => !credentials.includes(name))
  const head = `\n${request.method} ${request.url} ${JSON.stringify(Object.fromEntries(headers))}\n`
  const chunks = [Buffer.from(head)]
  const { push } = request
  request.push = (chunk, ...rest) => {
    if (chunk !== null) chunks.push(Buffer.from(chunk))
    return push.call(request, chunk, ...rest)
  }
  response.once('close', () => record('requests', Buffer.concat(chunks)))
  if (!/\/access_tokens(\?|$)/.test(request.url)) return
  const { end } = response
  response.end = (body, ...rest) => {
    const token = /"token":\s*"([^"]+)"/.exec(String(body))?.[1]
    if (token) plant('an installation token', token)
    return end.call(response, body, ...rest)
  }
}

const once = Symbol.for('issue-crew.canaries')
if (directory && !globalThis[once]) {
  globalThis[once] = true
  const { emit } = http.Server.prototype
  http.Server.prototype.emit = function (event, ...given) {
    if (event === 'request') listen(...given)
    return emit.call(this, event, ...given)
  }
  for (const stream of [process.stdout, process.stderr]) {
    const { write } = stream
    stream.write = (chunk, ...rest) => {
      record('output', chunk)
      return write.call(stream, chunk, ...rest)
    }
  }
}
