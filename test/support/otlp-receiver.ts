import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

/** A span as it was sent. */
export interface SentSpan {
  name: string
  traceId: string
  spanId: string
  /** Empty where it has none. */
  parentSpanId: string
  /** Milliseconds since 1970. */
  from: number
  to: number
  attributes: Record<string, string | number | boolean>
  failed: boolean
}

interface AnyValue {
  stringValue?: string
  intValue?: number | string
  doubleValue?: number
  boolValue?: boolean
  arrayValue?: { values: AnyValue[] }
}

interface ExportRequest {
  resourceSpans: {
    resource: { attributes: { key: string; value: AnyValue }[] }
    scopeSpans: {
      spans: {
        name: string
        traceId: string
        spanId: string
        parentSpanId?: string
        startTimeUnixNano: string
        endTimeUnixNano: string
        attributes: { key: string; value: AnyValue }[]
        status?: { code?: number }
      }[]
    }[]
  }[]
}

/** A collector that keeps what it is sent by OTLP over HTTP. */
export async function startOtlpReceiver(): Promise<{
  /** For OTEL_EXPORTER_OTLP_TRACES_ENDPOINT. */
  url: string
  spans: SentSpan[]
  /** Values of `service.name` that were sent. */
  services: Set<unknown>
  /** From here on it takes nothing any more. */
  refuse(): void
  /** All bodies, as text. */
  text(): string
  stop(): Promise<void>
}> {
  const spans: SentSpan[] = []
  const services = new Set<unknown>()
  const bodies: string[] = []
  let refuses = false
  const server = createServer((request, response) => {
    void json(request).then(body => {
      if (refuses) {
        response.writeHead(400).end()
        return
      }
      bodies.push(JSON.stringify(body))
      for (const { resource, scopeSpans } of (body as ExportRequest).resourceSpans) {
        services.add(valuesOf(resource.attributes)['service.name'])
        for (const span of scopeSpans.flatMap(scope => scope.spans))
          spans.push({
            name: span.name,
            traceId: span.traceId,
            spanId: span.spanId,
            parentSpanId: span.parentSpanId ?? '',
            from: Number(BigInt(span.startTimeUnixNano) / 1_000_000n),
            to: Number(BigInt(span.endTimeUnixNano) / 1_000_000n),
            attributes: valuesOf(span.attributes),
            failed: span.status?.code === 2,
          })
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    spans,
    services,
    refuse: () => void (refuses = true),
    text: () => bodies.join('\n'),
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const valuesOf = (attributes: { key: string; value: AnyValue }[]): Record<string, string | number | boolean> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, valueOf(value)]))

function valueOf({ stringValue, intValue, doubleValue, boolValue, arrayValue }: AnyValue): string | number | boolean {
  if (arrayValue) return arrayValue.values.map(valueOf).join(',')
  return stringValue ?? boolValue ?? doubleValue ?? Number(intValue)
}
