import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderToStaticMarkup } from 'react-dom/server'
import { Problems } from './Problems.js'
import { TalkForm } from './TalkForm.js'
import { TalkList } from './TalkList.js'

test('the list has every talk with its speaker', () => {
  const html = renderToStaticMarkup(
    <TalkList
      talks={[
        { id: 2, title: 'Streams', speaker: 'Bo' },
        { id: 1, title: 'Signals & Slots', speaker: 'Ada' },
      ]}
    />,
  )
  assert.match(html, /<strong>Streams<\/strong> by Bo.*<strong>Signals &amp; Slots<\/strong> by Ada/)
})

test('an empty board says so', () => {
  assert.match(renderToStaticMarkup(<TalkList talks={[]} />), /Nobody has suggested a talk yet/)
})

test('the form asks for a title and a speaker', () => {
  const html = renderToStaticMarkup(<TalkForm onSuggested={() => undefined} />)
  assert.match(html, /<label>Title<input required=""/)
  assert.match(html, /<label>Speaker<input required=""/)
})

test('problems are read out', () => {
  const html = renderToStaticMarkup(<Problems problems={['Please give the talk a title.']} />)
  assert.equal(html, '<ul role="alert" class="problems"><li>Please give the talk a title.</li></ul>')
})
