import { loadScenario } from './scenarios.js'

/** Measures one scenario in a process of its own and sends the figures to the one that started it: see ../bench.ts. */
const scenario = await loadScenario(process.argv[2] ?? '')
const figures = await scenario.measure()
process.send?.(figures, () => process.exit())
