import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { input, newHome, open, recorded } from '../../test/journal/story.ts';
import { readJournal } from './reader.ts';
import { createRedactor, secretsOf } from './secrets.ts';

const token = 'a1b2c3d4e5f6g7h8i9j0';
const pem = '-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY-----';
const plain = createRedactor({ salt: 's' });

describe('redaction', () => {
  it.each([
    ['OpenAI', `sk-proj-${token}`],
    ['Anthropic', `sk-ant-api03-${token}`],
    ['GitHub', `ghp_${token}${token}`],
    ['GitHub, fine-grained', `github_pat_${token}`],
    ['GitLab', `glpat-${token}`],
    ['AWS', 'AKIAIOSFODNN7EXAMPLE'],
    ['Slack', 'xoxb-1234567890-abcdef'],
    ['npm', `npm_${token}${token}`],
    ['a JSON web token', 'eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.SflKxwRJSMeKKF2QT4'],
    ['a private key', pem],
    ['half a private key', pem.slice(0, 50)],
  ])('finds the shape of %s, wherever it stands', (_name, secret) => {
    for (const text of [secret, `key:\n${secret}\nend`, `x="${secret}"`, JSON.stringify({ key: secret })]) {
      const line = JSON.stringify({ text });
      expect(plain.mayHold(line)).toBe(true);
      expect(plain.clean(text)).toMatch(/\[secret:[0-9a-f]{8}\]/);
      expect(plain.clean(text)).not.toContain(secret.slice(-12));
    }
  });

  it('finds what stands after Bearer, and in the address of a server', () => {
    expect(plain.clean(`-H "Authorization: Bearer ${token}"`)).toMatch(/^-H "Authorization: Bearer \[secret:\w{8}\]"$/);
    expect(plain.clean('git clone https://me:hunter22@host/x')).toMatch(/https:\/\/me:\[secret:\w{8}\]@host\/x/);
  });

  it.each([
    'risk-assessment-of-the-whole-thing-2026',
    'task-1234567890123456789',
    'const token = tokenizer.next();',
    'http://localhost:8080/path?a=b@c',
    '0123456789abcdef0123456789abcdef01234567',
    'the bearer of bad news',
  ])('leaves %s alone', (text) => {
    expect(plain.clean(text)).toBe(text);
  });

  it('takes values of variables whose names say so, not places and not short words', () => {
    const env = {
      ...{ OPENAI_API_KEY: 'value-of-key', DB_PASSWORD: 'pass word!', GITHUB_TOKEN: 'tok', MONKEY: 'banana-split' },
      ...{
        SSH_AUTH_SOCK: '/tmp/agent',
        AWS_SECRET_ACCESS_KEY_FILE: 'some-file',
        PATH: '/usr/bin',
        KEYBOARD: 'qwertz-de',
      },
    };
    expect(secretsOf(env)).toEqual(['value-of-key', 'pass word!', 'tok']);
    const { clean } = createRedactor({ env, salt: 's' });
    expect(clean('a tok, banana-split, value-of-key')).toMatch(/^a tok, banana-split, \[secret:\w{8}\]$/);
  });

  it('knows a value in each of its guises, and gives all of them one token', () => {
    const secret = 'p"a\\ss\nw/ord';
    const { clean, mayHold } = createRedactor({ secrets: [secret], salt: 's' });
    const args = JSON.stringify({ command: ['login', secret] });
    const texts = [secret, args, JSON.stringify(args), `https://h/?p=${encodeURIComponent(secret)}`];
    const tokens = texts.map((text) => /\[secret:\w{8}\]/.exec(clean(text))?.[0]);
    expect(new Set(tokens).size).toBe(1);
    expect(tokens[0]).toBeDefined();
    expect(texts.every((text) => mayHold(JSON.stringify({ text })))).toBe(true);
    expect(JSON.parse(clean(args))).toEqual({ command: ['login', tokens[0]] });
  });

  it('replaces a secret that contains another one as a whole', () => {
    const { clean } = createRedactor({ secrets: ['abcdefgh', 'abcdefgh-longer'], salt: 's' });
    expect(clean('abcdefgh-longer')).toMatch(/^\[secret:\w{8}\]$/);
  });

  it('what was equal stays equal, what was different stays different, and twice is as good as once', () => {
    const secret = fc.stringMatching(/^sk-[a-z0-9]{20}1$/);
    fc.assert(
      fc.property(secret, secret, (a, b) => {
        expect(plain.clean(a) === plain.clean(b)).toBe(a === b);
        expect(plain.clean(plain.clean(`${a} ${b}`))).toBe(plain.clean(`${a} ${b}`));
      }),
    );
  });
});

describe('a journal with secrets', () => {
  it('holds none of them, in no kind of record, not even in a blob; and both sides of the story agree', () => {
    const home = newHome();
    const journal = open(home, { redactor: createRedactor({ env: { MY_TOKEN: 'very-secret-value' }, salt: 'x' }) });
    const text = `use very-secret-value and sk-${token}`;
    journal.append(input({ type: 'op.say', id: 'a', text } as { type: string }));
    journal.append(recorded('t', { type: 'user', text, inputId: 'a' }));
    journal.effect('e', 'exec', { argv: ['curl', '-H', `Bearer ${token}`], env: { 'very-secret-value': '1' } });
    journal.close();
    const raw = readFileSync(journal.file, 'utf8');
    expect(raw).not.toContain('very-secret-value');
    expect(raw).not.toContain(token);
    const [said, kept] = readJournal(journal.file).records;
    if (said?.kind !== 'input' || kept?.kind !== 'fact' || kept.fact.type !== 'items.recorded') throw new Error('lost');
    expect(kept.fact.items[0]).toMatchObject({ text: said.event['text'] });
  });
});
