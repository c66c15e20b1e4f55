import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash } from 'node:crypto'
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags, type Context, type Span } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  RandomIdGenerator,
  type IdGenerator,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node'
import type { Journal } from '../ports.js'
import type { Attributes, SpanFacts, TracedWorkflow, Traces } from './traces.js'

/** {@link Traces} by OpenTelemetry's SDK. Nothing is registered globally: no library that finds it adds spans of its own. */
export function createOtlpTraces(options: {
  url: string
  where: () => Attributes
  warn: (line: string) => void
}): Traces {
  const { url, where, warn } = options
  const ids = createIds()
  const provider = new NodeTracerProvider({
    idGenerator: ids,
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': 'issue-crew' }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(telling(new OTLPTraceExporter({ url }), { url, warn }))],
  })
  const tracer = provider.getTracer('issue-crew')
  const current = new AsyncLocalStorage<Context>()
  const open = new Set<Span>()
  /** Runs that are carried out here: beneath their present phase goes what their agents do. */
  const runs = new Map<string, Execution>()

  function start(facts: SpanFacts, parent: Context, startTime?: number): Span {
    const { name, kind, attributes } = facts
    const span = tracer.startSpan(
      name,
      {
        kind: kind === 'client' ? SpanKind.CLIENT : SpanKind.INTERNAL,
        attributes: { ...where(), ...attributes },
        ...(startTime !== undefined && { startTime }),
      },
      parent,
    )
    open.add(span)
    return span
  }

  function end(span: Span): void {
    if (open.delete(span)) span.end()
  }

  async function spanned<T>(span: Span, parent: Context, work: () => Promise<T>): Promise<T> {
    try {
      return await current.run(trace.setSpan(parent, span), work)
    } catch (error) {
      fail(span, error)
      throw error
    } finally {
      end(span)
    }
  }

  /** A stretch of a workflow. Its span begins when the first step in it is taken, back-dated to the stretch's beginning. */
  class Stretch {
    readonly #facts: SpanFacts
    readonly #parent: () => Context
    readonly #began = Date.now()
    #begun: { span: Span; context: Context } | null = null

    constructor(facts: SpanFacts, parent: () => Context) {
      this.#facts = facts
      this.#parent = parent
    }

    /** Its context, from its first step on. */
    live(): Context {
      this.#begun ??= this.#begin()
      return this.#begun.context
    }

    #begin(): { span: Span; context: Context } {
      const parent = this.#parent()
      const span = start(this.#facts, parent, this.#began)
      return { span, context: trace.setSpan(parent, span) }
    }

    over(error?: unknown): void {
      if (this.#begun === null) return
      if (error !== undefined) fail(this.#begun.span, error)
      end(this.#begun.span)
    }
  }

  class Execution {
    readonly #traced: TracedWorkflow
    #stretch: Stretch
    #live = false

    constructor(traced: TracedWorkflow) {
      this.#traced = traced
      this.#stretch = this.#isRun ? this.#phase('looking') : new Stretch(traced.facts, () => parentOf(traced))
    }

    get #isRun(): boolean {
      return this.#traced.run === this.#traced.id
    }

    #phase(phase: string): Stretch {
      const attributes = { ...this.#traced.facts.attributes, 'issue_crew.phase': phase }
      return new Stretch({ name: `phase ${phase}`, attributes }, () => runContext(this.#traced.id))
    }

    turnTo(phase: string): void {
      this.#stretch.over()
      this.#stretch = this.#phase(phase)
    }

    /** Where its agents' work goes; null as long as all was done before. */
    get context(): Context | null {
      return this.#live ? this.#stretch.live() : null
    }

    live(): Context {
      this.#live = true
      return this.#stretch.live()
    }

    over(error?: unknown): void {
      this.#stretch.over(error)
      const { id, facts, since } = this.#traced
      if (!this.#isRun || !this.#live) return
      ids.next(idsOfRun(id))
      const span = start(facts, ROOT_CONTEXT, Math.min(since ?? Date.now(), Date.now()))
      if (error !== undefined) fail(span, error)
      end(span)
    }
  }

  const parentOf = ({ run }: TracedWorkflow): Context =>
    run === null ? ROOT_CONTEXT : (runs.get(run)?.context ?? runContext(run))

  const stepOf = <T>(execution: Execution, name: string, work: () => Promise<T>): Promise<T> => {
    const parent = execution.live()
    const facts = { name: name.split(' ')[0] ?? name, attributes: { 'issue_crew.step': name } }
    return spanned(start(facts, parent), parent, work)
  }

  const journalOf = (journal: Journal, execution: Execution): Journal => ({
    ...journal,
    step: (name, work) => journal.step(name, signal => stepOf(execution, name, () => work(signal))),
    effect: (name, { find, create }) =>
      journal.effect(name, {
        find: () => stepOf(execution, `find ${name}`, find),
        create: () => stepOf(execution, name, create),
      }),
  })

  return {
    async workflow(traced, journal, work) {
      const execution = new Execution(traced)
      if (traced.run === traced.id) runs.set(traced.id, execution)
      try {
        const result = await work(journalOf(journal, execution))
        execution.over()
        return result
      } catch (error) {
        execution.over(error)
        throw error
      } finally {
        if (runs.get(traced.id) === execution) runs.delete(traced.id)
      }
    },
    phase: (run, phase) => runs.get(run)?.turnTo(phase),
    span(facts, work) {
      const parent = current.getStore() ?? ROOT_CONTEXT
      const span = start(facts, parent)
      return spanned(span, parent, () => work(attributes => void span.setAttributes(attributes)))
    },
    tell(facts, ms) {
      end(start(facts, current.getStore() ?? ROOT_CONTEXT, Date.now() - ms))
    },
    async stop() {
      for (const span of open) {
        span.setAttribute('issue_crew.interrupted', true)
        end(span)
      }
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>(resolve => (timer = setTimeout(resolve, STOP_WITHIN_MS)))
      await Promise.race([provider.shutdown().catch(() => {}), late])
      clearTimeout(timer)
    },
  }
}

const STOP_WITHIN_MS = 3_000

/** What went wrong by its name only: messages quote what was asked and answered. */
function fail(span: Span, error: unknown): void {
  span.setAttribute('error.type', error instanceof Error ? error.name : typeof error)
  span.setStatus({ code: SpanStatusCode.ERROR })
}

/** Ids of the run's own span, which every process that works for it knows without being told. */
function idsOfRun(run: string): { traceId: string; spanId: string } {
  const digest = createHash('sha256').update(run).digest('hex')
  return { traceId: digest.slice(0, 32), spanId: digest.slice(32, 48) }
}

const runContext = (run: string): Context =>
  trace.setSpanContext(ROOT_CONTEXT, { ...idsOfRun(run), traceFlags: TraceFlags.SAMPLED, isRemote: true })

/** Ids by chance, but for a span whose ids were said before. */
function createIds(): IdGenerator & { next(ids: { traceId: string; spanId: string }): void } {
  const random = new RandomIdGenerator()
  let said: { traceId: string; spanId: string } | null = null
  return {
    next: ids => void (said = ids),
    // Asked for first, and the trace's only where there is no parent.
    generateSpanId: () => said?.spanId ?? random.generateSpanId(),
    generateTraceId() {
      const traceId = said?.traceId ?? random.generateTraceId()
      said = null
      return traceId
    },
  }
}

/** Says once that spans don't arrive, and once that they do again. */
function telling(exporter: SpanExporter, { url, warn }: { url: string; warn: (line: string) => void }): SpanExporter {
  let failing = false
  return {
    export: (spans, done) =>
      exporter.export(spans, result => {
        const failed = result.code !== 0
        if (failed && !failing)
          warn(
            `Traces don't reach ${url}: ${result.error?.message ?? 'no reason given'}. They are lost until it answers.`,
          )
        if (!failed && failing) warn(`Traces reach ${url} again.`)
        failing = failed
        done(result)
      }),
    shutdown: () => exporter.shutdown(),
    ...(exporter.forceFlush && { forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve() }),
  }
}
