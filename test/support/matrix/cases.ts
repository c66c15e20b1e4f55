import type { Answer, Disturbance, Passed } from './gate.js'

/** One thing that goes wrong while the example is carried out. */
export interface Case {
  /** Unlike any other's: `kill/before a step/…`. */
  name: string
  group: string
  wrong:
    /** The App is killed where its journal stands. */
    | { kind: 'kill at step'; at: string }
    /** GitHub or the model has done what it was asked, and the App is killed before the answer. */
    | { kind: 'kill before answer'; of: 'github' | 'model'; request: Passed }
    | { kind: 'disturbed'; of: 'github' | 'model'; request: Passed; how: Disturbance }
    | { kind: 'database away'; at: string }
  /** Where in the record of the undisturbed run. */
  position: number
  /** Answers of the model that may be asked for once more. */
  mayCallAgain: number
}

/** What an undisturbed run passed, in its order: points of the journal's steps, as watched-crew.ts names them, and requests. */
export type Event = { point: string } | { of: 'github' | 'model'; request: Passed }

/** Every case that follows from what was recorded, in that order. */
export function casesFrom(recorded: Event[]): Case[] {
  const points = recorded.flatMap((event, position) => ('point' in event ? [{ at: event.point, position }] : []))
  const requests = recorded.flatMap((event, position) => ('of' in event ? [{ ...event, position }] : []))
  const gitHub = requests.filter(({ of, request }) => of === 'github' && request.nth === 1)
  const model = requests.filter(({ of }) => of === 'model')
  const disturbed = (
    { of, request, position }: (typeof requests)[number],
    { name, how, called, mayCallAgain = 0 }: { name: string; how: Disturbance; called: string; mayCallAgain?: number },
  ): Case => ({
    name: `${of}/${name}/${called}`,
    group: `${of === 'github' ? 'GitHub' : 'model'}: ${name}`,
    wrong: { kind: 'disturbed', of, request, how },
    position,
    mayCallAgain,
  })

  return [
    ...points.map(({ at, position }): Case => {
      const group = at.endsWith('/ before') ? 'before a step' : 'before its record'
      const name = `kill/${group}/${stepOf(at)}`
      return { name, group: `kill ${group}`, wrong: { kind: 'kill at step', at }, position, mayCallAgain: 1 }
    }),
    ...requests.map(({ of, request, position }): Case => ({
      name: `kill/before the answer/${of} ${nameOf(request)}`,
      group: 'kill before the answer',
      wrong: { kind: 'kill before answer', of, request },
      position,
      mayCallAgain: 1,
    })),
    ...Object.entries(gitHubFaults).flatMap(([name, how]) =>
      gitHub.map(one => disturbed(one, { name, how, called: one.request.operation })),
    ),
    ...Object.entries(modelFaults).flatMap(([name, how]) =>
      // The scripted model counts what it gave, also where half of it came through.
      model.map(one =>
        disturbed(one, { name, how, called: nameOf(one.request), mayCallAgain: name === 'cut' ? 1 : 0 }),
      ),
    ),
    ...points
      .filter(({ at }) => at.endsWith('/ before'))
      .filter((_, index) => index % everySoManySteps === 0)
      .map(({ at, position }): Case => ({
        name: `postgres/${stepOf(at)}`,
        group: 'Postgres stopped and started',
        wrong: { kind: 'database away', at },
        position,
        mayCallAgain: 1,
      })),
  ]
}

/**
 * Puts cases together that one run can meet one after the other, which takes a fraction of the time. Those after which
 * people are needed stay alone, and so do those whose counts a restart would change.
 */
export function journeysOf(cases: Case[]): Case[][] {
  const journeys: Case[][] = []
  for (const one of [...cases].sort((a, b) => a.position - b.position)) {
    const fitting = journeys.find(journey => journey.length < longestJourney && mayFollow(journey, one))
    if (fitting) fitting.push(one)
    else journeys.push([one])
  }
  return journeys
}

function mayFollow(journey: Case[], one: Case): boolean {
  const last = journey.at(-1)
  return (
    last !== undefined &&
    [last, one].every(goesTogether) &&
    last.wrong.kind === one.wrong.kind &&
    one.position - last.position >= distance &&
    journey.every(other => subjectOf(other) === null || subjectOf(other) !== subjectOf(one))
  )
}

/** Steps and requests between two things that go wrong, so that the one is over before the other comes. */
const distance = 30
const longestJourney = 8

function goesTogether({ wrong }: Case): boolean {
  switch (wrong.kind) {
    case 'kill at step':
    case 'database away':
      // Counted over all deliveries, of which a restart doesn't see those that are over.
      return !/^(intake|delivery) /.test(wrong.at)
    case 'kill before answer':
      return wrong.of === 'model' || (wrong.request.nth === 1 && !wrong.request.operation.endsWith('/access_tokens'))
    case 'disturbed':
      return (
        wrong.of === 'model' ||
        typeof wrong.how !== 'object' ||
        'doneButAnswered' in wrong.how ||
        wrong.how.answer.status >= 429
      )
  }
}

/** What is counted, and so must not be met twice. */
const subjectOf = ({ wrong }: Case): string | null => ('request' in wrong ? wrong.request.operation : null)

/** Postgres is stopped and started at each of so many steps: it is one and the same for a step and the next. */
const everySoManySteps = 4

const stepOf = (at: string): string => at.replace(/ \/ \w+$/, '')
const nameOf = ({ operation, nth }: Passed): string => (nth === 1 ? operation : `${operation} (${nth})`)

const json = { 'content-type': 'application/json; charset=utf-8' }
const gitHubAnswer = (status: number, body: object, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { ...json, ...headers },
  body: JSON.stringify({ ...body, documentation_url: 'https://docs.github.com/rest', status: String(status) }),
})

/** Each once; 502 and the hang after GitHub has done what it was asked. */
const gitHubFaults: Record<string, Disturbance> = {
  '403': { answer: gitHubAnswer(403, { message: 'Resource not accessible by integration' }) },
  '404': { answer: gitHubAnswer(404, { message: 'Not Found' }) },
  '409': { answer: gitHubAnswer(409, { message: 'Conflict' }) },
  '422': {
    answer: gitHubAnswer(422, {
      message: 'Validation Failed',
      errors: [{ resource: 'Practice', code: 'custom', message: 'was not processed' }],
    }),
  },
  '429': {
    answer: gitHubAnswer(429, { message: 'You have exceeded a secondary rate limit.' }, { 'retry-after': '1' }),
  },
  '500': { answer: gitHubAnswer(500, { message: 'Server Error' }) },
  '502': { doneButAnswered: { status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad gateway</h1>' } },
  hang: 'no answer',
}

const modelAnswer = (status: number, type: string, message: string): Disturbance => ({
  answer: { status, headers: json, body: JSON.stringify({ type: 'error', error: { type, message } }) },
})

const modelFaults: Record<string, Disturbance> = {
  '429': modelAnswer(429, 'rate_limit_error', 'This request would exceed your rate limit.'),
  '500': modelAnswer(500, 'api_error', 'Internal server error'),
  '529': modelAnswer(529, 'overloaded_error', 'Overloaded'),
  cut: 'cut',
}
