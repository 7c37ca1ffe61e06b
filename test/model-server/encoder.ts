/** The contract of a wire of the model server: what happens → the bytes that say so. */
import type { Usage } from './scenario.ts';

/** One per request: it counts its items. */
export interface Encoder {
  begin(usage: Usage): string;
  textBegin(): string;
  textDelta(text: string): string;
  textEnd(whole: string): string;
  reasoning(text: string): string;
  call(id: string, name: string, args: string): string;
  end(usage: Usage): string;
  /** The wire's own failure inside of a stream. */
  fail(code: string, message: string): string;
  /** The wire's own way to refuse with a status, where it has no failure inside of a stream for this code. */
  refuse(code: string, message: string): { readonly status: number; readonly body: unknown } | null;
}

export interface ServedWire {
  readonly path: RegExp;
  encoder(n: number, model: string): Encoder;
  toolNames(body: Readonly<Record<string, unknown>>): readonly string[];
}

export const frame = (type: string, rest: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;

export const namesIn = (
  tools: unknown,
  nameOf: (tool: { name?: string; function?: { name?: string } }) => string | undefined,
) => (Array.isArray(tools) ? tools.map(nameOf).filter((name) => name !== undefined) : []);
