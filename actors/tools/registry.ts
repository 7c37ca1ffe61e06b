/** The tools. A new one: a file beside this, and its line here. The order is the order in which models see them. */
import type { ToolSpec } from '../providers/provider.ts';
import { unknownTool } from './answers.ts';
import { applyPatch } from './apply-patch.tool.ts';
import { execCommand } from './exec-command.tool.ts';
import { shell } from './shell.tool.ts';
import type { Intent, Tool, Workplace } from './tool.ts';
import { updatePlan } from './update-plan.tool.ts';
import { viewImage } from './view-image.tool.ts';
import { writeStdin } from './write-stdin.tool.ts';

export const tools: readonly Tool[] = [shell, execCommand, writeStdin, applyPatch, updatePlan, viewImage];

const byName: ReadonlyMap<string, Tool> = new Map(
  tools.flatMap((tool) => [tool.spec.name, ...tool.aliases].map((name) => [name, tool] as const)),
);

/** By its name or one of its aliases. */
export const findTool = (name: string): Tool | null => byName.get(name) ?? null;

export interface SpecOptions {
  /** Names that this session does not offer. */
  readonly without?: readonly string[];
  /** Tools from elsewhere (MCP); they come last, so that the prefix of the request stays the same. */
  readonly more?: readonly ToolSpec[];
}

/** What the model is offered. */
export const specs = ({ without = [], more = [] }: SpecOptions = {}): readonly ToolSpec[] => [
  ...tools.map(({ spec }) => spec).filter(({ name }) => !without.includes(name)),
  ...more,
];

/** A reviewer looks at things and says what it finds: it changes no file, keeps no plan, and leaves nothing running (C.11.1). */
const WITHHELD: Readonly<Record<string, readonly string[]>> = {
  review: [execCommand, writeStdin, applyPatch, updatePlan, viewImage].map(({ spec }) => spec.name),
};
export const withheldFrom = (purpose: string): readonly string[] => WITHHELD[purpose] ?? [];

/** What a call of the model comes to; a tool that does not exist, or is not offered for this purpose, is an answer. */
export const intend = (
  name: string,
  args: string,
  workplace: Workplace,
  purpose = 'regular',
): Intent | Promise<Intent> => {
  const without = withheldFrom(purpose);
  const tool = findTool(name);
  if (tool !== null && !without.includes(tool.spec.name)) return tool.intend(args, workplace);
  return unknownTool(
    name,
    args,
    specs({ without }).map((spec) => spec.name),
  );
};
