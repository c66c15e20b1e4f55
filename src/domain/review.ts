import { z } from 'zod'

export const Severity = z.enum(['critical', 'major', 'minor'])
export type Severity = z.infer<typeof Severity>

const grade = z.string().min(1).max(40)

/** How the reviewer ends: the seed's report, as data. Lines count from 1 in the new version of the file. */
export const Review = z.strictObject({
  assessment: z.enum(['Excellent', 'Good', 'Needs Work', 'Major Issues']),
  securityScore: grade.describe('A to F, with + or -'),
  maintainability: grade.describe('A to F, with + or -'),
  testCoverage: z.string().min(1).max(160).describe('In words, e.g. "all endpoints", "none for logout"'),
  findings: z.array(
    z.strictObject({
      severity: Severity,
      title: z.string().min(1).max(120),
      detail: z.string().min(1).describe('What is wrong, what follows from it, what to do'),
      path: z.string().nullable().describe('File it is about; null when it is about the whole'),
      startLine: z.int().min(1).nullable().describe('First line, when it spans several; else null'),
      line: z.int().min(1).nullable().describe('Line in the new version; null when about the whole file'),
      suggestion: z.string().nullable().describe('Exact new text for those lines, or null'),
      checklistItem: z
        .int()
        .min(1)
        .nullable()
        .optional()
        .describe('Number of the checklist item that settles it, from 1; null when none does'),
    }),
  ),
  highlights: z.array(z.string().min(1)),
  checklist: z.array(z.string().min(1)).describe('What to do about it, one action a line'),
})
export type Review = z.infer<typeof Review>
export type Finding = Review['findings'][number]
