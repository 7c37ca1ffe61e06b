/** `update_plan`: the model shows what it means to do. Nothing is started; the turn keeps the newest list. */
import * as z from 'zod/mini';
import { PlanStep } from '../../machines/protocol/index.ts';
import { badArguments, toolView } from './answers.ts';
import { readArguments } from './arguments.ts';
import type { Tool } from './tool.ts';

export const Arguments = z.object({
  explanation: z.optional(z.string()),
  plan: z.array(PlanStep),
});

const Lenient = z.extend(Arguments, { explanation: z.optional(z.nullable(z.string())) });

export const updatePlan: Tool = {
  spec: {
    name: 'update_plan',
    description:
      'Shows the user a list of steps, and how far each is. Send the whole list each time; at most one step is in progress.',
    parameters: {
      type: 'object',
      properties: {
        explanation: { type: 'string', description: 'Why the plan changed, if it did.' },
        plan: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              step: { type: 'string', description: 'A few words.' },
              status: { type: 'string', enum: ['pending', 'in_progress', 'completed'] },
            },
            required: ['step', 'status'],
            additionalProperties: false,
          },
        },
      },
      required: ['plan'],
      additionalProperties: false,
    },
  },
  aliases: [],
  isParallel: false,

  intend: (args) => {
    const read = readArguments(Lenient, args);
    if (read.kind === 'unfit') return badArguments('update_plan', args, read.mend);
    const { explanation, plan } = read.value;
    return {
      kind: 'answer',
      output: 'Plan updated',
      succeeded: true,
      view: toolView('update_plan', args),
      plan: { ...(explanation ? { explanation } : {}), steps: plan },
    };
  },
};
