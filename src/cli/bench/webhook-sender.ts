import { createHmac } from 'node:crypto'
import { Agent, request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { machineClock } from './figures.js'

/** What is to be sent: the payload again and again, its comment's id and the delivery's id different each time. */
export interface Barrage {
  url: string
  secret: string
  payload: string
  perSecond: number
  /** Sent first, and left out of the answers. */
  warmUpSeconds: number
  seconds: number
}

/** Every answer: its status (0 when none came) and the milliseconds from sending to the end of it. */
export interface Acknowledgement {
  status: number
  ms: number
}

/** Sends webhooks as GitHub does, from a process of its own; see webhooks.ts, which starts it and takes the answers. */
process.once('message', (barrage: Barrage) => {
  void send(barrage).then(answers => process.send?.(answers, () => process.disconnect()))
})

async function send(barrage: Barrage): Promise<Acknowledgement[]> {
  const { url, secret, payload, perSecond, warmUpSeconds, seconds } = barrage
  const agent = new Agent({ keepAlive: true })
  const template = JSON.parse(payload) as { comment: { id: number } }
  const parcels = Array.from({ length: perSecond * (warmUpSeconds + seconds) }, (_, number) => {
    const comment = { ...template.comment, id: template.comment.id + 1_000_000 + number }
    const body = Buffer.from(JSON.stringify({ ...template, comment }))
    return { number, body, signature: `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` }
  })
  const began = machineClock()
  const answers = []
  for (const parcel of parcels) {
    // At its time, whether or not the ones before were answered.
    const due = began + (parcel.number * 1000) / perSecond - machineClock()
    if (due > 0) await wait(due)
    answers.push(post(parcel))
  }
  return (await Promise.all(answers)).slice(perSecond * warmUpSeconds)

  function post({ number, body, signature }: (typeof parcels)[number]): Promise<Acknowledgement> {
    const sent = machineClock()
    return new Promise(resolve => {
      const over = (status: number): void => resolve({ status, ms: machineClock() - sent })
      const headers = {
        'content-type': 'application/json',
        'content-length': body.length,
        'x-github-event': 'issue_comment',
        'x-github-delivery': `bench-${number}`,
        'x-hub-signature-256': signature,
      }
      const sending = request(url, { method: 'POST', headers, agent, timeout: 20_000 }, response => {
        response.resume().on('end', () => over(response.statusCode ?? 0))
      })
      sending.on('timeout', () => sending.destroy()).on('error', () => over(0))
      sending.end(body)
    })
  }
}
