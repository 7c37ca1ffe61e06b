/** What the embedded model can say by heart. */

export const HONEST = [
  'I am the embedded rehearsal model of Turnstile: a fixed set of rules, not a language model. I work offline and always',
  'answer the same. I understand, for instance:',
  '',
  '- run the tests · run <command> · list files',
  '- read <file> · create hello.txt with a poem · create <file> with <text> · replace <a> with <b> in <file> · delete <file>',
  '- run <command> in the background · read session <n> · type <text> into session <n>',
  '- append a line to /etc/hosts (leaves the sandbox: you will be asked)',
  '- make a plan · think about <topic> · tell a long story · count to <n> · say <text> · wait <n> seconds',
  '- fail with <code or HTTP status> · stall · disconnect',
  '',
  'For real work choose a real model: set OPENAI_API_KEY or ANTHROPIC_API_KEY, or run `turnstile -c model_provider=ollama`.',
].join('\n');

export const POEM = [
  'A gate that turns, one step, one way,',
  'lets pass who has the right to pay;',
  'and should you pull your hand away,',
  'it stops, and nothing goes astray.',
] as const;

const PARAGRAPHS = [
  'Once there was a gatekeeper who wrote down everything that passed: who came, who left, and who was asked to wait.',
  'The book had no empty lines. Where other keepers wrote "somehow", this one wrote what had happened, in the order in which it had.',
  'One evening a traveller wanted through a door that was not on the list. "I can open it," the keeper said, "but I ask first."',
  'The traveller thought about it for a long time. The keeper waited, and the clock of the gate was stopped meanwhile.',
  'Then a bell rang in the middle of a sentence. The keeper put down the pen, closed every door, counted the keys, and said so.',
  'In the morning another keeper read the book from the first line to the last, and knew exactly which doors stood open.',
] as const;

/** Goes on until it is stopped, and says so: a server for want of one. */
export const CLOCK = 'echo it listens; while sleep 1; do date; done';

/** Long on purpose: something to interrupt. */
export const STORY = Array.from({ length: 4 }, (_, round) =>
  PARAGRAPHS.map((paragraph) => (round === 0 ? paragraph : `${paragraph} And so it went, for the ${round + 1}th day.`)),
)
  .flat()
  .join('\n\n');

export const PLAN = ['Look at what is there', 'Make the change', 'Check that it works'] as const;
