/** Everything has a limit. Each is here, with its unit in its name and a word on why it is what it is. */

/** Attempts for one request before the turn fails, the first included; reset whenever an item is completed. */
export const MAX_ATTEMPTS = 6;
/** Wall clock that retries of one request may take together. Milliseconds. */
export const RETRY_BUDGET_MS = 40_000;
/** First pause between attempts; it doubles each time. Milliseconds. */
export const BACKOFF_BASE_MS = 200;
/** Longest pause that a server may ask for and get; a longer one fails the turn with the time in the text. Milliseconds. */
export const BACKOFF_MAX_MS = 30_000;

/** Responses in a row that may break off after a part of them was taken, before the turn fails. */
export const MAX_BROKEN_RESPONSES = 10;

/** Compactions in a row that may fail to get below the threshold before the turn is stopped. */
export const MAX_FUTILE_COMPACTIONS = 2;
/** Identical failing calls in a row before the turn is stopped as a loop. */
export const MAX_SAME_FAILURES = 8;
/** Model requests in one turn. Generous: it is a fuse, not a budget. */
export const MAX_REQUESTS_PER_TURN = 2_000;
/** Calls of one response. */
export const MAX_CALLS_PER_RESPONSE = 64;
/** Messages that wait for a turn. */
export const MAX_QUEUED = 100;

/** Output kept of one command, first and last half. Bytes. */
export const KEPT_OUTPUT_BYTES = 256 * 1024;
/** What the model reads of one command. Bytes. */
export const MODEL_OUTPUT_BYTES = 16 * 1024;
/** Output spilled to a file before it is cut off there too. Bytes. */
export const SPILL_BYTES = 64 * 1024 * 1024;

/** Background terminals of one session that live at once, and as many that ended and were not read. */
export const MAX_TERMINALS = 64;
/** From so many on the model is warned. */
export const MANY_TERMINALS = 60;
/** The terminals used last; they are never ended to make room. */
export const RECENT_TERMINALS = 8;
/** How long a new command is waited for before it is handed over to the session: shortest, default, longest. Milliseconds. */
export const YIELD_MIN_MS = 250;
export const YIELD_MS = 10_000;
export const YIELD_MAX_MS = 30_000;
/** How long an answer to what was written is waited for, at least; and where nothing is written. Milliseconds. */
export const ANSWER_MS = 250;
export const POLL_MIN_MS = 5_000;
export const POLL_MAX_MS = 300_000;
/** Output of one terminal that waits to be read, first and last half. Bytes. */
export const TERMINAL_OUTPUT_BYTES = 1024 * 1024;
/** What the model reads of a terminal at once, unless it wants less. Tokens. */
export const TERMINAL_OUTPUT_TOKENS = 10_000;
/** What one write to a terminal may be. Bytes: what a pipe holds. */
export const TERMINAL_INPUT_BYTES = 64 * 1024;
/** Longest life of a terminal: a forgotten server ends some time. Milliseconds. */
export const TERMINAL_LIFE_MS = 24 * 3_600_000;

/** MCP servers of one session. */
export const MAX_MCP_SERVERS = 32;
/** Tools of one MCP server that are offered; the rest is left out. */
export const MAX_MCP_TOOLS = 128;
/** How long a server may take to answer with its tools, and one call of a tool, unless the configuration says otherwise. Milliseconds. */
export const MCP_STARTUP_MS = 10_000;
export const MCP_TOOL_MS = 60_000;
/** How often a server that was there is started again in a row, and the first pause before; it doubles. Milliseconds. */
export const MAX_MCP_RETRIES = 4;
export const MCP_BACKOFF_MS = 250;
/** So long a server must be there until its losses are forgotten. Milliseconds. */
export const MCP_STEADY_MS = 60_000;
/** The longest message of a server, and what is kept for one that does not read. Bytes. */
export const MCP_MESSAGE_BYTES = 16 * 1024 * 1024;
/** What is offered to the model of the description and of the schema of one tool. Characters. */
export const MCP_DESCRIPTION_CHARS = 4_096;
export const MCP_SCHEMA_CHARS = 32_768;

/** Hooks of one place; and how often the hooks of its end may send one turn on. */
export const MAX_HOOKS = 32;
export const MAX_HOOK_ROUNDS = 5;
/** How long one hook may take unless the configuration says otherwise, and at most. Milliseconds. */
export const HOOK_MS = 60_000;
export const HOOK_MAX_MS = 600_000;
/** What one hook may print, and what is kept of its words for the model. Bytes; characters. */
export const HOOK_OUTPUT_BYTES = 256 * 1024;
export const HOOK_TEXT_CHARS = 16_384;
/** What a hook is told of one text: arguments, an output, a prompt. Characters. */
export const HOOK_INPUT_CHARS = 512 * 1024;

/** Time a command may take unless it says otherwise. Milliseconds. */
export const COMMAND_TIMEOUT_MS = 120_000;
/** Longest time a command may ask for. Milliseconds. */
export const COMMAND_TIMEOUT_MAX_MS = 3_600_000;

/** Transitions in one macrostep: a chart that needs more is in a loop. */
export const MAX_MICROSTEPS = 1_000;
