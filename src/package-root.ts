/** The folder of the package: above `src/` when run from source, above `dist/` when compiled. Ends in a slash. */
export const packageRoot = new URL('../', import.meta.url)
