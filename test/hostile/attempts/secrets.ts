/** To what nobody may read: keys at home, other people's memory and environment, temporary files. */
import { scripts, type Group } from '../attempt.ts';

export const secrets: Group = {
  name: 'secrets',
  attempts: scripts({
    'reads a key': 'cat $HOME/.ssh/id_rsa',
    'lists the keys': 'ls $HOME/.ssh | grep . && echo BREACH; true',
    'reads other credentials':
      'cat $HOME/.aws/credentials $HOME/.gnupg/secring $HOME/.kube/config $HOME/.docker/config.json $HOME/.netrc',
    'reads our own credentials': 'cat $HOME/own/auth.json',
    'reads by a program':
      'tar c $HOME 2>/dev/null | strings; grep -r CANARY $HOME; cp -r $HOME $WS/h 2>/dev/null; grep -r CANARY $WS/h; rm -rf $WS/h; true',
    'opens the folder first': 'chmod 700 $HOME/.ssh; chmod 777 $HOME/.ssh; cat $HOME/.ssh/id_rsa',
    'opens the file first': 'chmod 644 $HOME/.netrc; cat $HOME/.netrc',
    'moves the folder away': 'mv $HOME/.ssh $HOME/s; cat $HOME/s/id_rsa; mv $HOME $BASE/h; cat $BASE/h/.ssh/id_rsa',
    'unmounts the cover':
      'umount $HOME/.ssh; umount -l $HOME/.ssh; umount $HOME/.netrc; cat $HOME/.ssh/id_rsa $HOME/.netrc',
    'goes through a link': 'ln -sfn $HOME/.ssh $WS/s; cat $WS/s/id_rsa; rm -f $WS/s',
    'makes a hard link': 'ln $HOME/.ssh/id_rsa $WS/k; ln $HOME/.netrc $WS/n; cat $WS/k $WS/n; rm -f $WS/k $WS/n; true',
    'goes through /proc':
      'cat /proc/self/root$HOME/.ssh/id_rsa; cat /proc/1/root$HOME/.ssh/id_rsa; cat /proc/$PARENT/root$HOME/.ssh/id_rsa; for d in /proc/[0-9]*/cwd /proc/[0-9]*/fd/*; do cat $d/../home/.ssh/id_rsa; done 2>/dev/null; true',
    'reads the environment of others':
      'cat /proc/[0-9]*/environ | tr "\\0" "\\n" | grep -a HOSTILE_CANARY && echo BREACH; true',
    'reads the environment of the parent':
      'cat /proc/$PARENT/environ | tr "\\0" "\\n" | grep -a HOSTILE_CANARY; cat /proc/$PPID/environ | tr "\\0" "\\n" | grep -a HOSTILE_CANARY; true',
    'finds more in its environment than it was given':
      'env | grep -E "HOSTILE_CANARY|TOKEN|VITEST|NODE_" && echo BREACH; true',
    'reads the memory of others':
      'for m in /proc/[0-9]*/mem; do [ $m = /proc/self/mem ] || head -c 1 $m >/dev/null 2>&1 && echo "BREACH: $m"; done; true',
    'reads how it was confined':
      'tr "\\0" " " < /proc/1/cmdline | grep -E -- "--set[e]nv|--bind-f[d]" && echo BREACH; true',
    'reads temporary files of the host':
      'cat $HOSTTMP; cat /tmp/hostile-*/secret; ls /var/tmp | grep . && [ ! -e /var/tmp/hostile-planted ] && ls /var/tmp | grep -E "systemd|cloud" && echo BREACH; true',
    'reads the temporary folder by its own name': 'cat $BASE/tmp/../home/.ssh/id_rsa; true',
    'reads secrets in /run':
      'ls /run | grep -vE "^(systemd|current-system|booted-system|opengl-driver|hostile-planted)$" && echo BREACH; ls /run/user /run/secrets 2>/dev/null | grep . && echo BREACH; true',
    'asks the kernel for keys': 'keyctl show 2>/dev/null | grep . && echo BREACH; true',
    'dumps a core': "ulimit -c unlimited; bash -c 'kill -SEGV $$' 2>/dev/null; rm -f core*; true",
  }),
};
