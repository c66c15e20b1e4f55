const blockNames =
  'address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|section|source|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul'

/** A line that begins an HTML block which lasts to the next blank line, even in a paragraph: CommonMark, 4.6, kind 6. */
export const startsTagBlock = new RegExp(`^ {0,3}</?(?:${blockNames})(?=[\\s/>]|$)`, 'i')

/** A line that begins any HTML block which may end a paragraph: kinds 1 to 6. */
export const startsHtmlBlock = new RegExp(
  `^ {0,3}<(?:!--|\\?|!\\[CDATA\\[|![A-Za-z]|(?:pre|script|style)(?=[\\s>]|$)|/?(?:${blockNames})(?=[\\s/>]|$))`,
  'i',
)

/** One tag, complete and alone on its line: kind 7, which needs a blank line before it. */
export const isLoneTag = (line: string): boolean => /^ {0,3}<\/?[A-Za-z](?:[^<>"']|"[^"]*"|'[^']*')*>[ \t]*$/.test(line)
