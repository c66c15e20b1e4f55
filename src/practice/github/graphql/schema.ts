/** The slice of GitHub's GraphQL schema that is answered: what REST can't do or tell. Names and types are GitHub's. */
export const SCHEMA = `
scalar DateTime
scalar URI

type Query {
  node(id: ID!): Node
  repository(owner: String!, name: String!): Repository
  viewer: Actor!
}

type Mutation {
  markPullRequestReadyForReview(input: MarkPullRequestReadyForReviewInput!): PullRequestPayload
  convertPullRequestToDraft(input: ConvertPullRequestToDraftInput!): PullRequestPayload
  minimizeComment(input: MinimizeCommentInput!): MinimizePayload
  unminimizeComment(input: UnminimizeCommentInput!): MinimizePayload
  resolveReviewThread(input: ResolveReviewThreadInput!): ThreadPayload
  unresolveReviewThread(input: UnresolveReviewThreadInput!): ThreadPayload
}

input MarkPullRequestReadyForReviewInput { pullRequestId: ID!, clientMutationId: String }
input ConvertPullRequestToDraftInput { pullRequestId: ID!, clientMutationId: String }
input MinimizeCommentInput { subjectId: ID!, classifier: ReportedContentClassifiers!, clientMutationId: String }
input UnminimizeCommentInput { subjectId: ID!, clientMutationId: String }
input ResolveReviewThreadInput { threadId: ID!, clientMutationId: String }
input UnresolveReviewThreadInput { threadId: ID!, clientMutationId: String }

enum ReportedContentClassifiers { SPAM ABUSE OFF_TOPIC OUTDATED DUPLICATE RESOLVED LOW_QUALITY }

type PullRequestPayload { pullRequest: PullRequest, clientMutationId: String }
type MinimizePayload { minimizedComment: Minimizable, clientMutationId: String }
type ThreadPayload { thread: PullRequestReviewThread, clientMutationId: String }

interface Node { id: ID! }
interface Actor { login: String! }
interface Minimizable { isMinimized: Boolean!, minimizedReason: String }

type User implements Node & Actor { id: ID!, login: String!, databaseId: Int }
type Bot implements Node & Actor { id: ID!, login: String!, databaseId: Int }
type Organization implements Node & Actor { id: ID!, login: String!, databaseId: Int }

type Repository implements Node {
  id: ID!
  databaseId: Int
  nameWithOwner: String!
  pullRequest(number: Int!): PullRequest
  issue(number: Int!): Issue
  ref(qualifiedName: String!): Ref
}

type Ref { name: String!, target: GitObject }
type GitObject { oid: String! }

type Issue implements Node {
  id: ID!
  databaseId: Int
  number: Int!
  title: String!
  body: String!
  state: String!
  url: URI!
  comments(first: Int, after: String): IssueCommentConnection!
}

type PullRequest implements Node {
  id: ID!
  databaseId: Int
  number: Int!
  title: String!
  body: String!
  state: String!
  isDraft: Boolean!
  headRefOid: String!
  url: URI!
  comments(first: Int, after: String): IssueCommentConnection!
  reviewThreads(first: Int, after: String): PullRequestReviewThreadConnection!
}

type IssueComment implements Node & Minimizable {
  id: ID!
  databaseId: Int
  body: String!
  url: URI!
  author: Actor
  createdAt: DateTime!
  updatedAt: DateTime!
  lastEditedAt: DateTime
  isMinimized: Boolean!
  minimizedReason: String
}

type PullRequestReview implements Node & Minimizable {
  id: ID!
  databaseId: Int
  body: String!
  state: String!
  author: Actor
  isMinimized: Boolean!
  minimizedReason: String
}

type PullRequestReviewComment implements Node & Minimizable {
  id: ID!
  databaseId: Int
  body: String!
  path: String!
  author: Actor
  createdAt: DateTime!
  lastEditedAt: DateTime
  isMinimized: Boolean!
  minimizedReason: String
}

type PullRequestReviewThread implements Node {
  id: ID!
  isResolved: Boolean!
  resolvedBy: User
  path: String!
  comments(first: Int, after: String): PullRequestReviewCommentConnection!
}

type PageInfo { hasNextPage: Boolean!, endCursor: String }
type IssueCommentConnection { nodes: [IssueComment], totalCount: Int!, pageInfo: PageInfo! }
type PullRequestReviewThreadConnection { nodes: [PullRequestReviewThread], totalCount: Int!, pageInfo: PageInfo! }
type PullRequestReviewCommentConnection { nodes: [PullRequestReviewComment], totalCount: Int!, pageInfo: PageInfo! }
`
