import { startScriptedModel } from '../../practice/model/start.js'
import { machineClock } from './figures.js'

/** The scripted model in a process of its own, as the real one is: see model-apart.ts, which starts it. */
const [transcript = ''] = process.argv.slice(2)
const model = await startScriptedModel({
  transcripts: [transcript],
  clock: machineClock,
  log: line => console.error(line),
})
process.on('message', () => process.send?.(model.stats()))
process.on('disconnect', () => process.exit())
process.send?.({ url: model.url })
