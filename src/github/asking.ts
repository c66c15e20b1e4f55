import { z } from 'zod'
import { TransientError } from '../ports.js'
import { explain } from './refusal.js'

/** The most that GitHub gives on one page. */
export const pageSize = 100

/** What GitHub answered, parsed; its errors as {@link explain} has them. */
export async function ask<T>(answer: z.ZodType<T>, request: Promise<{ data: unknown; url: string }>): Promise<T> {
  const { data, url } = await request.catch((error: unknown) => {
    throw explain(error)
  })
  // Octokit hands over a body that was cut off or isn't JSON as text.
  if (typeof data === 'string') throw new TransientError(`GitHub's answer was cut short (${new URL(url).pathname}).`)
  const parsed = answer.safeParse(data)
  if (parsed.success) return parsed.data
  throw new Error(
    `GitHub's answer is not what was expected (${new URL(url).pathname}): ${z.prettifyError(parsed.error)}`,
  )
}

/** Everything of a list, page by page. */
export async function pages<T>(
  answer: z.ZodType<T>,
  request: (page: number) => Promise<{ data: unknown; url: string; headers: { link?: string | undefined } }>,
): Promise<T[]> {
  const all: T[] = []
  for (let page = 1, more = true; more; page++) {
    const response = request(page)
    all.push(...(await ask(z.array(answer), response)))
    more = (await response).headers.link?.includes('rel="next"') ?? false
  }
  return all
}
