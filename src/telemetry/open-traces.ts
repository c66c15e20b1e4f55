import type { Attributes, Traces } from './traces.js'

/**
 * Sends spans by OTLP over HTTP, as JSON, to that address. Whatever else OpenTelemetry's own variables say (headers,
 * timeouts, the service's name, attributes of the resource) counts as well. What it takes is loaded here and not before.
 *
 * @param where what is being worked on, for every span.
 */
export async function openTraces(options: {
  url: string
  where: () => Attributes
  warn: (line: string) => void
}): Promise<Traces> {
  const { createOtlpTraces } = await import('./otlp-traces.js')
  return createOtlpTraces(options)
}
