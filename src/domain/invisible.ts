/**
 * Characters that show as nothing, or that change the order of what shows: Unicode's Default_Ignorable_Code_Point
 * (zero-width, soft hyphen, U+2060, bidirectional controls, variation selectors, the tags block, fillers), with
 * interlinear annotation marks, control characters other than tab and line break, and halves of characters.
 */
const invisible =
  /[\p{Default_Ignorable_Code_Point}\p{Surrogate}\u{FFF9}-\u{FFFB}\u{0}-\u{8}\u{B}\u{C}\u{E}-\u{1F}\u{7F}-\u{9F}]/gu

/** Scripts in which U+200C and U+200D between letters change what is seen. */
const joiningScript =
  /^[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}]$/u

/**
 * Takes those characters out. What gives an emoji its look stays (one variation selector behind an emoji, a joiner
 * between two), and so do joiners between letters of scripts that need them. `each` is told of every character taken,
 * with its offset.
 */
export const withoutInvisible = (text: string, each: (character: string, offset: number) => void = () => {}): string =>
  replaceInvisible(text, (character, offset) => {
    each(character, offset)
    return ''
  })

function replaceInvisible(text: string, by: (character: string, offset: number) => string): string {
  return text.replace(invisible, (character, offset: number) =>
    isPartOfAnEmoji(text, character, offset) || isBetweenJoiningLetters(text, character, offset)
      ? character
      : by(character, offset),
  )
}

/** Each spelled out, so that people see that it is there: `‹U+202E›`. */
export const spellInvisible = (text: string): string =>
  replaceInvisible(
    text,
    character => `‹U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}›`,
  )

/**
 * For models, of text that must keep its lines and its place: each run of such characters stands as `‹hidden: 3
 * characters›`, which says that there is something, and not what.
 */
export const markInvisible = (text: string): string =>
  replaceInvisible(text, () => '\0').replace(
    /\0+/g,
    run => `‹hidden: ${run.length} ${run.length === 1 ? 'character' : 'characters'}›`,
  )

/** The first mark of {@link markInvisible} in a text, or null. */
export const findMarkedInvisible = (text: string): string | null => /‹hidden: \d+ characters?›/.exec(text)?.[0] ?? null

function isPartOfAnEmoji(text: string, character: string, offset: number): boolean {
  const before = text.slice(Math.max(0, offset - 12), offset)
  const after = text.slice(offset + character.length, offset + character.length + 2)
  if (character === '\uFE0F' || character === '\uFE0E')
    return /[0-9#*]$/.test(before) ? after.startsWith('\u20E3') : /\p{Emoji}$/u.test(before)
  if (character !== '\u200D') return false
  return (
    /\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\uFE0F)?$/u.test(before) &&
    /^[\p{Extended_Pictographic}♀♂]/u.test(after)
  )
}

function isBetweenJoiningLetters(text: string, character: string, offset: number): boolean {
  if (character !== '\u200C' && character !== '\u200D') return false
  const before = [...text.slice(Math.max(0, offset - 2), offset)].at(-1) ?? ''
  const after = [...text.slice(offset + 1, offset + 3)][0] ?? ''
  return joiningScript.test(before) && (joiningScript.test(after) || character === '\u200D')
}
