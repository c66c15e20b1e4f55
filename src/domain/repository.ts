/** One repository as one installation of the App sees it. Everything here survives JSON. */
export interface RepositoryRef {
  /** GitHub's numeric id: stays the same when the repository is renamed or moved. */
  id: number
  owner: string
  name: string
  /** The installation whose token reaches it. */
  installationId: number
}

/** `owner/name`, for people and paths. */
export const fullName = (repository: Pick<RepositoryRef, 'owner' | 'name'>): string =>
  `${repository.owner}/${repository.name}`
