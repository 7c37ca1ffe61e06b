/** Images that the words name: `@shot.png`, or the path of a file that was dragged into the terminal. And the one that was copied. */
import { spawn } from 'node:child_process';
import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

const IMAGE = /\.(png|jpe?g|gif|webp)$/i;
/** Of one message. */
const MAX_IMAGES = 16;
const MAX_BYTES = 20 * 1024 * 1024;
const PATIENCE_MS = 3_000;

const isImage = (path: string): boolean =>
  IMAGE.test(path) && statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** `@path` in the words, and whole words that are an absolute path, also quoted or with its spaces escaped as terminals do. */
export const imagesIn = (text: string, cwd: string): readonly string[] => {
  const words = text.match(/'[^']+'|"[^"]+"|(?:\\.|\S)+/g) ?? [];
  const paths = words
    .map((word) => ({ isNamed: word.startsWith('@'), path: word.replace(/^@/, '').replace(/^(['"])(.*)\1$/, '$2') }))
    .map(({ isNamed, path }) => ({ isNamed, path: path.replace(/\\(.)/g, '$1') }))
    .filter(({ isNamed, path }) => isNamed || isAbsolute(path))
    .map(({ path }) => resolve(cwd, path));
  return [...new Set(paths)].filter(isImage).slice(0, MAX_IMAGES);
};

const WAYS: readonly (readonly [string, ...string[]])[] = [
  ['wl-paste', '--no-newline', '--type', 'image/png'],
  ['xclip', '-selection', 'clipboard', '-target', 'image/png', '-out'],
  ['pngpaste', '-'],
];

const output = ([file, ...args]: readonly [string, ...string[]], env: NodeJS.ProcessEnv): Promise<Buffer | null> =>
  new Promise((done) => {
    const chunks: Buffer[] = [];
    const size = { bytes: 0 };
    const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'ignore'], timeout: PATIENCE_MS });
    child.stdout.on('data', (chunk: Buffer) => {
      size.bytes += chunk.length;
      if (size.bytes > MAX_BYTES) child.kill('SIGKILL');
      else chunks.push(chunk);
    });
    child.on('error', () => done(null));
    child.on('close', (code) => done(code === 0 && size.bytes > 0 ? Buffer.concat(chunks) : null));
  });

/** The image that was copied, as a file; null: there is none, or no program that hands it out. */
export const pastedImage = async (env: NodeJS.ProcessEnv): Promise<string | null> => {
  for (const way of WAYS) {
    const image = await output(way, env);
    if (image === null) continue;
    const file = join(mkdtempSync(join(tmpdir(), 'turnstile-image-')), 'pasted.png');
    writeFileSync(file, image, { mode: 0o600 });
    return file;
  }
  return null;
};
