/** A tag of raw HTML, as far as cleaning needs it. */
export interface HtmlTag {
  name: string
  /** Offset behind its `>`. */
  end: number
  attributes: { name: string; value: string; raw: string }[]
  closesItself: boolean
}

/**
 * Reads the opening tag that starts at `at` (its `<`), null when none does. `unfinished`: a quote or the tag itself never
 * ends. In raw HTML (`isRaw`), where a browser reads it and not Markdown, any letter after `<` begins a tag.
 */
export function readTag(text: string, at: number, isRaw: boolean): HtmlTag | 'unfinished' | null {
  const name = (isRaw ? /^<([A-Za-z][^\s/>]{0,60})/ : /^<([A-Za-z][A-Za-z0-9-]{0,60})(?=[\s/>]|$)/).exec(
    text.slice(at, at + 62),
  )?.[1]
  if (name === undefined) return null
  let end = at + 1 + name.length
  while (text[end] !== '>') {
    const character = text[end]
    if (character === undefined) return 'unfinished'
    if (character === '<' && !isRaw) return null
    if ((character === '"' || character === "'") && (!isRaw || /=\s*$/.test(text.slice(Math.max(at, end - 20), end)))) {
      const close = text.indexOf(character, end + 1)
      if (close < 0) return 'unfinished'
      end = close + 1
    } else end++
  }
  const inner = text.slice(at + 1 + name.length, end)
  return {
    name: name.toLowerCase(),
    end: end + 1,
    attributes: readAttributes(inner),
    closesItself: inner.endsWith('/') || voidElements.has(name.toLowerCase()),
  }
}

const voidElements = new Set([
  'area',
  'br',
  'col',
  'embed',
  'hr',
  'img',
  'input',
  'link',
  'meta',
  'source',
  'track',
  'wbr',
])

function readAttributes(inner: string): HtmlTag['attributes'] {
  const attributes: HtmlTag['attributes'] = []
  for (const match of inner.matchAll(/([^\s"'=/>]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]*))?/g)) {
    const [raw, name = '', value = ''] = match
    attributes.push({ name: name.toLowerCase(), value: value.replace(/^(["'])([\s\S]*)\1$/, '$2'), raw })
  }
  return attributes
}

/** Elements that nobody sees, whatever is in them. */
const hiddenElements = new Set(['script', 'style', 'template', 'noscript', 'title', 'head', 'datalist'])

/** Whether an element, with all in it, is kept from view. */
export const isHidden = ({ name, attributes }: HtmlTag): boolean =>
  hiddenElements.has(name) ||
  attributes.some(
    attribute =>
      attribute.name === 'hidden' ||
      (attribute.name === 'style' &&
        /display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0*\.?0+\s*(?:;|$|!)|font-size\s*:\s*0*\.?0+\s*(?:[a-z%;!]|$)/i.test(
          attribute.value,
        )),
  )

/** Attributes that decide what shows and hold no prose. */
const plain = /^(?:href|src|width|height|align|valign|open|colspan|rowspan|start|type|checked|disabled|name)$/
/** Attributes that are dropped without a word, when their value is none either. */
const wordless = /^(?:class|id|style|rel|target|dir|lang|role|border|loading|decoding|srcset|media|tabindex)$/

/** Whether an attribute may stay: it has no room for words that nobody sees. */
export const isPlain = ({ name, value }: HtmlTag['attributes'][number]): boolean =>
  plain.test(name) && (name === 'href' || name === 'src' ? !/\s/.test(value.trim()) : /^[\w.%-]{0,40}$/.test(value))

/** Whether people should be told that an attribute was dropped. */
export const isWorthTelling = ({ name, value }: HtmlTag['attributes'][number]): boolean => {
  if (value.trim() === '') return !wordless.test(name) && !plain.test(name) && name !== 'alt'
  return !(wordless.test(name) && !/[^\s;:,]\s+[^\s;:,]+\s/.test(value)) && !(name === 'alt' && isUsualAlt(value))
}

/** Elements that show as something; of any other, GitHub drops the tag, with whatever words are in it. */
const shownElements = new Set(
  (
    'a abbr article aside b bdo blockquote br caption center cite code col colgroup dd del details dfn div dl dt em ' +
    'figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img input ins kbd li main mark nav ol p picture pre q ' +
    'rp rt ruby s samp section small source span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul ' +
    'var video wbr'
  ).split(' '),
)

export const shows = (name: string): boolean => shownElements.has(name.toLowerCase())

/** What GitHub itself writes into the alt text of an image that is pasted, or a bare file name. */
export const isUsualAlt = (alt: string): boolean =>
  /^(?:image|img|screenshot|screen ?shot.{0,40}|photo|picture|logo|grafik|[\w.-]{1,60}\.(?:png|jpe?g|gif|svg|webp)|IMG_?\d+)$/i.test(
    alt.trim(),
  )

/** The end of an element: behind its closing tag, nested ones of its name counted, or the end of the text. */
export function elementEnd(text: string, tag: HtmlTag): number {
  const either = new RegExp(`<(/?)${tag.name}(?=[\\s/>])[^>]*>`, 'gi')
  either.lastIndex = tag.end
  let depth = 1
  for (let match = either.exec(text); match; match = either.exec(text)) {
    depth += match[1] === '/' ? -1 : 1
    if (depth === 0) return match.index + match[0].length
  }
  return text.length
}
