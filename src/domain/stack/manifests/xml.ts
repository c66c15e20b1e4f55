import { isDeepXml } from '../../nesting.js'
import { parseXml, XmlElement, XmlText, XmlCdata } from '@rgrove/parse-xml'

/** Root element of a document. Throws for what isn't well-formed. Only XML's own five entities are known. */
export function xmlRoot(text: string): XmlElement {
  if (isDeepXml(text)) throw new Error('it is nested too deeply')
  const { root } = parseXml(text.replace(/^\uFEFF/, ''), { ignoreUndefinedEntities: true })
  if (!root) throw new Error('there is no element')
  return root
}

/** Elements of that name along a way of names, at every branch of it. */
export function elements(from: XmlElement, ...names: string[]): XmlElement[] {
  return names.reduce<XmlElement[]>(
    (found, name) =>
      found.flatMap(element =>
        element.children.filter((child): child is XmlElement => child instanceof XmlElement && child.name === name),
      ),
    [from],
  )
}

/** Text of the first such element, trimmed; null where there is none. */
export function xmlText(from: XmlElement, ...names: string[]): string | null {
  const [element] = elements(from, ...names)
  if (!element) return null
  const text = element.children
    .map(child => (child instanceof XmlText || child instanceof XmlCdata ? child.text : ''))
    .join('')
    .trim()
  return text === '' ? null : text
}

export const childElements = (from: XmlElement): XmlElement[] =>
  from.children.filter((child): child is XmlElement => child instanceof XmlElement)
