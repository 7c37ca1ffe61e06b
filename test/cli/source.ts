/** The program from its sources: the launcher prefers a build where there is one, and that may be an old one. */
import { main } from '../../cli/main.ts';

await main();
