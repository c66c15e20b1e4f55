import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '../../log.js'
import type { RequestRecord } from '../../practice/github/http/record.js'
import { startScriptedModel, type AnsweredRequest } from '../../practice/model/start.js'
import { loadExample } from '../example.js'
import { practiceRun, Sights } from '../practice-run.js'
import { setPracticeStage } from '../practice-stage.js'
import { count, kb, mb, ms, percent, scenario } from './scenario.js'
import { covered, median, rounded, sum } from './figures.js'

interface DemoFigures {
  /** Milliseconds: until the App takes webhooks; from the issue to its reviewed pull request; of that with no model request under way. */
  startMs: number
  runMs: number
  outsideModelMs: number
  modelCalls: number
  /** Requests to the model that are no turn of plan, task or review. */
  modelRequestsBeside: number
  sentBytes: { all: number; medianTurn: number; maxTurn: number }
  /** Estimated: a quarter of the bytes. */
  inputTokens: { all: number; medianTurn: number; maxTurn: number; cacheShare: number }
  outputTokens: number
  usd: number
  githubRequests: { total: number; contentCreating: number; git: number; byKind: Record<string, number> }
  peakMemoryBytes: number
}

export const demo = scenario<DemoFigures>({
  title: 'the example of the demo, from the label to the reviewed pull request (App, practice GitHub and model in one)',
  async measure() {
    const example = await loadExample('authentication')
    const home = await mkdtemp(join(tmpdir(), 'issue-crew-bench-'))
    const sights = new Sights()
    let turns = 0
    sights.on('sight', sight => void (sight.kind === 'turn' && turns++))
    const began = performance.now()
    const model = await startScriptedModel({ transcripts: [example.transcript] })
    const stage = await setPracticeStage({
      home,
      repository: { ...example.repository, from: { directory: example.start } },
      people: example.people,
      model: { apiKey: 'scripted', baseUrl: model.url },
      log: createLog({ level: 'error', pretty: false, secrets: [], sink: process.stderr }),
      observe: sights.observe,
    })
    try {
      const person = (role: 'author' | 'maintainer'): string =>
        example.people.find(one => one.role === role)?.login ?? ''
      const labelled = performance.now()
      const outcome = await practiceRun(stage, sights, {
        issue: example.issue,
        author: person('author'),
        maintainer: person('maintainer'),
        yes: true,
        json: undefined,
        terminal: { say: () => {}, paint: (_, text) => text, ask: () => Promise.resolve(null), close: () => {} },
      })
      const runMs = performance.now() - labelled
      if (!outcome.review) throw new Error('The demo came to no review; `npm run demo` shows why.')
      const { requests, refusals } = model.stats()
      const answering = covered(
        requests.map(({ receivedAt, answeredAt }) => ({ from: receivedAt, to: answeredAt ?? 0 })),
      )
      return {
        startMs: rounded(labelled - began),
        runMs: rounded(runMs),
        outsideModelMs: rounded(runMs - answering),
        modelCalls: requests.length,
        modelRequestsBeside: requests.length + refusals.length - turns,
        ...sent(requests),
        outputTokens: sum(requests.map(request => request.outputTokens)),
        usd: outcome.cost.usd,
        githubRequests: { ...outcome.githubRequests, ...byKind(stage.github.requests) },
        // Kilobytes, says POSIX's getrusage as Node hands it on.
        peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
      }
    } finally {
      await stage.stop()
      await model.stop()
      await rm(home, { recursive: true, force: true })
    }
  },
  rows: figures => {
    const { sentBytes, inputTokens, githubRequests } = figures
    return [
      { what: 'wall time outside the model', measured: ms(figures.outsideModelMs) },
      { what: 'wall time of the run', measured: ms(figures.runMs) },
      { what: "start of the App, its database's included", measured: ms(figures.startMs) },
      { what: 'model calls', measured: count(figures.modelCalls) },
      { what: "model requests that aren't the work itself", measured: count(figures.modelRequestsBeside), target: '0' },
      { what: 'sent to the model in all', measured: `${kb(sentBytes.all)}, about ${count(inputTokens.all)} tokens` },
      {
        what: 'a turn, median',
        measured: `${kb(sentBytes.medianTurn)}, about ${count(inputTokens.medianTurn)} tokens`,
      },
      { what: 'a turn, largest', measured: `${kb(sentBytes.maxTurn)}, about ${count(inputTokens.maxTurn)} tokens` },
      { what: 'input read from the cache', measured: percent(inputTokens.cacheShare) },
      { what: 'cost', measured: `$${figures.usd.toFixed(2)}` },
      { what: 'GitHub requests', measured: count(githubRequests.total), target: '≤ 40' },
      { what: 'content-creating ones', measured: count(githubRequests.contentCreating), target: '≤ 10' },
      { what: 'git over HTTP besides', measured: count(githubRequests.git) },
      ...Object.entries(githubRequests.byKind).map(([kind, times]) => ({ what: `  ${kind}`, measured: count(times) })),
      { what: 'peak memory of the process', measured: mb(figures.peakMemoryBytes) },
    ]
  },
})

type Requests = readonly AnsweredRequest[]

function sent(requests: Requests): Pick<DemoFigures, 'sentBytes' | 'inputTokens'> {
  const perTurn = (values: number[]) => ({ all: sum(values), medianTurn: median(values), maxTurn: Math.max(...values) })
  const tokens = perTurn(requests.map(one => one.inputTokens + one.cacheReadTokens + one.cacheWriteTokens))
  const cached = sum(requests.map(request => request.cacheReadTokens))
  return {
    sentBytes: perTurn(requests.map(request => request.bytes)),
    inputTokens: { ...tokens, cacheShare: cached / tokens.all },
  }
}

/** What the App asked of GitHub, most frequent first; git's own requests are counted apart, as GitHub does. */
function byKind(requests: readonly RequestRecord[]): { git: number; byKind: Record<string, number> } {
  const ours = requests.filter(({ by }) => by === 'app' || by === 'installation')
  const kinds = new Map<string, number>()
  for (const request of ours) {
    if (request.interface === 'git') continue
    const kind = request.interface === 'graphql' ? 'GraphQL' : `${request.method} ${request.route ?? request.path}`
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  }
  return {
    git: ours.filter(request => request.interface === 'git').length,
    byKind: Object.fromEntries([...kinds].sort(([, a], [, b]) => b - a)),
  }
}
