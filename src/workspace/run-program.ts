import { startProcess } from './light-process.js'

/** Runs a program of the system's to its end and returns what it wrote. Throws with its words when it fails. */
export function runProgram(program: string, args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LANG: 'C' }
    const child = startProcess({ program, args, cwd: '/', env })
    let wrote = ''
    let said = ''
    child.stdout.on('data', (piece: Buffer) => void (wrote.length < mostKept && (wrote += piece.toString())))
    child.stderr.on('data', (piece: Buffer) => void (said.length < mostKept && (said += piece.toString())))
    child.on('error', reject)
    child.on('close', code =>
      code === 0 ? resolve(wrote) : reject(new Error(`${program} ended with ${code}: ${said.trim().slice(0, 500)}`)),
    )
  })
}

const mostKept = 10_000
