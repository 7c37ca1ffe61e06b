/** `view_image`: the model looks at a picture. The answer names the file; the provider reads it when the request is built. */
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod/mini';
import { reasonOf } from '../patch/disk.ts';
import { badArguments, failure, toolView } from './answers.ts';
import { readArguments } from './arguments.ts';
import type { Tool } from './tool.ts';

/** Larger pictures are refused by the services too. Bytes. */
export const MAX_IMAGE_BYTES = 20 * 1024 * 1024;

export const Arguments = z.object({ path: z.string() });

const MAGIC: readonly RegExp[] = [/^\x89PNG/, /^\xff\xd8\xff/, /^GIF8/, /^RIFF[^]{4}WEBP/];

/** As far as it exists: the rest may exist for a command. */
const realOf = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return dirname(path) === path ? path : join(realOf(dirname(path)), path.slice(path.lastIndexOf('/') + 1));
  }
};

/** Null: it is a picture that can be sent. */
const faultOf = (path: string): string | null => {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(fd);
      if (!stat.isFile()) return 'it is not a file';
      if (stat.size > MAX_IMAGE_BYTES) return `it is larger than ${MAX_IMAGE_BYTES} bytes`;
      const head = Buffer.alloc(12);
      readSync(fd, head, 0, head.length, 0);
      const isKnown = MAGIC.some((magic) => magic.test(head.toString('latin1')));
      return isKnown ? null : 'it is not a PNG, JPEG, GIF or WebP picture';
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return reasonOf(error);
  }
};

export const viewImage: Tool = {
  spec: {
    name: 'view_image',
    description: 'Shows you a picture from the disk (PNG, JPEG, GIF, WebP).',
    parameters: {
      type: 'object',
      properties: { path: { type: 'string', description: 'Path of the file, relative to the working folder.' } },
      required: ['path'],
      additionalProperties: false,
    },
  },
  aliases: [],
  isParallel: true,

  intend: (args, { cwd, sight }) => {
    const view = toolView('view_image', args);
    const read = readArguments(Arguments, args);
    if (read.kind === 'unfit') return badArguments('view_image', args, read.mend);
    const named = resolve(cwd, read.value.path);
    const path = sight(realOf(named));
    const fault = path === null ? 'the sandbox hides it from you' : faultOf(path);
    if (fault !== null) return failure(view, `Cannot show the picture ${named}: ${fault}.`);
    return { kind: 'answer', output: `[image: ${path}]`, succeeded: true, view };
  },
};
