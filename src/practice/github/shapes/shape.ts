/** A JSON answer in GitHub's form. Its fields are held against GitHub's description at run time, not by the compiler. */
export type Shape = Record<string, unknown>
