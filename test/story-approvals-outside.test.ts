import { expect, jest } from '@jest/globals'
import { run } from './support/script.js'
import { beginScriptedStory } from './support/scripted-story.js'
import { testWhereCommandsRun } from './support/where-commands-run.js'

jest.setTimeout(120_000)

testWhereCommandsRun(
  'what the plan doesn’t name can’t be let through by one person where two must approve',
  async () => {
    const title = 'Greet beyond the plan'
    const scripted = await beginScriptedStory(
      [
        {
          title,
          tasks: [
            {
              title: 'Greet louder',
              paths: ['greet.sh'],
              turns: [run('echo "It shouts now." >> README.md')],
            },
          ],
        },
      ],
      { '.github/crew.yml': 'approval: { people: 2 }\n' },
    )
    try {
      const issue = await scripted.planned(title)
      await scripted.comment(issue, '/approve')
      await scripted.comment(issue, '/approve', 'ada')
      await scripted.phase(issue, 'asking')
      const asked = (await scripted.comments(issue)).at(-1)?.body ?? ''
      expect(asked).toContain('- `README.md`')
      expect(asked).not.toContain('/approve')
      const answer = await scripted.replyTo(issue, await scripted.comment(issue, '/approve 1'))
      expect(answer).toContain('asks for more than one person’s word')
      expect(scripted.branch(issue)).toBe('')
      await scripted.comment(issue, '/cancel')
      expect((await scripted.end(issue)).kind).toBe('cancelled')
    } finally {
      await scripted.stop()
    }
  },
)
