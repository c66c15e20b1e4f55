import { inlineCode } from '../code-markdown.js'
import { defuseLine, oneLine } from '../defuse.js'
import type { Report } from '../report.js'
import { bullets, type Links, sections } from './lists.js'

/** A specialist's report in the seed's form: "## Task Completed: …", a "###" a section, "### Next specialist needs:". `entryLimit`: characters of an entry. */
export function renderReport(report: Report, links: Links = {}, entryLimit?: number): string {
  const list = (items: readonly string[]): string => bullets(items, links, entryLimit)
  return sections(
    `## Task Completed: ${defuseLine(report.title, 120, links)}`,
    ...report.sections.map(({ heading, items }) => `### ${defuseLine(heading, 80, links)}\n${list(items)}`),
    report.checks.length > 0 && `### Checks\n${report.checks.map(renderCheck).join('\n')}`,
    report.notDone.length > 0 && `### Not done\n${list(report.notDone)}`,
    report.nextSpecialistNeeds.length > 0 && `### Next specialist needs:\n${list(report.nextSpecialistNeeds)}`,
  )
}

const renderCheck = ({ command, result }: Report['checks'][number]): string =>
  `- ${result === 'passed' ? '✅' : result === 'failed' ? '❌' : '➖'} ${inlineCode(oneLine(command, 300))} ${result}`
