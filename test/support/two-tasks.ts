import { edit, run, type Script } from './script.js'

export const title = 'Two tasks in a row'

/** Two tasks, one of which needs the other, and their review, slow enough for something to happen meanwhile. */
export const twoTasks: Script = {
  title,
  reviewTask: true,
  planDelay: 300,
  reviewDelay: 300,
  tasks: [
    {
      title: 'Greet louder',
      paths: ['greet.sh', 'lib/*.sh'],
      turns: [
        edit('greet.sh', ['  echo "Hello"', '  echo "HELLO"']),
        run('echo "# $(wc -l < lib/words.sh) lines" >> lib/words.sh', { delay_ms: 300 }),
      ],
    },
    {
      title: 'Part louder',
      paths: ['greet.sh'],
      dependsOn: [1],
      turns: [edit('greet.sh', ['  echo "Bye"', '  echo "BYE"'], { delay_ms: 300 })],
    },
  ],
}

/** Calls of the model that they take, each once. */
export const calls = 7
