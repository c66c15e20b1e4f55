import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** Runs `manage.py` of a Django project, and returns what it printed. */
export function manage(
  project: string,
  command: string,
  { database = ':memory:', flags = [] }: { database?: string; flags?: string[] } = {},
): string {
  return runPython([join(project, 'manage.py'), command, ...flags], { DJANGO_DATABASE: database })
}

/** Runs Debian's Python and returns what it printed, stdout and stderr as they came. Throws that, when it fails. */
export function runPython(argv: string[], env: Record<string, string> = {}): string {
  const { status, stdout } = spawnSync('/bin/sh', ['-c', 'exec /usr/bin/python3 "$@" 2>&1', 'python3', ...argv], {
    env: { PATH: '/usr/bin:/bin', PYTHONDONTWRITEBYTECODE: '1', ...env },
    encoding: 'utf8',
    timeout: 150_000,
  })
  if (status !== 0) throw new Error(`python3 ${argv.join(' ')} ended with ${status ?? 'a signal'}:\n${stdout}`)
  return stdout
}

/** Whether Debian's Python has what the project needs; where it hasn't, that is said aloud. */
export const canRunDjango = (): boolean =>
  canImport(
    'django, rest_framework, rest_framework_simplejwt, argon2',
    "whether the example's Django project works. On Debian, install python3-django, python3-djangorestframework, python3-djangorestframework-simplejwt and python3-argon2.",
  )

/** Whether there is a Python with its standard library; where there isn't, that is said aloud. */
export const canRunPython = (): boolean =>
  canImport('sqlite3, unittest', "whether the example's Python project works. On Debian, install python3.")

function canImport(modules: string, untested: string): boolean {
  try {
    runPython(['-c', `import ${modules}`])
    return true
  } catch (error) {
    console.warn(`NOT TESTED: ${untested}\n${String(error)}`)
    return false
  }
}
