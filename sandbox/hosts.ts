/**
 * Lists of hosts that a command may reach: what an entry may look like, and whether a host is meant by one. Pure.
 *
 * An entry is `example.com`, `*.example.com` (what is below it, not itself) or an address, each with `:port` or without;
 * without one it means the ports of the web. There is no entry for everything: that is `network on`.
 */

/** What an entry without a port means. */
export const WEB_PORTS: readonly number[] = [80, 443];

export interface Target {
  /** In lower case, without a dot at the end; an address as the URL standard writes it, IPv6 in brackets. */
  readonly host: string;
  readonly port: number;
}

interface Entry {
  readonly host: string;
  readonly isSuffix: boolean;
  /** Null: those of the web. */
  readonly port: number | null;
}

const PARTS = /^(\*\.)?(\[[0-9a-f:.]+\]|[^\s/?#@\\:[\]*%]+)(?::(\d{1,5}))?$/i;
const HIGHEST_PORT = 65_535;

/** The one spelling of a host: `0x7f.1`, `127.1` and `127.0.0.1` are the same place. Null: none. */
export const canonical = (host: string): string | null => {
  const url = URL.canParse(`http://${host}/`) ? new URL(`http://${host}/`) : null;
  if (url === null || url.username !== '' || url.port !== '' || url.pathname !== '/') return null;
  return url.hostname.replace(/\.$/, '') || null;
};

const parse = (text: string): Entry | null => {
  const [, star, name, digits] = PARTS.exec(text) ?? [];
  const host = name === undefined ? null : canonical(name);
  const port = digits === undefined ? null : Number(digits);
  if (host === null || (port !== null && (port === 0 || port > HIGHEST_PORT))) return null;
  const isSuffix = star !== undefined;
  return isSuffix && isAddress(host) ? null : { host, isSuffix, port };
};

export const isAddress = (host: string): boolean => host.startsWith('[') || /^\d+(?:\.\d+){3}$/.test(host);

export const isHostEntry = (text: string): boolean => parse(text) !== null;

/** `name:port`, as a client asks a proxy for it. */
export const targetOf = (text: string): Target | null => {
  const entry = parse(text);
  return entry === null || entry.isSuffix || entry.port === null ? null : { host: entry.host, port: entry.port };
};

export const inWords = ({ host, port }: Target): string => `${host}:${port}`;

/** Names of the machine itself, which a command in a network of its own has too. */
const OWN = ['localhost', '127.0.0.1', '[::1]'];

/** What a command reaches without a gate: its own loopback, but for what the list says of ours. */
export const ownNames = (entries: readonly string[]): readonly string[] => {
  const listed = entries.map((text) => parse(text)?.host);
  return OWN.filter((name) => !listed.includes(name)).map((name) => name.replace(/[[\]]/g, ''));
};

const isMeant = (text: string, { host, port }: Target, portless: readonly number[] | 'all'): boolean => {
  const entry = parse(text);
  if (entry === null) return false;
  const isHost = entry.isSuffix ? host.endsWith(`.${entry.host}`) : host === entry.host;
  return isHost && (entry.port === null ? portless === 'all' || portless.includes(port) : entry.port === port);
};

/** Whether one of the entries means the target. */
export const isListed = (entries: readonly string[], target: Target): boolean =>
  entries.some((entry) => isMeant(entry, target, WEB_PORTS));

/** Whether one of the entries takes the target out. One without a port means every port: a fence is not for the web alone. */
export const isBarred = (entries: readonly string[], target: Target): boolean =>
  entries.some((entry) => isMeant(entry, target, 'all'));
