/** Events of the model's stream that nobody here knows are ignored, counted, and can be asked for (D.1). */
import { afterEach, expect, it } from 'vitest';
import { live, type Live } from './stage.ts';

const open: Live[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

it('are counted by their names, and the answer is whole', async () => {
  const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`;
  const item = { type: 'message', role: 'assistant', id: 'm1', content: [{ type: 'output_text', text: 'hi' }] };
  const raw = [
    event({ type: 'response.created', response: { id: 'r1' } }),
    event({ type: 'response.surprise', one: 1 }),
    event({ type: 'response.surprise', two: 2 }),
    event({ type: 'response.output_item.done', output_index: 0, item }),
    event({ type: 'response.completed', response: { id: 'r1', status: 'completed', output: [item] } }),
  ].join('');
  const on = await live({ turns: [{ items: [], raw }] });
  open.push(on);
  await on.say('go');
  expect(await on.ended()).toMatchObject({ type: 'turn.completed', lastAgentMessage: 'hi' });
  expect(on.session.view().skipped).toEqual({ 'response.surprise': 2 });
});
