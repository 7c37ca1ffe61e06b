/** Tells a plan in words: the whole story, step by step, without running any of it. What `sandbox explain` prints. */
import type { PlanInWords } from '../machines/protocol/index.ts';
import type { ExecPlan, Spawn, Terrain } from './plan.ts';

/** A word as one would type it. */
const typed = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

const inOneLine = ({ backend, sandbox, expects }: PlanInWords): string =>
  `${backend} · ${sandbox}${expects ? `   → ${expects}` : ''}`;

const indent = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`);

const row = (name: string, text: string): string => `${name.padEnd(9)} ${text}`;

/** The arguments that travel through a pipe, one option a line. */
const packedOptions = ({ inherited }: Spawn): readonly string[] => {
  const packed = inherited.find((part) => 'bytes' in part && part.encoding === 'utf8');
  if (!packed || !('bytes' in packed)) return [];
  const words = packed.bytes.split('\0').slice(0, -1);
  const lines: string[][] = [];
  for (const word of words) {
    if (word.startsWith('--') || lines.length === 0) lines.push([word]);
    else lines.at(-1)?.push(word);
  }
  return lines.map((line) => line.map(typed).join(' '));
};

const carried = ({ inherited }: Spawn): readonly string[] =>
  inherited.map((part) =>
    'folder' in part ? `${part.fd}: the folder ${part.folder}` : `${part.fd}: ${part.bytes.length} characters`,
  );

const spawnLines = (spawn: Spawn): readonly string[] => [
  row('run', inOneLine(spawn.inWords)),
  row('argv', spawn.argv.map(typed).join(' ')),
  row('in', spawn.cwd),
  row('env', Object.keys(spawn.env).toSorted().join(' ') || '(empty)'),
  ...(spawn.gate ? [row('hosts', spawn.gate.hosts.join(' '))] : []),
  ...(spawn.inherited.length > 0 ? [row('handed', carried(spawn).join('; '))] : []),
  ...indent(packedOptions(spawn)),
];

export const explain = (plan: ExecPlan): readonly string[] => {
  switch (plan.step) {
    case 'refuse':
      return [row('refuse', plan.reason)];
    case 'answer':
      return [row('answer', plan.output)];
    case 'ask': {
      const { why, justification, cause, now, ifYes, offersInWords, planHash } = plan.question;
      return [
        row('ask', why),
        ...(justification ? [row('model', justification)] : []),
        ...(cause ? [row('cause', cause)] : []),
        row('now', now ? inOneLine(now) : 'nothing runs'),
        row('if yes', inOneLine(ifYes)),
        ...(offersInWords ? [row('offer', offersInWords)] : []),
        row('plan', planHash),
        ...indent(explain(plan.then)),
      ];
    }
    case 'run':
      return [
        ...spawnLines(plan.spawn),
        ...(plan.ifDenied ? ['if denied', ...indent(explain(plan.ifDenied))] : [row('if denied', 'the model is told')]),
      ];
  }
};

/** What the policy found on this disk. */
export const explainTerrain = (terrain: Terrain): readonly string[] => [
  row('writable', terrain.roots.join(', ') || 'nothing but scratch space'),
  row('protected', terrain.protectedPaths.join(', ') || 'nothing'),
  row('not made', terrain.absentPaths.join(', ') || 'nothing'),
  row('hidden', terrain.hidden.map(({ path }) => path).join(', ') || 'nothing'),
  row('/tmp', terrain.privateTmp ?? 'empty, ends with the command'),
  ...(terrain.unprotectable ?? []).map((path) => row('refused', `${path} is a symbolic link`)),
  ...terrain.warnings.map((warning) => row('warning', warning)),
];
