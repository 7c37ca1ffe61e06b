/**
 * The program from its sources: the launcher prefers a build where there is one, and that may be an old one. What was
 * compiled for one test is there for the next: the tests start it some hundred times.
 */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/turnstile'));
const { main } = await import('../../cli/main.ts');
await main();
