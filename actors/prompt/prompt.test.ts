/** What the model is told beforehand: AGENTS.md (H.2), the surroundings (C.3), the base instructions (C.2.3). */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { specs } from '../tools/registry.ts';
import { ENVIRONMENT_PREFIX, firstItems, INSTRUCTIONS_PREFIX, since, type Surroundings } from './environment.ts';
import { BASE_INSTRUCTIONS } from './instructions.ts';
import { cutBytes, type DocOptions, findProjectDoc } from './project-doc.ts';

const base = mkdtempSync(join(tmpdir(), 'prompt-'));
afterAll(() => rmSync(base, { recursive: true }));

/** A home and a repository with a working folder two levels down. */
const place = (files: Readonly<Record<string, string>>, options: Partial<DocOptions> = {}) => {
  const root = mkdtempSync(join(base, 'case-'));
  mkdirSync(join(root, 'home'));
  mkdirSync(join(root, 'repo/.git'), { recursive: true });
  mkdirSync(join(root, 'repo/a/b'), { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const find = () =>
    findProjectDoc({
      home: join(root, 'home'),
      cwd: join(root, 'repo/a/b'),
      maxBytes: 32_768,
      fallbackNames: [],
      rootMarkers: ['.git'],
      ...options,
    });
  return { root, find };
};

describe('AGENTS.md (H.2)', () => {
  it('H.2.1, H.2.3: the own file comes first, then those of the project from the root down', () => {
    const { root, find } = place({
      'AGENTS.md': 'outside of the project',
      'home/AGENTS.md': 'own',
      'repo/AGENTS.md': 'root',
      'repo/a/b/AGENTS.md': 'here',
    });
    expect(find()).toEqual({
      text: 'own\n\n--- project-doc ---\n\nroot\n\nhere',
      sources: ['home/AGENTS.md', 'repo/AGENTS.md', 'repo/a/b/AGENTS.md'].map((path) => join(root, path)),
      wasCut: false,
    });
  });

  it('H.2.1: the override of the user wins unless it is blank', () => {
    expect(place({ 'home/AGENTS.override.md': 'mine', 'home/AGENTS.md': 'usual' }).find().text).toBe('mine');
    expect(place({ 'home/AGENTS.override.md': ' \n', 'home/AGENTS.md': 'usual' }).find().text).toBe('usual');
  });

  it('H.2.2: one file a folder: override, AGENTS.md, then the fallbacks; a folder of that name is none, nor is a link out of the project', () => {
    const files = {
      'repo/AGENTS.override.md': 'O',
      'repo/AGENTS.md': 'no',
      'repo/a/CLAUDE.md': 'F',
      'repo/a/b/AGENTS.md/x': 'no',
    };
    expect(place(files, { fallbackNames: ['OTHER.md', 'CLAUDE.md'] }).find().text).toBe('O\n\nF');
    const linked = place({ 'repo/real.md': 'L' });
    symlinkSync('../real.md', join(linked.root, 'repo/a/AGENTS.md'));
    writeFileSync(join(linked.root, 'home/key'), 'secret');
    symlinkSync('../../../home/key', join(linked.root, 'repo/a/b/AGENTS.md'));
    expect(linked.find().text).toBe('L');
  });

  it('H.2.2: without a marker only the working folder counts', () => {
    const files = { 'repo/AGENTS.md': 'no', 'repo/a/b/AGENTS.md': 'here' };
    expect(place(files, { rootMarkers: ['.none'] }).find().text).toBe('here');
    expect(place(files, { rootMarkers: [] }).find().text).toBe('here');
    expect(place({ ...files, 'repo/a/.root': '' }, { rootMarkers: ['.root'] }).find().text).toBe('here');
  });

  it('H.2.3: the last file is cut where the limit is reached; 0 switches the project off', () => {
    const files = {
      'home/AGENTS.md': 'own',
      'repo/AGENTS.md': '12345',
      'repo/a/AGENTS.md': 'ééé',
      'repo/a/b/AGENTS.md': 'no',
    };
    expect(place(files, { maxBytes: 8 }).find()).toMatchObject({
      text: 'own\n\n--- project-doc ---\n\n12345\n\né',
      wasCut: true,
    });
    expect(place(files, { maxBytes: 0 }).find().text).toBe('own');
    expect(place({}).find()).toEqual({ text: '', sources: [], wasCut: false });
  });

  it('never cuts a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, max) => {
        const cut = cutBytes(text, max);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(max);
        expect(text.startsWith(cut)).toBe(true);
        expect(max - Buffer.byteLength(cut) < 4 || cut === text).toBe(true);
      }),
    );
  });
});

