/** What is kept of a run for other runs of its repository, longer than the run's own records. Survives JSON. */
export interface RunRecord {
  /** The run's id. */
  id: string
  /** GitHub's number for the repository. */
  repository: number
  /** `title` as models may see it. */
  issue: { number: number; title: string }
  /** It has asked something, and takes a comment for the answer. */
  asking: boolean
}
