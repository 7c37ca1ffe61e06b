/**
 * The page as one text: style and script inside it, each allowed by its hash, nothing allowed besides. A story may be put
 * in, packed; then the page may not connect anywhere, and says so to the browser itself.
 */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Story } from './story.ts';

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const CONNECT = "connect-src 'self'";
const EMPTY_STORY = '<script type="application/octet-stream" id="story"></script>';

const policy = (script: string, style: string): string =>
  [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    ...[CONNECT, "base-uri 'none'", "form-action 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'"],
  ].join('; ');

export const pageOf = (script: string, style: string): string => {
  // Inside a script element nothing may look like its end.
  const safe = script.replaceAll('</script', '<\\/script');
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy(safe, style)}">`,
    '<meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width">',
    `<title>Turnstile inspector</title><style>${style}</style></head><body>`,
    '<noscript>This is a recorded session of Turnstile. It is drawn by a script that this file contains; nothing is loaded from elsewhere.</noscript>',
    `<div id="root"></div>${EMPTY_STORY}<script>${safe}</script></body></html>`,
  ].join('\n');
};

/** What a server says in its header; a page cannot forbid its own framing. */
export const headerPolicy = (page: string): string =>
  `${/http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? "default-src 'none'"}; frame-ancestors 'none'`;

/** A page that needs nobody: the story is inside, and no connection is allowed. */
export const withStory = (page: string, story: Story): string => {
  const packed = gzipSync(JSON.stringify(story), { level: 9 }).toString('base64');
  return page
    .replace(CONNECT, "connect-src 'none'")
    .replace(EMPTY_STORY, () => EMPTY_STORY.replace('></', () => `>${packed}</`));
};
