/**
 * Writes the seccomp program of a sandbox: the table in `seccomp.table.ts`, as bytes for the kernel.
 *
 * Promises: another architecture's call kills the process; the x32 numbers of x64 do not exist; everything that the
 * table does not name is allowed; no jump is longer than the 255 instructions that a jump can be.
 * `run` is a small interpreter of the same bytes, so that the promises are tested without a kernel.
 */
import {
  ABSENT,
  AUDIT_ARCH,
  ENOSYS,
  EPERM,
  FORBIDDEN,
  judged,
  numberOf,
  type CallName,
  type FilterOptions,
  type Judged,
} from './seccomp.table.ts';

const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const refuse = (errno: number): number => 0x00050000 | errno;

/** Offsets in `struct seccomp_data`; both architectures are little-endian, so the low half of an argument comes first. */
const NUMBER_AT = 0;
const ARCH_AT = 4;
const argumentAt = (index: number): number => 16 + 8 * index;

/** Opcodes: load a word, jump if equal / greater or equal / any bit set, return. */
const LOAD = 0x20;
const JEQ = 0x15;
const JGE = 0x35;
const JSET = 0x45;
const RETURN = 0x06;

const X32_BIT = 0x40000000;

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

const load = (offset: number): Instruction => [LOAD, 0, 0, offset];
const leave = (action: number): Instruction => [RETURN, 0, 0, action];
/** When the test holds, the next instruction runs; otherwise it is jumped over. */
const when = (code: number, value: number, then: Instruction): readonly Instruction[] => [
  [code, 0, 1, value >>> 0],
  then,
];

/** `jeq` for each value, all leading to one return behind them; falls out of the block when none fits. */
const anyOf = (values: readonly number[], action: number): readonly Instruction[] =>
  values.length === 0
    ? []
    : [
        ...values.map((value, index): Instruction => {
          const isLast = index === values.length - 1;
          // Past the remaining tests to the return; the last test jumps over that return when it fails.
          return [JEQ, values.length - 1 - index, isLast ? 1 : 0, value >>> 0];
        }),
        leave(action),
      ];

const testOf = ({ test, errno }: Judged): readonly Instruction[] => {
  const no = refuse(errno);
  if ('noneOf' in test) return when(JSET, test.noneOf, leave(no));
  if ('notIn' in test) return anyOf(test.notIn, no);
  return [...anyOf(test.onlyIn, ALLOW), leave(no)];
};

/** Loads the argument, tests it, and restores the number for whoever comes next. Jumped over by all other calls. */
const judge = (number: number, rule: Judged): readonly Instruction[] => {
  const body = [load(argumentAt(rule.arg)), ...testOf(rule), load(NUMBER_AT)];
  return [[JEQ, 0, body.length, number], ...body];
};

export interface Table {
  readonly absent: readonly CallName[];
  readonly forbidden: readonly CallName[];
  readonly judged: readonly Judged[];
}

export const tableFor = (options: FilterOptions): Table => ({
  absent: ABSENT,
  forbidden: FORBIDDEN,
  judged: judged(options),
});

export const program = ({ arch }: FilterOptions, table: Table): readonly Instruction[] => {
  const numbers = (names: readonly CallName[]): number[] => names.flatMap((name) => numberOf(name, arch) ?? []);
  return [
    load(ARCH_AT),
    [JEQ, 1, 0, AUDIT_ARCH[arch]],
    leave(KILL),
    load(NUMBER_AT),
    ...(arch === 'x64' ? when(JGE, X32_BIT, leave(refuse(ENOSYS))) : []),
    ...anyOf(numbers(table.absent), refuse(ENOSYS)),
    ...anyOf(numbers(table.forbidden), refuse(EPERM)),
    ...table.judged.flatMap((rule) => {
      const number = numberOf(rule.call, arch);
      return number === null ? [] : judge(number, rule);
    }),
    leave(ALLOW),
  ];
};

/** `struct sock_filter[]`, as `bwrap --seccomp` reads it. */
export const assemble = (instructions: readonly Instruction[]): Uint8Array => {
  const bytes = new Uint8Array(instructions.length * 8);
  const view = new DataView(bytes.buffer);
  instructions.forEach(([code, ifTrue, ifFalse, value], index) => {
    if (ifTrue > 255 || ifFalse > 255) throw new Error(`instruction ${index} jumps too far`);
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, ifTrue);
    view.setUint8(index * 8 + 3, ifFalse);
    view.setUint32(index * 8 + 4, value, true);
  });
  return bytes;
};

export const filterBytes = (options: FilterOptions, table = tableFor(options)): Uint8Array =>
  assemble(program(options, table));

/** One system call as the kernel shows it to the filter. */
export interface Call {
  readonly audit: number;
  readonly number: number;
  /** Low halves of the arguments. */
  readonly args: readonly number[];
}

export type Outcome = 'allow' | 'kill' | { readonly errno: number };

const outcomeOf = (action: number): Outcome => {
  if (action === ALLOW) return 'allow';
  return action === KILL ? 'kill' : { errno: action & 0xffff };
};

const wordAt = ({ audit, number, args }: Call, offset: number): number => {
  if (offset === NUMBER_AT) return number;
  if (offset === ARCH_AT) return audit;
  return args[(offset - 16) / 8] ?? 0;
};

/** What the kernel would do with this call. */
export const run = (bytes: Uint8Array, call: Call): Outcome => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let accumulator = 0;
  for (let at = 0; at * 8 < bytes.length; at += 1) {
    const code = view.getUint16(at * 8, true);
    const value = view.getUint32(at * 8 + 4, true);
    if (code === RETURN) return outcomeOf(value);
    if (code === LOAD) accumulator = wordAt(call, value) >>> 0;
    else {
      const holds =
        code === JEQ ? accumulator === value : code === JGE ? accumulator >= value : (accumulator & value) !== 0;
      at += view.getUint8(at * 8 + (holds ? 2 : 3));
    }
  }
  throw new Error('the program ended without an answer');
};
