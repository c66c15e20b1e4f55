/** The letters and digits of a text, in lower case, and where in the text each of them begins and ends. */
export interface Squeezed {
  squeezed: string
  starts: Int32Array
  ends: Int32Array
}

/** As `squeeze`, with places. */
export function squeezeWithPlaces(text: string): Squeezed {
  return squeezing(text, null)
}

/**
 * The same, with escapes taken for what they stand for: `%2F` (however often it was escaped again), `\u002f`, `\x2f`,
 * `\n`, `&#47;`, `&#x2f;`. Null where the text has none.
 */
export function squeezeWithoutEscapes(text: string): Squeezed | null {
  return mayHaveEscapes.test(text) ? squeezing(text, escape) : null
}

const mayHaveEscapes = /%[\da-f]{2}|\\[nrtux]|&#/i
const escape = /%(?:25)*([\da-f]{2})|\\+u([\da-f]{4})|\\+x([\da-f]{2})|&#x([\da-f]{1,6});|&#(\d{1,7});|\\+([nrt])/iy

function squeezing(text: string, escapes: RegExp | null): Squeezed {
  const codes = Buffer.allocUnsafe(text.length)
  const starts = new Int32Array(text.length)
  const ends = new Int32Array(text.length)
  let length = 0
  for (let at = 0; at < text.length;) {
    const start = at
    let code = text.charCodeAt(at++)
    if (escapes && (code === percent || code === backslash || code === ampersand)) {
      escapes.lastIndex = start
      const found = escapes.exec(text)
      if (found) {
        code = standsFor(found)
        at = escapes.lastIndex
      }
    }
    const isUpper = code >= 65 && code <= 90
    if (!isUpper && !(code >= 97 && code <= 122) && !(code >= 48 && code <= 57)) continue
    codes[length] = isUpper ? code + 32 : code
    starts[length] = start
    ends[length++] = at
  }
  return { squeezed: codes.toString('latin1', 0, length), starts, ends }
}

const [percent, backslash, ampersand] = ['%', '\\', '&'].map(sign => sign.charCodeAt(0))

/** Line breaks and tabs stand for nothing that counts. */
function standsFor([, inAddress, four, two, hexadecimal, decimal]: RegExpExecArray): number {
  const digits = inAddress ?? four ?? two ?? hexadecimal
  if (digits !== undefined) return parseInt(digits, 16)
  return decimal === undefined ? 0 : parseInt(decimal, 10)
}
