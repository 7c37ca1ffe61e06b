import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, isHostEntry, isListed, targetOf, ownNames } from './hosts.ts';

describe('R32: a list of hosts', () => {
  it.each(['example.com', '*.example.com', 'Example.COM:8443', '10.0.0.1:80', '[::1]:8080', 'bücher.example'])(
    'knows %s as an entry',
    (text) => expect(isHostEntry(text)).toBe(true),
  );
  it.each([
    '',
    '*',
    '*.',
    'http://a.example',
    'a/b',
    'a:0',
    'a:65536',
    'a:x',
    'u@a',
    'a b',
    '*.10.0.0.1',
    'a*.b',
    '::1',
  ])('does not take “%s” for one', (text) => expect(isHostEntry(text)).toBe(false));

  it.each([
    ['example.com', 'example.com:443', true],
    ['example.com', 'example.com:80', true],
    ['example.com', 'example.com:22', false],
    ['example.com', 'a.example.com:443', false],
    ['example.com', 'example.com.:443', true],
    ['example.com', 'EXAMPLE.com:443', true],
    ['example.com', 'badexample.com:443', false],
    ['example.com', 'example.com.evil.test:443', false],
    ['*.example.com', 'a.b.example.com:443', true],
    ['*.example.com', 'example.com:443', false],
    ['*.example.com', 'badexample.com:443', false],
    ['example.com:8443', 'example.com:8443', true],
    ['example.com:8443', 'example.com:443', false],
    ['127.0.0.1:80', '127.1:80', true],
    ['127.0.0.1:80', '2130706433:80', true],
  ])('%s means %s: %s', (entry, wanted, isMeant) => {
    const target = targetOf(wanted);
    expect(target !== null && isListed([entry], target)).toBe(isMeant);
  });

  it('what is listed of the machine itself is not taken for the own loopback of a command', () => {
    expect(ownNames(['a.test'])).toEqual(['localhost', '127.0.0.1', '::1']);
    expect(ownNames(['localhost:80', '[::1]'])).toEqual(['127.0.0.1']);
  });

  it('an empty list means nobody, and a longer one never less', () => {
    const name = fc.constantFrom('a.example', 'b.a.example', '*.a.example', 'c.test:99', '127.0.0.1');
    const wanted = fc.constantFrom('a.example:443', 'b.a.example:80', 'c.test:99', '127.0.0.1:80', 'd.test:1');
    fc.assert(
      fc.property(fc.array(name), name, wanted, (entries, more, text) => {
        const target = targetOf(text);
        if (target === null) throw new Error(text);
        expect(isListed([], target)).toBe(false);
        if (isListed(entries, target)) expect(isListed([...entries, more], target)).toBe(true);
      }),
    );
  });

  it('one spelling only, which stays as it is', () => {
    fc.assert(
      fc.property(fc.domain(), (name) => {
        const once = canonical(name);
        if (once !== null) expect(canonical(once)).toBe(once);
      }),
    );
  });
});
