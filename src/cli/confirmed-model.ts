import type { Model } from '../ports.js'

/** The model of an agent that may have been replaced: a call that another worker makes, too, is not paid for here. */
export const confirmedModel = (model: Model, mayCall: () => Promise<void>): Model => ({
  ...model,
  async answer(request, signal) {
    await mayCall()
    return model.answer(request, signal)
  },
})
