/** A moment as GitHub writes it: UTC, in whole seconds. */
export const isoSeconds = (milliseconds: number): string => new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z')
