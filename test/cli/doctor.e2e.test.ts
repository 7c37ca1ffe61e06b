import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newPlace } from './program.ts';

it('doctor lists servers of tools and hooks, starts none of them, and shows no secret', async () => {
  const place = newPlace();
  const proof = join(place.folder, 'proof');
  mkdirSync(place.home);
  writeFileSync(
    join(place.home, 'config.toml'),
    `
[mcp_servers.here]
command = "touch"
args = [${JSON.stringify(proof)}, "s3cret"]
[mcp_servers.gone]
command = "no-such-program"
[mcp_servers.web]
url = "http://user:s3cret@127.0.0.1:9/mcp?key=s3cret"
[[hooks.PreToolUse]]
hooks = [{ type = "command", command = "./look.sh", required = true }]
[[hooks.Stop]]
hooks = [{ type = "command", command = "touch ${proof}", trusted = true }]
`,
  );
  const { out } = await place.run(['doctor', '--json']);
  const { checks } = JSON.parse(out) as { readonly checks: readonly { readonly name: string }[] };
  expect(checks.filter(({ name }) => /^(server|hook) /.test(name))).toEqual([
    { name: 'server here', status: 'ok', says: expect.stringMatching(/\/touch, not started$/) },
    {
      name: 'server gone',
      status: 'warning',
      says: 'no-such-program: there is no such program',
      remedy: 'mend mcp_servers.gone.command, or its PATH',
    },
    { name: 'server web', status: 'ok', says: 'http://127.0.0.1:9/mcp, not asked' },
    { name: 'hook PreToolUse', status: 'ok', says: './look.sh · in the sandbox · required' },
    { name: 'hook Stop', status: 'ok', says: `touch ${proof} · outside of the sandbox` },
  ]);
  expect(out).not.toContain('s3cret');
  expect(existsSync(proof)).toBe(false);
});
