/** An outline as a Mermaid state diagram: for READMEs and whatever renders them. Pure. */
import { eventLabel, type Outline, type StateOutline } from './outline.ts';

const word = (id: string): string => id.replace(/[^A-Za-z0-9_]/g, '_');
/** A colon ends the arrow, a semicolon the line. */
const label = (text: string): string => text.replace(/[:;#]/g, ' ').trim();

const stateLines = (state: StateOutline, indent: string): readonly string[] => {
  const name = word(state.id);
  const own = [
    `${indent}state "${label(state.key)}" as ${name}`,
    ...(state.type === 'final' ? [`${indent}${name} --> [*]`] : []),
  ];
  if (state.states.length === 0) return own;
  const deeper = `${indent}  `;
  const inner = [
    ...(state.initial === null ? [] : [`${deeper}[*] --> ${word(state.initial)}`]),
    ...state.states.flatMap((child, at) => [
      ...(state.type === 'parallel' && at > 0 ? [`${deeper}--`] : []),
      ...stateLines(child, deeper),
    ]),
  ];
  return [...own, `${indent}state ${name} {`, ...inner, `${indent}}`];
};

export const mermaid = ({ root, transitions }: Outline): string => {
  const arrows = transitions.flatMap(({ from, to, event, guard }) =>
    to.map((target) => {
      const text = [label(eventLabel(event)), guard === null ? '' : `[${label(guard)}]`].filter(Boolean).join(' ');
      return `  ${word(from)} --> ${word(target)}${text === '' ? '' : ` : ${text}`}`;
    }),
  );
  return ['stateDiagram-v2', ...stateLines(root, '  '), ...new Set(arrows), ''].join('\n');
};
