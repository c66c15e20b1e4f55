/** A refusal in GraphQL's form: HTTP 200 with an entry among the `errors`. */
export class GraphqlRefused extends Error {
  override readonly name = 'GraphqlRefused'
  readonly type: string
  constructor(type: string, message: string) {
    super(message)
    this.type = type
  }
}
