import { markInvisible } from '../domain/invisible.js'

/**
 * A block of outside text that its content can't close, nor anything that could be taken for its end: whatever its case,
 * blanks, and letters or brackets of the same look. What is in it is data, and the prompts say so. What doesn't show to
 * people is only told to be there.
 */
export const dataBlock = (tag: string, text: string): string =>
  `<${tag}>\n${withoutEnd(tag, markInvisible(text)).trim()}\n</${tag}>`

const withoutEnd = (tag: string, text: string): string =>
  text.replace(ending, (whole, opening: string, slash: string, name: string) =>
    new RegExp(`^${tag}(?![a-z0-9_])`).test(folded(name)) ? `${opening}\\${slash}${name}` : whole,
  )

/** Whatever looks like `</name`. */
const ending = /([<＜﹤‹〈⟨❮˂ᐸ]\s*)([/／∕⁄╱⧸]\s*)([^\s<>/＜＞]{1,40})/gu

/** A name as it looks, in plain small letters. */
const folded = (name: string): string =>
  [...name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()].map(letter => lookAlikes[letter] ?? letter).join('')

/** Letters of other scripts that look like Latin ones. */
const lookAlikes: Readonly<Record<string, string>> = {
  ...{ а: 'a', α: 'a', ɑ: 'a', с: 'c', ϲ: 'c', ԁ: 'd', е: 'e', ε: 'e', ғ: 'f', һ: 'h', і: 'i', ι: 'i', ı: 'i', ӏ: 'l' },
  ...{ ј: 'j', к: 'k', κ: 'k', м: 'm', п: 'n', ո: 'n', η: 'n', о: 'o', ο: 'o', օ: 'o', р: 'p', ρ: 'p', г: 'r' },
  ...{ ѕ: 's', т: 't', τ: 't', υ: 'u', ս: 'u', ν: 'v', ѵ: 'v', ѡ: 'w', х: 'x', χ: 'x', у: 'y', γ: 'y' },
}
