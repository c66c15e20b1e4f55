import { charactersLeft } from '../shared/talk.js'

/** How much room a comment has left, or by how much it is too long. */
export function CharactersLeft({ id, text }: { id: string; text: string }) {
  const left = charactersLeft(text)
  return <output id={id}>{left < 0 ? `${characters(-left)} too many` : `${characters(left)} left`}</output>
}

const characters = (count: number): string => `${count} character${count === 1 ? '' : 's'}`
