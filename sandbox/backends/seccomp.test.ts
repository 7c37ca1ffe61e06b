import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filterBytes, run, type Outcome } from './seccomp.ts';
import {
  ABSENT,
  AUDIT_ARCH,
  EAFNOSUPPORT,
  ENOSYS,
  EPERM,
  FORBIDDEN,
  judged,
  NUMBERS,
  numberOf,
  type Arch,
  type CallName,
} from './seccomp.table.ts';

const ARCHES = ['x64', 'arm64'] as const;
const options = fc.record({ arch: fc.constantFrom<Arch>(...ARCHES), unixSockets: fc.boolean() });
const named = fc.constantFrom(...(Object.keys(NUMBERS) as CallName[]));
/** Low halves of arguments, the interesting ones among them. */
const argument = fc.oneof(
  fc.nat(0xffffffff),
  fc.constantFrom(
    0,
    1,
    2,
    10,
    16,
    17,
    40,
    0x10000000,
    0x20000,
    0x80,
    0x11,
    0x5412,
    0x541c,
    0x5413,
    0x40000,
    0xffffffff,
    0o4755,
    0o755,
  ),
);
const args = fc.array(argument, { minLength: 6, maxLength: 6 });

/** The table as one would read it aloud. */
const specified = (number: number, values: readonly number[], given: { arch: Arch; unixSockets: boolean }): Outcome => {
  const is = (name: CallName): boolean => numberOf(name, given.arch) === number;
  if (given.arch === 'x64' && number >= 0x40000000) return { errno: ENOSYS };
  if (ABSENT.some(is)) return { errno: ENOSYS };
  if (FORBIDDEN.some(is)) return { errno: EPERM };
  for (const { call, arg, test, errno } of judged(given)) {
    if (!is(call)) continue;
    const value = values[arg] ?? 0;
    if ('noneOf' in test && (value & test.noneOf) !== 0) return { errno };
    if ('notIn' in test && test.notIn.includes(value)) return { errno };
    if ('onlyIn' in test && !test.onlyIn.includes(value)) return { errno };
  }
  return 'allow';
};

describe('the filter', () => {
  it('says what the table says, for every call and argument', () =>
    fc.assert(
      fc.property(options, fc.oneof(named, fc.nat(600), fc.nat(0xffffffff)), args, (given, which, values) => {
        const number = typeof which === 'number' ? which : numberOf(which, given.arch);
        fc.pre(number !== null);
        const call = { audit: AUDIT_ARCH[given.arch], number, args: values };
        expect(run(filterBytes(given), call)).toEqual(specified(number, values, given));
      }),
      { numRuns: 5_000 },
    ));

  it('says something to every number there is', () => {
    for (const arch of ARCHES) {
      const bytes = filterBytes({ arch, unixSockets: false });
      for (let number = 0; number < 700; number += 1) {
        const call = { audit: AUDIT_ARCH[arch], number, args: [0, 0, 0, 0, 0, 0] };
        expect(run(bytes, call)).toEqual(specified(number, call.args, { arch, unixSockets: false }));
      }
    }
  });

  it('kills the calls of another architecture', () =>
    fc.assert(
      fc.property(options, fc.nat(0xffffffff), fc.nat(500), (given, audit, number) => {
        fc.pre(audit !== AUDIT_ARCH[given.arch]);
        expect(run(filterBytes(given), { audit, number, args: [] })).toBe('kill');
      }),
    ));

  it.each([
    ['execve', 59, [], 'allow'],
    ['openat', 257, [], 'allow'],
    ['clone of a thread', 56, [0x3d0f00], 'allow'],
    ['clone of a user namespace', 56, [0x10000011], { errno: EPERM }],
    ['clone3', 435, [], { errno: ENOSYS }],
    ['a TCP socket', 41, [2], 'allow'],
    ['a netlink socket', 41, [16], 'allow'],
    ['a named socket', 41, [1], { errno: EPERM }],
    ['a vsock socket', 41, [40], { errno: EAFNOSUPPORT }],
    ['a pair of sockets', 53, [1], 'allow'],
    ['a word for the terminal', 16, [0, 0x5412], { errno: EPERM }],
    ['a question to the terminal', 16, [0, 0x5401], 'allow'],
    ['io_uring', 425, [], { errno: ENOSYS }],
    ['a number of x32', 0x40000000 + 1, [], { errno: ENOSYS }],
  ] as const)('on x64: %s', (_what, number, values, expected) => {
    const bytes = filterBytes({ arch: 'x64', unixSockets: false });
    expect(run(bytes, { audit: AUDIT_ARCH.x64, number, args: values })).toEqual(expected);
  });

  it('lets named sockets through where the policy does', () => {
    const bytes = filterBytes({ arch: 'x64', unixSockets: true });
    expect(run(bytes, { audit: AUDIT_ARCH.x64, number: 41, args: [1] })).toBe('allow');
  });

  it('is small, and gives every call one number on each architecture', () => {
    expect(filterBytes({ arch: 'x64', unixSockets: false }).length / 8).toBeLessThan(200);
    for (const arch of ARCHES) {
      const numbers = (Object.keys(NUMBERS) as CallName[]).flatMap((name) => numberOf(name, arch) ?? []);
      expect(new Set(numbers).size).toBe(numbers.length);
    }
  });
});
