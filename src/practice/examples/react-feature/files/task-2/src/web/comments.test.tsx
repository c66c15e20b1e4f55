import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderToStaticMarkup } from 'react-dom/server'
import { CharactersLeft } from './CharactersLeft.js'
import { CommentForm } from './CommentForm.js'
import { CommentList } from './CommentList.js'
import { TalkList } from './TalkList.js'

const talk = { id: 1, title: 'Signals', speaker: 'Ada' }

test('every talk has its comments, closed until somebody opens them', () => {
  const html = renderToStaticMarkup(<TalkList talks={[talk]} />)
  assert.match(html, /by Ada<details><summary>Comments<\/summary>/)
  assert.doesNotMatch(html, /<form/)
})

test('a comment shows who wrote it, when and what, and never as markup', () => {
  const writtenAt = '2025-09-01T18:30:00.000Z'
  const html = renderToStaticMarkup(
    <CommentList comments={[{ id: 1, talkId: 1, name: 'Bo', text: '<b>Yes!</b>', writtenAt }]} />,
  )
  assert.match(html, /<strong>Bo<\/strong> <time dateTime="2025-09-01T18:30:00.000Z">/)
  assert.match(html, /&lt;b&gt;Yes!&lt;\/b&gt;/)
})

test('a talk without comments says so', () => {
  assert.match(renderToStaticMarkup(<CommentList comments={[]} />), /Nobody has commented yet/)
})

test('the form ties what is left to the field', () => {
  const html = renderToStaticMarkup(<CommentForm talk={talk} onCommented={() => undefined} />)
  const [, id] = /<textarea aria-describedby="([^"]+)"/.exec(html) ?? []
  assert.ok(html.includes(`<output id="${id}">280 characters left</output>`))
})

test('what is left is counted in characters, and an emoji is one', () => {
  const left = (text: string): string =>
    renderToStaticMarkup(<CharactersLeft id="left" text={text} />).replace(/<[^>]+>/g, '')
  assert.equal(left('x'.repeat(279)), '1 character left')
  assert.equal(left('🎤'.repeat(280)), '0 characters left')
  assert.equal(left('x'.repeat(282)), '2 characters too many')
})
