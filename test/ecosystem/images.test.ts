/** `--image` through the program to the server, on each wire. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newPlace } from '../cli/program.ts';
import { startModelServer, type ModelServer } from '../model-server/server.ts';
import { newPlace as newPicture, PNG } from './codex.ts';

let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer({ turns: [{ items: [{ type: 'text', text: 'a pixel' }] }] });
});
afterAll(() => server.close());

const base64 = PNG.toString('base64');
const url = `data:image/png;base64,${base64}`;
const ON_WIRE = {
  responses: { type: 'input_image', image_url: url },
  chat: { type: 'image_url', image_url: { url } },
  anthropic: { type: 'image', source: { type: 'base64', media_type: 'image/png', data: base64 } },
} as const;

describe('exec --image', () => {
  it.each(Object.entries(ON_WIRE))('%s: the bytes arrive beside the words', async (wire, part) => {
    const { image } = newPicture();
    const provider = `model_providers.mine={base_url="${server.url}", wire_api="${wire}"}`;
    const asked = server.requests.length;
    const args = ['-c', provider, '-c', 'model_provider=mine', '-m', 'some-model', '-i', `${image},${image}`];
    const { code, out } = await newPlace().run(['exec', ...args, 'what is on it?']);
    expect({ code, out }).toEqual({ code: 0, out: 'a pixel\n' });
    const text = server.requests[asked]?.text ?? '';
    expect(text.split(JSON.stringify(part))).toHaveLength(3);
    expect(text).toContain('what is on it?');
  });

  it('a file that is not there is a usage error, before anybody is asked', async () => {
    const asked = server.requests.length;
    const { code, err } = await newPlace().run(['exec', '-i', 'nowhere.png', 'look']);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('there is no file') });
    expect(server.requests).toHaveLength(asked);
  });
});
