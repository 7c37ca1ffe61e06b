/** `apply_patch`: changes files. All hunks fit, or nothing is written. */
import * as z from 'zod/mini';
import { BEGIN } from '../patch/patch.ts';
import { badArguments } from './answers.ts';
import { readArguments } from './arguments.ts';
import { patchIntent } from './patch-intent.ts';
import type { Tool } from './tool.ts';

export const Arguments = z.object({ input: z.string() });

/** Words under which models send the patch when they forget ours; or the patch alone, without JSON. */
const Lenient = z.union([
  z.string(),
  Arguments,
  z.pipe(
    z.object({ patch: z.string() }),
    z.transform(({ patch }) => ({ input: patch })),
  ),
]);

const DESCRIPTION = `Changes files: creates, edits, renames and deletes them. Either the whole patch fits, or nothing is changed and the answer says which lines were not found.

*** Begin Patch
*** Add File: path/new.txt
+every line of the new file
*** Update File: path/old.py
*** Move to: path/renamed.py
@@ def outer():
 a line that stays
-a line that goes
+a line that comes
*** Delete File: path/gone.txt
*** End Patch

Paths are relative to the working folder. In an update every line starts with a space (stays), - (goes) or + (comes). Give about three lines around each change, copied exactly. Where they occur more than once in the file, put "@@ " and an earlier line of the file (a class, a function) above; several such lines lead further in. "*** End of File" after a chunk says that its old lines are the last of the file. "*** Move to" and "@@" are optional.`;

export const applyPatch: Tool = {
  spec: {
    name: 'apply_patch',
    description: DESCRIPTION,
    parameters: {
      type: 'object',
      properties: { input: { type: 'string', description: 'The whole patch, from Begin Patch to End Patch.' } },
      required: ['input'],
      additionalProperties: false,
    },
  },
  aliases: ['applypatch'],
  isParallel: false,
  isPatch: true,

  intend: (args, workplace) => {
    if (args.trimStart().startsWith(BEGIN)) return patchIntent(args, workplace.cwd, workplace);
    const read = readArguments(Lenient, args);
    if (read.kind === 'unfit')
      return badArguments('apply_patch', args, `send {"input": "${BEGIN}\\n…"}, a JSON object with the patch as text.`);
    const patch = typeof read.value === 'string' ? read.value : read.value.input;
    return patchIntent(patch, workplace.cwd, workplace);
  },
};
