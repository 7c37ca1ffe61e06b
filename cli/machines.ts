/** `turnstile machines [NAME]`: draws the machines that run, from the machines that run. */
import { charts } from './charts.ts';
import { EXIT } from './exit-code.ts';
import { UsageError, type Mode } from './mode.ts';
import { mermaid } from '../inspector/mermaid.ts';
import { svg } from '../inspector/svg.ts';

export const run: Mode = async ({ flags: { format = 'mermaid' }, operands: [name] }, { streams }) => {
  const all = await charts();
  const names = all.map(({ outline }) => outline.name);
  const asked = name === undefined ? all : all.filter(({ outline }) => outline.name === name);
  if (asked.length === 0)
    throw new UsageError(`there is no machine ${JSON.stringify(name)}; there are ${names.join(', ')}`);
  const [first] = asked;
  switch (format) {
    case 'json': {
      const told = asked.map(({ outline }) => outline);
      streams.out(`${JSON.stringify(name === undefined ? told : told[0], null, 2)}\n`);
      return EXIT.done;
    }
    case 'svg':
      if (name === undefined || first === undefined)
        throw new UsageError(`one drawing a file: name one of ${names.join(', ')}`);
      streams.out(svg(first.layout));
      return EXIT.done;
    case 'mermaid':
      streams.out(
        asked.map(({ outline }) => (name === undefined ? `%% ${outline.name}\n` : '') + mermaid(outline)).join('\n'),
      );
      return EXIT.done;
  }
};