const SURROUNDINGS: Surroundings = {
  cwd: '/srv/<x>',
  approval: 'on-request',
  sandbox: { kind: 'workspaceWrite', writableRoots: ['/srv/<x>', '/more'], network: 'off', tmp: 'private' },
  shell: '/bin/zsh',
  date: '2026-01-02',
};

describe('the surroundings (C.3)', () => {
  it('C.3.1: are told in full at first, after the instructions', () => {
    expect(firstItems(SURROUNDINGS, 'be nice')).toEqual([
      {
        type: 'context',
        about: 'instructions',
        text: '# AGENTS.md instructions for /srv/<x>\n\n<INSTRUCTIONS>\nbe nice\n</INSTRUCTIONS>',
      },
      {
        type: 'context',
        about: 'environment',
        text: `<environment_context>
  <cwd>/srv/&lt;x&gt;</cwd>
  <approval_policy>on-request</approval_policy>
  <sandbox_mode>workspace-write</sandbox_mode>
  <network_access>restricted</network_access>
  <writable_roots><root>/srv/&lt;x&gt;</root><root>/more</root></writable_roots>
  <shell>/bin/zsh</shell>
  <current_date>2026-01-02</current_date>
</environment_context>`,
      },
    ]);
    expect(firstItems(SURROUNDINGS, ' ').map(({ about }) => about)).toEqual(['environment']);
  });

  it('C.3.1: then only what changed, or nothing', () => {
    const changed = (before: Surroundings, now: Surroundings) => since(firstItems(before, 'x'), now, 'x')[0];
    expect(changed(SURROUNDINGS, structuredClone(SURROUNDINGS))).toBeUndefined();
    expect(
      changed(SURROUNDINGS, { ...SURROUNDINGS, approval: 'never', sandbox: { kind: 'readOnly', network: 'off' } })
        ?.text,
    ).toBe(
      '<environment_context>\n  <approval_policy>never</approval_policy>\n  <sandbox_mode>read-only</sandbox_mode>\n  <writable_roots />\n</environment_context>',
    );
    expect(changed(SURROUNDINGS, { ...SURROUNDINGS, sandbox: { kind: 'fullAccess' } })?.text).toContain(
      '<network_access>enabled<',
    );
    const sandbox = { kind: 'readOnly', network: { hosts: ['a.test', '*.b.test:443'] } } as const;
    expect(changed(SURROUNDINGS, { ...SURROUNDINGS, sandbox })?.text).toContain('to these hosts: a.test *.b.test:443<');
  });

  it('C.3.1: and what was told last is what counts, over several changes', () => {
    const other: Surroundings = { ...SURROUNDINGS, approval: 'never' };
    const first = firstItems(SURROUNDINGS, '');
    const history = [...first, ...since(first, other, '')];
    expect(since(history, other, '')).toEqual([]);
    expect(since(history, SURROUNDINGS, '')[0]?.text).toContain('<approval_policy>on-request<');
    expect(since(history, other, 'new words').map(({ about }) => about)).toEqual(['instructions']);
  });

  it('C.3.3: can be told by their beginning', () => {
    const [first, second] = firstItems(SURROUNDINGS, 'x');
    expect([first?.text.startsWith(INSTRUCTIONS_PREFIX), second?.text.startsWith(ENVIRONMENT_PREFIX)]).toEqual([
      true,
      true,
    ]);
  });
});

describe('the base instructions', () => {
  it('name every tool that is always there to be used, and fit in 6 KB', () => {
    for (const { name } of specs({ without: ['view_image'] })) expect(BASE_INSTRUCTIONS).toContain(name);
    expect(Buffer.byteLength(BASE_INSTRUCTIONS)).toBeLessThan(6 * 1024);
  });
});
