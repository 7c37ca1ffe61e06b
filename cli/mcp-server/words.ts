/** What the protocol's side and the runtime's side say to each other. Neither sees the other's libraries. */

export interface ToolSpec {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** JSON Schemas of objects. */
  readonly inputSchema: ObjectSchema;
  readonly outputSchema: ObjectSchema;
}
export interface ObjectSchema {
  readonly [key: string]: unknown;
  readonly type: 'object';
}

/** A question to the person on the client's side. */
export interface Asking {
  readonly message: string;
  readonly choices: readonly { readonly value: string; readonly label: string }[];
}

export interface Caller {
  /** Aborted when the client cancels the call, or is gone. */
  readonly signal: AbortSignal;
  /** A line of progress; dropped where the client did not ask for any, or does not read. */
  readonly tell: (line: string) => void;
  /** The value that was chosen; null: none was. The function is null where the client cannot ask its person. */
  readonly ask: ((asking: Asking, signal: AbortSignal) => Promise<string | null>) | null;
}

export interface Answer {
  readonly text: readonly string[];
  /** What the output schema describes; absent where nothing was begun. */
  readonly structured?: Readonly<Record<string, unknown>>;
  readonly isError: boolean;
}

export interface WirePorts {
  readonly version: string;
  readonly instructions: string;
  readonly tools: readonly ToolSpec[];
  readonly call: (tool: string, args: unknown, caller: Caller) => Promise<Answer>;
  /** Resolves when there is room for more. */
  readonly write: (line: string) => Promise<void>;
  /** Something that is nobody's answer. */
  readonly warn: (words: string) => void;
}
export interface Wire {
  /** One line of the client, without its end. */
  readonly hear: (line: string) => void;
  /** The client sent what cannot be read to its end; it is told so. */
  readonly refuse: (words: string) => Promise<void>;
  /** Nothing is sent any more, and whoever is being answered hears that the client is gone. */
  readonly close: () => Promise<void>;
}
