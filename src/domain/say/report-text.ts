import { inlineCode } from '../code-markdown.js'
import { defuseLine, oneLine } from '../defuse.js'
import type { Report } from '../report.js'
import { bullets, type Links, sections } from './lists.js'

/** A specialist's report in the seed's form: "## Task Completed: …", a "###" a section, "### Next specialist needs:". */
export function renderReport(report: Report, links: Links = {}): string {
  return sections(
    `## Task Completed: ${defuseLine(report.title, 120, links)}`,
    ...report.sections.map(({ heading, items }) => `### ${defuseLine(heading, 80, links)}\n${bullets(items, links)}`),
    report.checks.length > 0 && `### Checks\n${report.checks.map(renderCheck).join('\n')}`,
    report.notDone.length > 0 && `### Not done\n${bullets(report.notDone, links)}`,
    report.nextSpecialistNeeds.length > 0 &&
      `### Next specialist needs:\n${bullets(report.nextSpecialistNeeds, links)}`,
  )
}

const renderCheck = ({ command, result }: Report['checks'][number]): string =>
  `- ${result === 'passed' ? '✅' : result === 'failed' ? '❌' : '➖'} ${inlineCode(oneLine(command, 300))} ${result}`
