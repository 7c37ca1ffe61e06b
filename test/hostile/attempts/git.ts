/** Into what git, or another tool, will obey later outside the sandbox. */
import { scripts, type Attempt, type Group } from '../attempt.ts';
import { policyFor } from '../judge.ts';

const inPlain = (name: string, script: string): Attempt => ({
  name,
  script,
  cwd: ({ base }) => `${base}/plain`,
  policy: ({ base }, mode) => policyFor(mode, [`${base}/plain`]),
});

const inBoth = (name: string, script: string): Attempt => ({
  name,
  script,
  policy: ({ base, ws }, mode) => policyFor(mode, [ws, `${base}/main`]),
});

export const git: Group = {
  name: 'git',
  attempts: [
    ...scripts({
      'writes a hook': 'echo x > .git/hooks/pre-commit; chmod +x .git/hooks/pre-commit.sample',
      'changes the configuration':
        'echo "[core] fsmonitor = ./evil" >> .git/config; git config core.fsmonitor ./evil 2>/dev/null; true',
      'replaces the configuration': 'echo x > c; mv c .git/config; cp file .git/config; rm -f c; true',
      'makes a commondir': 'mkdir -p evil/hooks; echo ../evil > .git/commondir; rm -r evil',
      'makes attributes': 'mkdir .git/info; echo "* filter=x" > .git/info/attributes; true',
      'moves .git away': 'mv .git .git2 && echo BREACH; true',
      'deletes .git': 'rm -rf .git 2>/dev/null; true',
      'lays a link over .git': 'ln -sfn evil .git; ln -sfT evil .git; true',
      'exchanges .git':
        'mkdir -p evil; perl -e \'print "BREACH\\n" if syscall(316, -100, "evil", -100, ".git", 2) >= 0\'; rmdir evil',
      'links the configuration out': 'ln .git/config c && { echo BREACH; echo x >> c; }; true',
      'goes around through /proc': 'echo x > /proc/self/root$WS/.git/config; echo x > /proc/self/cwd/.git/config; true',
      'goes around by ..': 'mkdir -p a/b; echo x > a/b/../../.git/config; echo x > $WS/../ws/.git/config; rm -r a',
      'goes around through a link':
        'ln -s $WS again; echo x > again/.git/config; echo x > again/.git/hooks/x; rm again',
      'writes a hook of a nested repository':
        'echo x > sub/inner/.git/hooks/pre-commit; echo x >> sub/inner/.git/config',
      'moves a nested repository': 'mv sub/inner sub/other && echo BREACH; mv sub elsewhere && echo BREACH; true',
      'rebuilds a nested repository':
        'rm -rf sub 2>/dev/null; mkdir -p sub/inner/.git/hooks 2>/dev/null; echo x > sub/inner/.git/hooks/pre-commit; true',
      'changes a bare repository':
        'echo x >> bare.git/config; echo x > bare.git/hooks/post-receive; mv bare.git/hooks bare.git/h && echo BREACH; mv bare.git b && echo BREACH; true',
      'points a worktree elsewhere':
        'echo "gitdir: $WS/evil" > linked/.git; rm -f linked/.git; mv linked/.git x; mv linked l && echo BREACH; true',
      'changes the gitdir of a worktree':
        'echo x > $BASE/main/.git/worktrees/linked/commondir; echo x > $BASE/main/.git/hooks/pre-commit; true',
      'changes settings of an editor':
        'echo x > .vscode/settings.json; echo x > .vscode/tasks.json; mv .vscode v && echo BREACH; true',
      'writes to memory of .git': 'perl -e \'if (open(F, "+<", ".git/config")) { print "BREACH\\n"; print F "x" }\'',
      'makes folders that tools obey':
        'for n in .codex .agents .claude .turnstile; do mkdir $n; mkdir $n/x; echo x > $n/config.toml; mv $n $n.x; rmdir $n; ln -s evil $n; done 2>/dev/null; true',
    }),
    inPlain('makes .git where none was', 'mkdir .git; mkdir .git/hooks; echo x > .git/config; true'),
    inPlain(
      'starts a repository where none was',
      'git init -q . 2>/dev/null; git init -q --separate-git-dir=/tmp/sep . 2>/dev/null; true',
    ),
    inPlain('moves a folder to .git', 'mkdir g; mv -T g .git; rmdir .git; mv g .git; mv -T g .git; rm -rf g; true'),
    inPlain('makes .git a file', 'echo "gitdir: evil" > .git; rm -rf .git; echo "gitdir: evil" > .git; true'),
    inPlain('makes .git a link', 'rmdir .git; ln -s evil .git; ln -sT evil .git; true'),
    inPlain('unmounts and makes .git', 'umount .git; umount -l .git; rmdir .git && mkdir .git; true'),
    inBoth(
      'changes a gitdir in another writable folder',
      'echo x > $BASE/main/.git/config; echo x > $BASE/main/.git/worktrees/linked/commondir; true',
    ),
    inBoth('moves a gitdir in another writable folder', 'mv $BASE/main/.git $BASE/main/g && echo BREACH; true'),
  ],
};
