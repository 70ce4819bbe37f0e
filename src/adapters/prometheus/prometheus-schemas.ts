import { z } from 'zod';

const warnings = z.array(z.string()).nullish();
const labels = z.record(z.string(), z.string());

/** Answer of a range query. A sample is `[seconds, "number"]`; NaN and Inf are words. */
export const rangeAnswerSchema = z.object({
  status: z.string(),
  warnings,
  error: z.string().nullish(),
  data: z
    .object({
      resultType: z.string(),
      result: z.array(z.object({ metric: labels, values: z.array(z.tuple([z.number(), z.string()])) })),
    })
    .nullish(),
});
export type RangeAnswer = z.infer<typeof rangeAnswerSchema>;

/** Answer of an instant query. */
export const instantAnswerSchema = z.object({
  status: z.string(),
  warnings,
  error: z.string().nullish(),
  data: z.object({ result: z.array(z.object({ metric: labels, value: z.tuple([z.number(), z.string()]) })) }).nullish(),
});
