import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Talk, TalkDraft } from '../shared/talk.js'

interface Contents {
  talks: Talk[]
}

/** The board, kept in one JSON file. A talk is on it once it is in the file. */
export class Board {
  readonly #file: string
  readonly #contents: Contents
  #saved: Promise<void> = Promise.resolve()

  private constructor(file: string, contents: Contents) {
    this.#file = file
    this.#contents = contents
  }

  /** Reads the board of a file; one that isn't there yet is an empty board. */
  static async open(file: string): Promise<Board> {
    const empty: Contents = { talks: [] }
    try {
      return new Board(file, { ...empty, ...(JSON.parse(await readFile(file, 'utf8')) as Partial<Contents>) })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Board(file, empty)
      throw error
    }
  }

  /** The newest first. */
  talks(): Talk[] {
    return this.#contents.talks.toReversed()
  }

  async suggest({ title, speaker }: TalkDraft): Promise<Talk> {
    const talk = { id: this.#contents.talks.length + 1, title: title.trim(), speaker: speaker.trim() }
    this.#contents.talks.push(talk)
    await this.#save()
    return talk
  }

  /** One write after the other, each to a file beside it first, so that a crash leaves a whole board. */
  #save(): Promise<void> {
    const write = async (): Promise<void> => {
      await mkdir(dirname(this.#file), { recursive: true })
      await writeFile(`${this.#file}.new`, JSON.stringify(this.#contents, null, 2))
      await rename(`${this.#file}.new`, this.#file)
    }
    this.#saved = this.#saved.then(write, write)
    return this.#saved
  }
}
