/**
 * Characters that show as nothing, or that change the order of what shows: Unicode's Default_Ignorable_Code_Point
 * (zero-width, soft hyphen, U+2060, bidirectional controls, variation selectors, the tags block, fillers), with
 * interlinear annotation marks and control characters other than tab and line break.
 */
const invisible = /[\p{Default_Ignorable_Code_Point}\u{FFF9}-\u{FFFB}\u{0}-\u{8}\u{B}\u{C}\u{E}-\u{1F}\u{7F}-\u{9F}]/gu

/** Scripts in which U+200C and U+200D between letters change what is seen. */
const joiningScript =
  /^[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}]$/u

/**
 * Takes those characters out. What gives an emoji its look stays (one variation selector behind an emoji, a joiner
 * between two), and so do joiners between letters of scripts that need them. `each` is told of every character taken,
 * with its offset.
 */
export function withoutInvisible(text: string, each: (character: string, offset: number) => void = () => {}): string {
  return text.replace(invisible, (character, offset: number) => {
    if (isPartOfAnEmoji(text, character, offset) || isBetweenJoiningLetters(text, character, offset)) return character
    each(character, offset)
    return ''
  })
}

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
