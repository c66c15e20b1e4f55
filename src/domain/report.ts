import { z } from 'zod'

/** How a specialist ends: the seed's "Task Completed … / Next specialist needs", as data. */
export const Report = z.strictObject({
  title: z.string().min(1).max(120).describe('What was completed, e.g. "Auth Database Schema"'),
  sections: z
    .array(z.strictObject({ heading: z.string().min(1).max(80), items: z.array(z.string().min(1)).min(1) }))
    .min(1)
    .describe('What was made, by kind: "Models Created", "Endpoints Created", "Security Measures", …'),
  files: z.array(z.string().min(1)).describe('Every file created, changed or deleted'),
  checks: z
    .array(
      z.strictObject({
        command: z.string().min(1).describe('Exactly as it was run'),
        result: z.enum(['passed', 'failed', 'not run']),
      }),
    )
    .describe('Commands run to verify the work, with how they ended'),
  nextSpecialistNeeds: z
    .array(z.string().min(1))
    .describe('What whoever builds on this must know: paths, names, settings'),
  notDone: z
    .array(z.string().min(1))
    .describe('What was asked and is not done, or needs a path outside the allowed ones; [] when all is done'),
})
export type Report = z.infer<typeof Report>
