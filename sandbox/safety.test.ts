import { describe, expect, it } from 'vitest';
import { isDangerous, isHarmless } from './safety.ts';
import { read } from './segments.ts';

const isAccepted = (script: string): boolean => {
  const reading = read({ argv: ['bash', '-lc', script] });
  return reading.kind === 'words' && isHarmless(reading.segments);
};
const lines = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

const HARMLESS = lines(`
  ls
  ls -la src
  ls --color=never -R
  cat package.json
  cat a.txt b.txt | wc -l
  head -n 20 file
  head -12 file
  tail -c 100 file
  grep -rn TODO src
  grep -E 'a|b' file | sort_is_not_here || true
  rg -n "class Foo" src
  rg --files -g '*.ts'
  find . -name '*.ts' -type f -print
  find src -maxdepth 2 -newer a
  git status
  git status --short --branch
  git log --oneline -n 5
  git log -5 --format=%h
  git diff --stat HEAD
  git diff --cached -- src/a.ts
  git show HEAD:file
  git branch --show-current
  git branch -a
  sed -n 10,20p file
  sed -n '5p' file
  wc -l file && pwd
  echo hello; whoami
  cut -d : -f 1 file
  sort_free | true
  cd src && ls
  which node
  stat -c %s file
  uniq -c in
`).filter((line) => !line.includes('sort_'));

/** Each of these does, or could be made to do, more than read. */
const REFUSED = lines(String.raw`
  rm -rf x
  touch y
  ls > y
  ls >> y
  ls 2> y
  ls &> y
  cat < y > z
  ls & touch y
  ls && touch y
  ls || touch y
  ls; touch y
  ls | tee y
  ls | sh
  ls | xargs rm
  cat x | bash
  echo $(touch y)
  echo "$(touch y)"
  echo ${'`'}touch y${'`'}
  echo "${'`'}touch y${'`'}"
  echo <(touch y)
  echo >(touch y)
  ls $(touch y)
  ls {a,$(touch y)}
  ls *
  rg x *
  ls $HOME
  (touch y)
  { touch y; }
  if true; then touch y; fi
  for i in a; do touch y; done
  while touch y; do true; done
  case a in a) touch y;; esac
  f() { touch y; }; f
  eval touch y
  exec touch y
  . ./evil
  source evil
  command touch y
  builtin echo x > y
  env touch y
  env -S 'touch y'
  nohup touch y
  time touch y
  sudo ls
  ./ls
  /tmp/ls
  bin/cat file
  ../cat file
  PATH=. ls
  LD_PRELOAD=./evil.so ls
  BASH_ENV=evil bash
  find . -exec touch y ;
  find . -exec touch y \;
  find . -ex\ec touch y ";"
  find . "-exec" touch y ";"
  find . '-delete'
  find . -delete
  find . -execdir touch y ';'
  find . -ok touch y ';'
  find . -okdir touch y ';'
  find . -fprint y
  find . -fprint0 y
  find . -fprintf y x
  find . -fls y
  find . -files0-from x
  find . {-exec,touch,y} ";"
  find . -unknown
  rg --pre ./evil x
  rg --pre=./evil x
  rg --pr\e=./evil x
  rg --pre-glob '*' --pre sh x
  rg "--pre=sh" x
  rg --hostname-bin ./evil x
  rg --hostname-bin=./evil --hyperlink-format=default x
  rg --search-zip x
  rg -z x
  rg -nz x
  rg -A --pre=sh x
  rg -g --pre sh x
  rg --config evil x
  rg --ignore-file x y
  sed -n 1p -fevil.sed
  sed -n 1p -i file
  sed -n 1p --in-place file
  sed -i s/a/b/ file
  sed -n '1w y' file
  sed -n '1e touch y' file
  sed -n 's/a/b/w y' file
  sed -n 1p a b
  sed 1p file
  sed -e 1p file
  git -C evil status
  git -c core.fsmonitor=./evil status
  git --git-dir=evil status
  git --work-tree=evil diff
  git --exec-path=evil status
  git -p log
  git --paginate log
  git diff --output=y
  git diff --stat --output=y
  git diff --color --output=y
  git log --output=y
  git log --decorate --output=y
  git show --output y
  git diff --ext-diff
  git log --textconv
  git show --textconv
  git diff --outpu=y
  git log --exec=x
  git branch new
  git branch -D main
  git branch -m a b
  git branch --edit-description
  git branch --set-upstream-to=x
  git checkout .
  git reset --hard
  git stash
  git clean -fd
  git commit -m x
  git push
  git config core.pager ./evil
  git grep -O./evil x
  git ls-remote ext::evil
  git status -- && touch y
  cd evil && git status
  cd evil; git log
  cd a b && ls
  uniq in out
  uniq -c in out
  tail -f file
  tail --follow file
  tail --pid=1 -f x
  cat file >| y
  tee y
  sort -o y x
  sort --compress-program=./evil x
  base64 -o y x
  awk 'BEGIN { system("touch y") }'
  xargs touch
  node -e 1
  python3 -c 1
  perl -e 1
  npm test
  make
  cargo check
  tar cf y .
  curl http://x
  ssh host
  dd of=y
  ln -s a b
  mv a b
  cp a b
  chmod 777 a
  test -f a && touch y
  [ -f a ] && touch y
  kill 1
  printf x > y
  ls -la\⏎; touch y
  ls #; touch y
  ls '
  ls "
  ls \
  ~/ls
  =ls
  !!
  %1
  'ls' 'a' > y
  l""s; touch y
  cat <<E
  tr a b c
  pwd x
`).map((line) => line.replace('⏎', '\n'));

