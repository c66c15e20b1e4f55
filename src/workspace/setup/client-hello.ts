/**
 * The name of the server that a TLS client asks for in the first thing it says (RFC 8446, 4.1.2; RFC 6066, 3). Null when
 * that isn't all here yet; `{ name: null }` when it isn't a ClientHello in one record, names nobody, or hides whom it
 * means (Encrypted Client Hello).
 */
export function serverNameOf(bytes: Buffer): { name: string | null } | null {
  if (bytes.length > 0 && bytes[0] !== handshakeRecord) return { name: null }
  if (bytes.length < 5) return null
  const record = bytes.readUInt16BE(3)
  if (record > 16 * 1024) return { name: null }
  if (bytes.length < 5 + record) return null
  try {
    return { name: nameIn(bytes.subarray(5, 5 + record)) }
  } catch {
    // Lengths that lead out of what there is.
    return { name: null }
  }
}

const handshakeRecord = 22
const clientHello = 1
const serverNameExtension = 0
const encryptedHelloExtension = 0xfe0d

function nameIn(hello: Buffer): string | null {
  if (hello.readUInt8(0) !== clientHello || hello.readUIntBE(1, 3) !== hello.length - 4) return null
  // Version and random; then, each with its length before it, the session, the ciphers and the compression.
  let at = 4 + 2 + 32
  at += 1 + hello.readUInt8(at)
  at += 2 + hello.readUInt16BE(at)
  at += 1 + hello.readUInt8(at)
  const end = at + 2 + hello.readUInt16BE(at)
  if (end !== hello.length) return null
  let name: string | null = null
  for (at += 2; at < end; at += 4 + hello.readUInt16BE(at + 2)) {
    const kind = hello.readUInt16BE(at)
    if (kind === encryptedHelloExtension) return null
    if (kind !== serverNameExtension) continue
    // A list of one, of the kind "host name".
    const length = hello.readUInt16BE(at + 7)
    if (hello.readUInt8(at + 6) !== 0 || hello.readUInt16BE(at + 4) !== length + 3) return null
    name = hello.toString('latin1', at + 9, at + 9 + length)
  }
  return name
}
