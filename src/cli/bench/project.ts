import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A project of that many Python files of 2 to 4 KB, the same at every call, with a `.github/crew.yml` of that text. */
export async function writeProject(
  folder: string,
  { files, crewYml }: { files: number; crewYml: string },
): Promise<void> {
  await mkdir(join(folder, '.github'), { recursive: true })
  await writeFile(join(folder, '.github/crew.yml'), crewYml)
  await writeFile(join(folder, 'requirements.txt'), 'Django==4.2\n')
  for (let area = 0; area * perArea < files; area++) {
    await mkdir(join(folder, areaOf(area * perArea)), { recursive: true })
    const numbers = Array.from({ length: Math.min(perArea, files - area * perArea) }, (_, n) => area * perArea + n)
    await Promise.all(numbers.map(number => writeFile(join(folder, fileOf(number)), textOf(number))))
  }
}

const perArea = 50

/** Path of a file, counted from 0. */
export const fileOf = (number: number): string => `${areaOf(number)}/part_${padded(number)}.py`

/** A line that occurs once in that file and nowhere else. */
export const markOf = (number: number): string => `LIMIT_${padded(number)} = ${number}`

const areaOf = (number: number): string => `shop/area_${String(Math.floor(number / perArea)).padStart(2, '0')}`
const padded = (number: number): string => String(number).padStart(4, '0')

function textOf(number: number): string {
  const functions = Array.from({ length: 12 + (number % 12) }, (_, n) =>
    [
      `def price_${padded(number)}_${n}(amount, rate=${n + 1}):`,
      `    """Returns the price of an amount, never above the limit of this part."""`,
      `    return min(amount * rate, LIMIT_${padded(number)})`,
      '',
      '',
    ].join('\n'),
  )
  return `"""Part ${number} of the shop."""\n\n${markOf(number)}\n\n\n${functions.join('\n')}`.trimEnd() + '\n'
}