describe('known to be harmless (E.2)', () => {
  it.each(HARMLESS)('%s', (script) => expect(isAccepted(script)).toBe(true));
});

describe('asked about, since it could do more', () => {
  it(`is a corpus of more than 100 scripts, none accepted`, () => {
    expect(REFUSED.length).toBeGreaterThan(100);
    expect(REFUSED.filter(isAccepted)).toEqual([]);
  });

  it.each([
    [['ls', '-la'], true],
    [['/bin/ls'], false],
    [['bash', '-c', 'ls', 'x'], false],
    [['./bash', '-c', 'ls'], false],
    [['/bin/bash', '-c', 'ls'], true],
    [['/tmp/bash', '-c', 'ls'], false],
    [['bash', '-ic', 'ls'], false],
    [['bash', 'script'], false],
    [['zsh', '-lc', 'ls | wc'], true],
    [['__proto__'], false],
    [['constructor'], false],
  ] as const)('%j', (argv, expected) => {
    const reading = read({ argv: [argv[0], ...argv.slice(1)] });
    expect(reading.kind === 'words' && isHarmless(reading.segments)).toBe(expected);
  });
});

describe('known to be dangerous (E.2)', () => {
  it.each(
    lines(`
    rm -f x
    rm -rf x
    rm -r x
    rm x -fr
    rm --recursive x
    /bin/rm -rf x
    git reset --hard
    git -C x reset
    git -c a=b rm x
    /usr/bin/git clean -fd
    sudo rm -rf x
    sudo -u root rm -f x
    sudo -E A=b rm -f x
    doas git reset
    env A=b rm -rf x
    nohup rm -rf x
    xargs -n 1 rm -rf
    mkfs.ext4 /dev/sda
    dd if=x of=/dev/sda
  `),
  )('%s', (script) => expect(isDangerous([script.split(' ')[0] ?? '', ...script.split(' ').slice(1)])).toBe(true));

  it.each(
    lines(`
    rm x
    git status
    git commit -m reset
    git log --grep reset
    grep rm x
    sudo ls
    npm run clean
    dd if=a of=b
  `),
  )('not %s', (script) => expect(isDangerous([script.split(' ')[0] ?? '', ...script.split(' ').slice(1)])).toBe(false));
});
