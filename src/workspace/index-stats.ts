import { createHash } from 'node:crypto'
import { lchownSync, lstatSync, lutimesSync, type BigIntStats } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { boxUser, type BoxUser } from './box-user.js'

/**
 * Tells the index that every file lies in the tree as git has just written it, so that the next look compares times
 * and sizes instead of reading 2,500 files. Git can't say that fast itself: `checkout-index -u` leaves files as young
 * as the index, which git must then read again ("racy git"), and a refresh reads them all.
 *
 * Everything is given to the box's user, and files a time in the past, before their state is noted. To be called before
 * anyone else can touch the tree. Returns the submodules, which are empty directories. The index is git's version 2 (gitformat-index(5)): a header of 12 bytes, entries of 62 bytes and a name,
 * padded with NULs to a multiple of 8, extensions, a SHA-1 over all of it.
 */
export async function noteStats(tree: string, index: string): Promise<{ submodules: string[] }> {
  const bytes = await readFile(index)
  if (bytes.toString('latin1', 0, 4) !== 'DIRC' || bytes.readUInt32BE(4) !== 2)
    throw new Error('Not an index of version 2')
  const past = Math.floor(Date.now() / 1000) - 10
  const within = Buffer.from(tree + '/')
  const count = bytes.readUInt32BE(8)
  const submodules: string[] = []
  const given = new Set<string>()
  let at = 12
  for (let n = 0; n < count; n++) {
    const end = bytes.indexOf(0, at + 62)
    const name = bytes.subarray(at + 62, end)
    const path = Buffer.concat([within, name])
    if (boxUser) giveAway(path, within.length, given, boxUser)
    if (bytes.readUInt32BE(at + 24) >>> 12 === gitlink) {
      submodules.push(name.toString())
    } else {
      lutimesSync(path, past, past)
      writeStat(bytes, at, lstatSync(path, { bigint: true }))
    }
    at += Math.ceil((end + 1 - at) / 8) * 8
    if (n % 250 === 249) await setImmediate()
  }
  createHash('sha1')
    .update(bytes.subarray(0, -20))
    .digest()
    .copy(bytes, bytes.length - 20)
  await writeFile(index, bytes)
  return { submodules }
}

/** A file and those of its directories that were not given away before. Names may be in any encoding. */
function giveAway(path: Buffer, least: number, given: Set<string>, { uid, gid }: BoxUser): void {
  lchownSync(path, uid, gid)
  for (let end = path.lastIndexOf(slash); end >= least; end = path.lastIndexOf(slash, end - 1)) {
    const directory = path.toString('latin1', 0, end)
    if (given.has(directory)) return
    given.add(directory)
    lchownSync(path.subarray(0, end), uid, gid)
  }
}

const slash = 0x2f

const gitlink = 0o16

function writeStat(bytes: Buffer, at: number, stat: BigIntStats): void {
  const field = (offset: number, value: bigint): void =>
    void bytes.writeUInt32BE(Number(BigInt.asUintN(32, value)), at + offset)
  const second = 1_000_000_000n
  field(0, stat.ctimeNs / second)
  field(4, stat.ctimeNs % second)
  field(8, stat.mtimeNs / second)
  field(12, stat.mtimeNs % second)
  field(16, stat.dev)
  field(20, stat.ino)
  // The mode at 24 is the tree's and stays.
  field(28, stat.uid)
  field(32, stat.gid)
  field(36, stat.size)
}
