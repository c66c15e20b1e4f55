/** A file of the whole work, as git says it over all of its commits. */
export interface ChangedFile {
  path: string
  status: 'added' | 'modified' | 'deleted'
  /** Lines, summed over the commits. */
  added: number
  deleted: number
  /** Numbers of the tasks that touched it. */
  tasks: number[]
}

/**
 * What several tasks' commits, in their order, come to by file, sorted by path. A file that one task adds and another
 * changes was added; one that is added and deleted again is left out.
 */
export function changedFiles(
  delivered: readonly {
    task: { number: number }
    commit: { files: readonly Omit<ChangedFile, 'tasks'>[] } | null
  }[],
): ChangedFile[] {
  const all = new Map<string, ChangedFile>()
  for (const { task, commit } of delivered) {
    for (const file of commit?.files ?? []) {
      const before = all.get(file.path)
      all.delete(file.path)
      if (before?.status === 'added' && file.status === 'deleted') continue
      all.set(file.path, {
        path: file.path,
        status: statusAfter(before?.status, file.status),
        added: (before?.added ?? 0) + file.added,
        deleted: (before?.deleted ?? 0) + file.deleted,
        tasks: [...(before?.tasks ?? []), task.number],
      })
    }
  }
  return [...all.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}

function statusAfter(before: ChangedFile['status'] | undefined, now: ChangedFile['status']): ChangedFile['status'] {
  if (before === 'added') return 'added'
  return before === 'deleted' && now === 'added' ? 'modified' : now
}
