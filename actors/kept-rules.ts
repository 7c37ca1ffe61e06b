/**
 * What the user wants to be kept of an answer: a line in the rules of this user, for this folder. The next session here
 * reads it. It is written when the grant is told, so what stands there was given; what cannot be written is a warning.
 */
import { closeSync, constants, fstatSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../machines/kit.ts';
import type { Grant, RuntimeEvent } from '../machines/protocol/index.ts';

/** Beside the files that people write. */
const KEPT_FILE = 'kept.rules';
/** A file of rules that is longer is not added to. Bytes. */
const MAX_RULES_BYTES = 1024 * 1024;

/** The line as the rules file has it; null: this kind is not kept. JSON is its form for texts, but for what the file cannot hold. */
export const ruleLine = (grant: Grant, folder: string): string | null => {
  const text = (words: unknown) => JSON.stringify(words);
  if ([folder, ...(grant.kind === 'prefix' ? grant.argv : [])].some((word) => /\p{C}/u.test(word))) return null;
  switch (grant.kind) {
    case 'host':
      return `network_rule(host=${text(grant.host)}, decision="allow", folder=${text(folder)})`;
    case 'prefix':
      return `prefix_rule(pattern=${text(grant.argv)}, decision="allow", folder=${text(folder)})`;
    default:
      return null;
  }
};

/** `rules` is a file or a folder, as the user has it. */
const fileOf = (home: string): string => {
  const rules = join(home, 'rules');
  if (statSync(rules, { throwIfNoEntry: false })?.isFile() === true) return rules;
  mkdirSync(rules, { recursive: true, mode: 0o700 });
  return join(rules, KEPT_FILE);
};

/** One line more, unless it is there. Two that write at once leave two lines, and both whole. */
const add = (file: string, line: string): void => {
  const fd = openSync(file, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o600);
  try {
    if (fstatSync(fd).size > MAX_RULES_BYTES) throw new Error(`${file} is full`);
    const before = readFileSync(fd, 'utf8');
    if (before.split('\n').includes(line)) return;
    writeSync(fd, `${before === '' || before.endsWith('\n') ? '' : '\n'}${line}\n`);
  } finally {
    closeSync(fd);
  }
};

export interface Keeping {
  readonly home: string;
  /** Where the rules shall hold. */
  readonly folder: string;
  readonly warn: (message: string) => void;
}

/** Hears the facts of one session. */
export const createKeeper = ({ home, folder, warn }: Keeping) => ({
  hear: (fact: RuntimeEvent): void => {
    if (fact.type !== 'grant.given' || !('lifetime' in fact.grant) || fact.grant.lifetime !== 'always') return;
    const line = ruleLine(fact.grant, folder);
    try {
      if (line === null) throw new Error('it holds characters that a rule cannot hold');
      add(fileOf(home), line);
    } catch (error) {
      warn(`this is granted for the session only, since it could not be kept: ${messageOf(error)}`);
    }
  },
});
