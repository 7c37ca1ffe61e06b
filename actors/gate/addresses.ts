/**
 * From a name to an address that may be connected to. A name is looked up once, and the address that was checked is the
 * one that is used: a second answer, with another address, is never asked for.
 */
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { isAddress, isBarred, isListed, type Target } from '../../sandbox/hosts.ts';

/** All addresses of a name; throws where there is none. */
export type Resolve = (name: string) => Promise<readonly string[]>;

export const resolveBySystem: Resolve = async (name) =>
  (await lookup(name, { all: true })).map(({ address }) => address);

/** Ourselves, the house, the neighbours on the wire, clouds' metadata, and what nobody should be called by. */
const INNER: readonly (readonly [net: string, bits: number, family: 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 96, 'ipv6'],
  ['64:ff9b::', 96, 'ipv6'],
  ['64:ff9b:1::', 48, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['2001::', 32, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 9, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
];
const inner = new BlockList();
for (const [net, bits, family] of INNER) inner.addSubnet(net, bits, family);

/** An IPv4 address in the dress of an IPv6 one is judged as the former. */
export const isInner = (address: string): boolean => {
  const family = isIP(address);
  return family === 0 || inner.check(address, family === 4 ? 'ipv4' : 'ipv6');
};

/** `unlisted` is the only one that a person could change by a yes. */
export type Found =
  | { readonly address: string }
  | { readonly refused: string; readonly why: 'unlisted' | 'barred' | 'inner' | 'unknown' };

export interface Lists {
  readonly hosts: readonly string[];
  /** Stands before the hosts, for names and for the addresses they lead to. */
  readonly except: readonly string[];
}

const bare = (host: string): string => (host.startsWith('[') ? host.slice(1, -1) : host);
const asHost = (address: string): string => (isIP(address) === 6 ? `[${address}]` : address);

/** The machine itself is reached by the entry that says so, whatever a resolver thinks of the name. */
const LOCAL: Readonly<Record<string, string>> = { localhost: '127.0.0.1' };

const BARRED = { refused: 'a rule forbids it', why: 'barred' } as const;

export const find = async ({ hosts, except }: Lists, target: Target, resolve: Resolve): Promise<Found> => {
  const { host, port } = target;
  if (isBarred(except, target)) return BARRED;
  if (!isListed(hosts, target)) return { refused: 'it is not in the list of hosts', why: 'unlisted' };
  if (isAddress(host)) return { address: bare(host) };
  const local = LOCAL[host];
  if (local !== undefined) return isBarred(except, { host: local, port }) ? BARRED : { address: local };
  const addresses = await resolve(host).catch(() => null);
  if (addresses === null) return { refused: 'its name cannot be resolved', why: 'unknown' };
  const open = addresses.filter((address) => !isBarred(except, { host: asHost(address), port }));
  if (open.length < addresses.length && open.length === 0) return BARRED;
  const usable = open.find((address) => !isInner(address) || isListed(hosts, { host: asHost(address), port }));
  const leads = `it leads to ${addresses.join(', ') || 'no address'}, which is not a public one`;
  return usable === undefined ? { refused: leads, why: 'inner' } : { address: usable };
};
