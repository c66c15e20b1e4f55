import { Refused, type Answer } from './answer.js'
import type { Call } from './routes.js'

/** Which part of a list was asked for. */
export interface Page {
  /** From 1. */
  number: number
  size: number
  /** Index of its first item. */
  from: number
}

/** Reads `page` and `per_page` as GitHub does: 30 a page unless told, 100 at most. */
export function pageAsked(query: URLSearchParams): Page {
  const number = Math.max(1, Math.floor(Number(query.get('page') ?? 1)) || 1)
  const size = Math.min(100, Math.max(1, Math.floor(Number(query.get('per_page') ?? 30)) || 30))
  return { number, size, from: (number - 1) * size }
}

/** The asked-for part of a list, each item in its shape, with the Link header that leads to the others. */
export async function listed<Item>(
  call: Call,
  items: Item[],
  shape: (item: Item) => unknown,
  wrap: (shapes: unknown[]) => unknown = shapes => shapes,
): Promise<Answer> {
  const page = pageAsked(call.query)
  const shapes = await Promise.all(items.slice(page.from, page.from + page.size).map(shape))
  return { status: 200, body: wrap(shapes), headers: linkHeader(call, page, Math.ceil(items.length / page.size)) }
}

/** `Link` for a list of so many pages; empty where there is only one. */
export function linkHeader(call: Call, page: Page, last: number): Record<string, string> {
  const to = (number: number, rel: string): string => {
    const query = new URLSearchParams(call.query)
    query.set('page', String(number))
    return `<${call.world.api}${call.path}?${query.toString()}>; rel="${rel}"`
  }
  const links = [
    ...(page.number > 1 ? [to(page.number - 1, 'prev')] : []),
    ...(page.number < last ? [to(page.number + 1, 'next'), to(last, 'last')] : []),
    ...(page.number > 1 ? [to(1, 'first')] : []),
  ]
  return links.length === 0 ? {} : { link: links.join(', ') }
}

/** A number from the path. Throws 404 when it isn't one. */
export function numberIn(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new Refused(404, 'Not Found')
  return Number(text)
}
