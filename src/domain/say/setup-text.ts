import { fence, inlineCode } from '../code-markdown.js'
import { defuseLine, oneLine } from '../defuse.js'
import { withoutInvisible } from '../invisible.js'
import type { RefusedHost, SetupOutcome } from '../setup.js'
import { folded, sections } from './lists.js'

/** What people are told of a setup that left nothing; null when all is well. */
export function renderSetup(outcome: SetupOutcome): string | null {
  switch (outcome.kind) {
    case 'ready':
      return null
    case 'off':
      return `> [!NOTE]\n> Setup was not run: ${defuseLine(outcome.why, 300)}. The specialists work without what it installs.`
    case 'failed': {
      const { command, how, output, refused } = outcome
      const words = plain(output)
      return sections(
        [
          '> [!WARNING]',
          `> Setup failed: ${inlineCode(oneLine(command, 200))} ${defuseLine(how, 300)}. The specialists work without what it installs.`,
          ...refused.map(host => `> - It did not get through to ${renderRefused(host)}`),
        ].join('\n'),
        words !== '' && folded('The last of what it said', fence(words)),
      )
    }
  }
}

function renderRefused({ host, why }: RefusedHost): string {
  const name = inlineCode(oneLine(host, 100))
  switch (why) {
    case 'not-named':
      return `${name}, which \`setup.registries\` of \`.github/crew.yml\` doesn’t name.`
    case 'private':
      return `${name}, which leads into a private network: whoever runs the App can allow that with \`SETUP_PRIVATE_REGISTRIES\`.`
    case 'unreachable':
      return `${name}, which could not be found or did not answer.`
    case 'not-https':
      return `${name} without https.`
  }
}

/** Without colours and whatever else is meant for a terminal. */
const plain = (output: string): string =>
  withoutInvisible(output.replace(/\u001b\[[\d;?]*[A-Za-z]/g, '').replace(/\r\n?/g, '\n')).trim()
