/** What goes back over HTTP. `body` is sent as JSON; a Buffer or string as it is; undefined not at all. */
export interface Answer {
  status: number
  body?: unknown
  headers?: Record<string, string>
}

export const ok = (body: unknown): Answer => ({ status: 200, body })
export const created = (body: unknown): Answer => ({ status: 201, body })
/** Text or bytes in one of GitHub's media types: `raw`, `diff`, `sha`. */
export const media = (kind: 'raw' | 'diff' | 'sha', body: Buffer | string): Answer => ({
  status: 200,
  body,
  headers: { 'content-type': `application/vnd.github.${kind}; charset=utf-8` },
})
export const noContent: Answer = { status: 204 }

/** An answer in GitHub's form that ends a request, thrown from wherever it becomes clear. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly answer: Answer
  constructor(status: number, message: string, more: { errors?: unknown[]; headers?: Record<string, string> } = {}) {
    super(message)
    const errors = more.errors === undefined ? {} : { errors: more.errors }
    this.answer = {
      status,
      body: { message, ...errors, documentation_url: 'https://docs.github.com/rest', status: String(status) },
      ...(more.headers === undefined ? {} : { headers: more.headers }),
    }
  }
}

export const notFound = (): Refused => new Refused(404, 'Not Found')
export const badCredentials = (): Refused => new Refused(401, 'Bad credentials')
export const notForIntegrations = (): Refused => new Refused(403, 'Resource not accessible by integration')
export const archived = (): Refused => new Refused(403, 'Repository was archived so is read-only.')
export const emptyRepository = (): Refused => new Refused(409, 'Git Repository is empty.')

/** 422 about fields of a resource. */
export const validationFailed = (...errors: FieldError[]): Refused => new Refused(422, 'Validation Failed', { errors })

export interface FieldError {
  resource: string
  code: 'missing' | 'missing_field' | 'invalid' | 'already_exists' | 'unprocessable' | 'custom'
  field?: string
  message?: string
  value?: string
}

/** 422 in a sentence, as the Git Data API answers. */
export const unprocessable = (message: string, errors?: string[]): Refused =>
  new Refused(422, message, errors === undefined ? {} : { errors })
