import { createInterface } from 'node:readline'
import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Where a person reads and types. */
export interface Terminal {
  say(line: string): void
  /** Text in a colour, where colours are shown. */
  paint(style: Style, text: string): string
  /** One line that the person types; null when the input has ended. */
  ask(prompt: string): Promise<string | null>
  close(): void
}

/** The terminal of this process. Colours only where it is one, and `NO_COLOR` is not set. */
export function processTerminal(): Terminal {
  const colours = process.stdout.isTTY && !process.env['NO_COLOR']
  const typed: string[] = []
  let waiting: ((line: string | null) => void) | null = null
  let ended = false
  const input = createInterface({ input: process.stdin })
  input.on('line', line => {
    if (waiting) waiting(line)
    else typed.push(line)
    waiting = null
  })
  input.on('close', () => {
    ended = true
    waiting?.(null)
  })
  return {
    say: line => void process.stdout.write(`${line}\n`),
    paint: (style, text) => (colours ? styleText(style, text) : text),
    ask(prompt) {
      process.stdout.write(prompt)
      const line = typed.shift()
      if (line !== undefined) return Promise.resolve(line)
      if (ended) return Promise.resolve(null)
      return new Promise(resolve => (waiting = resolve))
    },
    close: () => input.close(),
  }
}
