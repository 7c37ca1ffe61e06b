/** `turnstile export ID|FILE -o FILE.html`: one self-contained page of a session, after a second look for secrets. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createRedactor } from '../actors/journal/secrets.ts';
import { inspectorPage } from '../inspector/charts.ts';
import { withStory } from '../inspector/page-template.ts';
import { redacted, reportOf } from '../inspector/redact.ts';
import { homeOf } from './config.ts';
import { EXIT } from './exit-code.ts';
import { inspectable } from './import-stately.ts';
import { UsageError, type Mode } from './mode.ts';
import { oneLine } from './render/strip.ts';
import { storyIn } from './story.ts';

export const run: Mode = async ({ flags, operands: [word] }, { env, cwd, streams }) => {
  if (word === undefined) throw new UsageError('export needs the id of a session, or a file');
  if (flags.lastMessage === undefined && !flags.report) throw new UsageError('export needs -o FILE.html');
  const home = homeOf(env, cwd);
  const { story, notices } = await storyIn(home, inspectable(home, cwd, word));
  for (const notice of notices) streams.err(`${oneLine(notice)}\n`);

  const redactor = createRedactor({ env, salt: story.title });
  const redaction = redacted(story, redactor.clean);
  for (const line of reportOf(redaction)) streams.err(`${oneLine(line)}\n`);
  if (flags.report) return EXIT.done;
  const file = resolve(cwd, flags.lastMessage ?? '');
  try {
    writeFileSync(file, withStory(await inspectorPage(), redaction.story), { mode: 0o600 });
  } catch (error) {
    throw new UsageError(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
  streams.out(`${file}\n`);
  return EXIT.done;
};
