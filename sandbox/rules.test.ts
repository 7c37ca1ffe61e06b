import { describe, expect, it } from 'vitest';
import type { Rule } from './policy.ts';
import { judge, proposeGrant } from './rules.ts';
import type { Segment } from './words.ts';

const rule = (decision: Rule['decision'], ...pattern: Rule['pattern']): Rule => ({
  pattern,
  decision,
  source: 'rules:1',
});
const words = (text: string): Segment => {
  const [first = '', ...rest] = text.split(' ');
  return [first, ...rest];
};

describe('rules (E.6)', () => {
  it.each([
    ['npm test', [rule('allow', 'npm')], 'allow'],
    ['npm test', [rule('allow', 'npm', 'test', 'x')], undefined],
    ['npm run', [rule('allow', 'npm', ['test', 'run'])], 'allow'],
    ['npm ci', [rule('allow', 'npm', ['test', 'run'])], undefined],
    ['npm test', [rule('allow', 'npm'), rule('prompt', 'npm')], 'prompt'],
    ['npm test', [rule('forbidden', 'npm', 'test'), rule('allow', 'npm'), rule('prompt', 'npm')], 'forbidden'],
    ['/opt/npm test', [rule('allow', 'npm')], undefined],
    ['/opt/npm test', [rule('prompt', 'npm')], 'prompt'],
    ['npm', [rule('allow')], undefined],
  ] as const)('%s under %j', (text, rules, expected) => expect(judge(words(text), rules, [])?.decision).toBe(expected));

  it('a grant allows, but no rule is overruled by it', () => {
    const grants = [{ kind: 'prefix', argv: ['npm'], lifetime: 'session' }] as const;
    expect(judge(words('npm test'), [], grants)?.decision).toBe('allow');
    expect(judge(words('npm test'), [rule('prompt', 'npm')], grants)?.decision).toBe('prompt');
  });

  it('tells which rule it was', () => {
    const why = judge(
      words('git push'),
      [{ ...rule('forbidden', 'git', ['push', 'pull']), justification: 'by hand' }],
      [],
    );
    expect(why?.because).toBe('a rule (rules:1) forbids “git (push|pull)”: by hand');
  });
});

describe('what is offered to be remembered (E.6.4)', () => {
  it.each([
    ['npm test --watch', ['npm', 'test']],
    ['npm run build -- x', ['npm', 'run', 'build']],
    ['npm run', null],
    ['npm --version', null],
    ['git push origin', ['git', 'push']],
    ['git', null],
    ['git -C x push', null],
    ['python3 x.py -v', ['python3', 'x.py']],
    ['python3 -c x', null],
    ['node', null],
    ['sudo ls', null],
    ['/usr/bin/env x', null],
    ['bash x', null],
    ['xargs rm', null],
    ['rm x', null],
    ['curl http://x -o y', ['curl', 'http://x', '-o', 'y']],
    ['./build.sh fast', ['./build.sh', 'fast']],
  ] as const)('%s', (text, argv) => {
    expect(proposeGrant(words(text))).toEqual(argv && { kind: 'prefix', argv: [...argv], lifetime: 'session' });
  });
});
