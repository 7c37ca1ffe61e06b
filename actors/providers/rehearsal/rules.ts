/** The rules of the embedded model, most special first. Each reads the scene and says what comes next. */
import { backgroundCall, patchCall, planCall, shellCall, talkCall } from './calls.ts';
import { addFile, changeFile, contentOf, outputOf } from './patches.ts';
import type { ScriptItem } from './script.ts';
import type { Result, Rule, Scene } from './understand.ts';
import { CLOCK, HONEST, PLAN, POEM, STORY } from './words.ts';

/** Pause between words where somebody shall watch, and may interrupt. Milliseconds. */
const STORY_GAP_MS = 15;
const THOUGHT_GAP_MS = 5;

const text = (words: string): readonly ScriptItem[] => [{ type: 'text', text: words }];
const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
/** Quotation marks and a full stop around what the user named are the sentence's, not the name's. */
const bare = (said: string | undefined) =>
  (said ?? '')
    .trim()
    .replace(/^(["'`])([\s\S]*)\1[.!]?$/, '$2')
    .replace(/(?<=\w)[.!?]$/, '');

const last = (results: readonly Result[]): Result | undefined => results.at(-1);

/** The words of kernels and sandboxes for "you may not". */
const DENIED =
  /read-only file ?system|permission denied|operation not permitted|network is unreachable|could not resolve|sandbox/i;
const isEscalated = ({ args }: Result) => args.includes('"with_escalated_permissions":true');

const quoted = (output: string) => {
  const shown = outputOf(output).trim();
  return shown === '' ? 'It printed nothing.' : `\n\n${shown.split('\n').slice(-12).join('\n')}`;
};

const call = (wanted: { name: string; args: Readonly<Record<string, unknown>> } | null, what: string) =>
  wanted === null ? text(`I would need ${what}, but none is offered to me.`) : [{ type: 'call' as const, ...wanted }];

/** Runs a command; if the sandbox said no, asks for more, once; then tells how it went. */
const runs = (
  { results, request }: Scene,
  command: string,
  justification: string,
  tell: (result: Result) => string = (result) =>
    `${result.status === 'completed' ? `\`${command}\` is done.` : `\`${command}\` ended with status ${result.status}.`} ${quoted(result.output)}`,
  skipped = 0,
): readonly ScriptItem[] => {
  const mine = results.slice(skipped);
  const result = last(mine);
  if (result === undefined) return call(shellCall(request.tools, command), 'a shell');
  if (result.status === 'declined') return text(`The answer was no, so I left it: \`${command}\` was not run.`);
  if (result.status === 'failed' && DENIED.test(result.output) && !mine.some(isEscalated))
    return [
      ...text('The sandbox did not let me. I ask to run it outside.'),
      ...call(shellCall(request.tools, command, { justification }), 'a shell'),
    ];
  return text(tell(result));
};

const patches = ({ results, request }: Scene, patch: string, done: string, skipped = 0): readonly ScriptItem[] => {
  const result = last(results.slice(skipped));
  if (result === undefined) return call(patchCall(request.tools, patch), 'a patch tool');
  if (result.status === 'completed') return text(done);
  if (result.status === 'declined') return text('The answer was no, so nothing was changed.');
  return text(`The patch was not applied (${result.status}). ${quoted(result.output)}`);
};

/** What tells how tests are run here, and how. */
const TEST_RUNNERS = [
  ['package.json', 'npm test'],
  ['Makefile', 'make test'],
  ['Cargo.toml', 'cargo test'],
  ['pyproject.toml', 'python3 -m pytest'],
  ['go.mod', 'go test ./...'],
] as const;
const LOOK = `for f in ${TEST_RUNNERS.map(([file]) => file).join(' ')}; do if [ -e "$f" ]; then echo "$f"; fi; done`;

const runTests: Rule['answer'] = (scene) => {
  const [found] = scene.results;
  if (found === undefined)
    return [...text('I look at how tests are run here.'), ...call(shellCall(scene.request.tools, LOOK), 'a shell')];
  const lines = outputOf(found.output)
    .split('\n')
    .map((line) => line.trim());
  const runner = TEST_RUNNERS.find(([file]) => lines.includes(file));
  if (runner === undefined)
    return text(
      `I found none of ${TEST_RUNNERS.map(([file]) => file).join(', ')} here, so I do not know how to run tests.`,
    );
  return runs(
    scene,
    runner[1],
    `Run the tests (${runner[1]}).`,
    ({ status, output }) =>
      `${status === 'completed' ? 'The tests pass' : 'The tests fail'} (${runner[1]}). ${quoted(output)}`,
    1,
  );
};

const makePlan: Rule['answer'] = ({ results, request }) => {
  const done = results.length;
  if (done > PLAN.length) return text('The plan is done.');
  const steps = PLAN.map((step, i) => [step, i < done ? 'completed' : i === done ? 'in_progress' : 'pending'] as const);
  return call(planCall(request.tools, steps), 'a plan tool');
};

const replace: Rule['answer'] = (scene, { from, to, file }) => {
  const [found] = scene.results;
  const path = bare(file);
  if (found === undefined) return call(shellCall(scene.request.tools, `cat -- ${quote(path)}`), 'a shell');
  if (found.status !== 'completed') return text(`I could not read ${path}. ${quoted(found.output)}`);
  const patch = changeFile(path, outputOf(found.output), bare(from), bare(to));
  if (patch === null) return text(`"${bare(from)}" does not occur in ${path}.`);
  return patches(scene, patch, `Replaced "${bare(from)}" with "${bare(to)}" in ${path}.`, 1);
};

const create: Rule['answer'] = (scene, { file, content }) => {
  const path = bare(file);
  return patches(scene, addFile(path, contentOf(content, POEM)), `Created ${path}.`);
};

const append: Rule['answer'] = (scene, { line, file }) => {
  const path = bare(file);
  const words = /^(a|one) line$/i.test(bare(line)) ? '# rehearsed by turnstile' : bare(line);
  return runs(
    scene,
    `printf '%s\\n' ${quote(words)} >> ${quote(path)}`,
    `Append one line to ${path}, as you asked.`,
    ({ status, output }) =>
      status === 'completed' ? `Appended "${words}" to ${path}.` : `I could not append to ${path}. ${quoted(output)}`,
  );
};

const startInBackground: Rule['answer'] = ({ results, request }, { command }) => {
  const named = bare(command);
  const isAnyServer = /^((the|a|my) )?(dev )?server$/i.test(named);
  const result = last(results);
  if (result === undefined)
    return [
      ...(isAnyServer ? text('I know of no server here, so I start a clock.') : []),
      ...call(backgroundCall(request.tools, isAnyServer ? CLOCK : named), 'a way to leave a command running'),
    ];
  const session = /session ID (\d+)/.exec(result.output)?.[1];
  if (session === undefined) return text(`It does not run any more (${result.status}). ${quoted(result.output)}`);
  return text(
    `It goes on in the background as session ${session}. \`read session ${session}\` shows what it says; /ps lists it, /stop ends it.`,
  );
};

const talk: Rule['answer'] = ({ results, request }, { session = '', words }) => {
  const result = last(results);
  if (result !== undefined) return text(`It says: ${quoted(result.output)}`);
  const chars = words === undefined ? '' : `${bare(words)}\n`;
  return call(talkCall(request.tools, session, chars), 'a way to talk to it');
};

const fail: Rule['answer'] = (_, { code }) =>
  /^[3-5]\d\d$/.test(code ?? '')
    ? [{ type: 'http', status: Number(code) }]
    : [{ type: 'fail', code: code ?? 'server_error', message: 'As you asked.' }];

const look = (scene: Scene, command: string) =>
  runs(scene, command, `Read what you named (${command}).`, ({ status, output }) =>
    status === 'completed' ? `Here it is: ${quoted(output)}` : `That did not work. ${quoted(output)}`,
  );

export const RULES: readonly Rule[] = [
  { pattern: /^(please )?(run|execute) (all )?(the |my )?(unit )?tests?[.!]?$/i, answer: runTests },
  { pattern: /^(please )?test( (it|this|the project))?[.!]?$/i, answer: runTests },
  {
    pattern: /^(please )?(run|start|execute) (?<command>[\s\S]+?) in (the )?background[.!]?$/i,
    answer: startInBackground,
  },
  { pattern: /^(please )?(read|look at) session (?<session>\d+)[.!]?$/i, answer: talk },
  { pattern: /^(please )?(type|write) (?<words>[\s\S]+) (in)?to session (?<session>\d+)[.!]?$/i, answer: talk },
  {
    pattern: /^(please )?((run|execute)\s+|!\s*)(?<command>[\s\S]+)$/i,
    answer: (scene, { command }) =>
      runs(scene, bare(command), `Run it outside of the sandbox, as you asked: ${bare(command)}`),
  },
  { pattern: /^(please )?(list|show) (the |all )?files.*$/i, answer: (scene) => look(scene, 'ls -la') },
  {
    pattern: /^(please )?(read|show|cat|open|print) (me )?(the )?(file )?(?<file>\S+)$/i,
    answer: (scene, { file }) => look(scene, `cat -- ${quote(bare(file))}`),
  },
  {
    pattern:
      /^(please )?(create|write|make) (a )?(new )?(file )?(called |named )?(?<file>[\w./~-]*[./]\S*)( (with|containing|saying) (?<content>[\s\S]+))?$/i,
    answer: create,
  },
  {
    pattern: /^(please )?(replace|change) (?<from>.+?) (with|to|by) (?<to>.+?) in (?<file>\S+)$/i,
    answer: replace,
  },
  { pattern: /^(please )?(append|add|write) (?<line>.+?) to (the )?(file )?(?<file>\S+)$/i, answer: append },
  {
    pattern: /^(please )?(delete|remove) (the )?(file )?(?<file>\S+)$/i,
    answer: (scene, { file }) =>
      runs(scene, `rm -- ${quote(bare(file))}`, `Delete ${bare(file)}, as you asked.`, ({ status, output }) =>
        status === 'completed' ? `Deleted ${bare(file)}.` : `I could not delete ${bare(file)}. ${quoted(output)}`,
      ),
  },
  { pattern: /\bplan\b/i, answer: makePlan },
  {
    pattern: /^(please )?(wait|sleep)( for)? (?<seconds>\d+).*$/i,
    answer: (scene, { seconds }) => runs(scene, `sleep ${seconds}`, 'Wait.', () => `Waited ${seconds} s.`),
  },
  {
    pattern: /\bthink\b( (hard )?about (?<topic>.+))?/i,
    answer: (_, { topic }) => [
      {
        type: 'reasoning',
        text: `**Thinking**\n\nI am asked to think${topic ? ` about ${bare(topic)}` : ''}. I have rules instead of thoughts, so I go through them one by one and find that the honest answer is short.`,
        gap_ms: THOUGHT_GAP_MS,
      },
      { type: 'text', text: `I thought about it${topic ? ` (${bare(topic)})` : ''}, as well as a set of rules can.` },
    ],
  },
  {
    pattern: /^(please )?count to (?<n>\d{1,4})/i,
    answer: (_, { n }) => [
      { type: 'text', text: Array.from({ length: Number(n) }, (_item, i) => i + 1).join(' '), gap_ms: STORY_GAP_MS },
    ],
  },
  {
    pattern: /\b(long|story|talk)\b/i,
    answer: () => [{ type: 'text', text: STORY, gap_ms: STORY_GAP_MS }],
  },
  { pattern: /^(please )?fail( with)?( (?<code>[\w.-]+))?.*$/i, answer: fail },
  { pattern: /^(please )?stall\b/i, answer: () => [...text('I fall silent.'), { type: 'stall' }] },
  { pattern: /^(please )?disconnect\b/i, answer: () => [...text('I hang up.'), { type: 'disconnect' }] },
  { pattern: /^(please )?say (?<words>[\s\S]+)$/i, answer: (_, { words }) => text(bare(words)) },
  { pattern: /^(hi|hello|hey|good (morning|evening))\b/i, answer: () => text(`Hello! ${HONEST}`) },
  { pattern: /\b(help|who are you|what can you|what are you)\b/i, answer: () => text(HONEST) },
];
