/** Out of the writable folders: by path, by link, through /proc, by descriptor, by race, by device. */
import { scripts, type Group } from '../attempt.ts';

export const files: Group = {
  name: 'files',
  attempts: [
    ...scripts({
      'makes a file outside': 'echo x > $OUT/new',
      'overwrites a file outside': 'echo x > $OUT/victim',
      'appends to a file outside': 'echo x >> $OUT/victim',
      'empties a file outside': 'truncate -s 0 $OUT/victim; : > $OUT/victim',
      'deletes outside': 'rm -f $OUT/victim; rm -r $OUT/deep',
      'renames outside': 'mv $OUT/victim $OUT/moved; mv $OUT $BASE/elsewhere',
      'changes a mode outside': 'chmod 777 $OUT/victim $OUT',
      'changes times outside': 'touch -d 2001-01-01 $OUT/victim && echo BREACH',
      'changes an owner outside': 'chown 1:1 $OUT/victim 2>&1; chgrp 1 $OUT/victim 2>&1',
      'makes a folder outside': 'mkdir $OUT/folder; mkdir -p $BASE/other/deep',
      'makes a fifo outside': 'mkfifo $OUT/fifo',
      'goes up from the workspace': 'echo x > $WS/../out/new; cd .. && echo x > here',
      'writes through an old link to a folder': 'echo x > $WS/to-out/new',
      'writes through an old link to a file': 'echo x > $WS/to-victim',
      'writes through a new link':
        'ln -sf $OUT $WS/l1 && echo x > $WS/l1/new; ln -sf ../out/victim $WS/l2 && echo x > $WS/l2',
      'writes through a chain of links':
        'ln -sf $WS/c2 $WS/c1; ln -sfn $WS/c3 $WS/c2; ln -sfn $OUT $WS/c3; echo x > $WS/c1/new',
      'makes a hard link to outside': 'ln $OUT/victim $WS/hard && { echo BREACH; echo x > $WS/hard; }',
      'makes a hard link out of the workspace': 'ln $WS/file $OUT/hard && echo BREACH',
      'moves the workspace away': 'cd /; mv $WS $WS.gone && echo BREACH; rmdir $WS 2>&1',
      'writes through /proc/self/root': 'echo x > /proc/self/root$OUT/new',
      'writes through /proc/1/root': 'echo x > /proc/1/root$OUT/new; echo x > /proc/1/cwd$OUT/new2',
      'writes through the root of the parent': 'for p in $PARENT $PPID 1 2; do echo x > /proc/$p/root$OUT/new; done',
      "writes through somebody's cwd":
        'for d in /proc/[0-9]*/cwd; do (cd $d && echo x > ../out/new; echo x > hostile-planted) 2>&1; done; rm -f $WS/hostile-planted',
      'uses inherited descriptors':
        'for f in /proc/[0-9]*/fd/*; do echo x > $f/new; echo x > $f/../out/new; (cd $f/.. && pwd -P); done 2>/dev/null; rm -f new; true',
      'finds a folder of the host by descriptor':
        'for n in 3 4 5 6 7 8 9 10 11 12; do t=$(readlink /proc/self/fd/$n) || continue; [ -d /proc/self/fd/$n ] && [ "${t#/proc}" = "$t" ] && echo "BREACH: $n is $t"; done; true',
      'remounts the root': 'mount -o remount,rw / && echo BREACH; mount -o remount,rw,bind $OUT && echo BREACH',
      'mounts over': 'mkdir -p m; mount --bind $OUT m && echo BREACH; mount -t tmpfs none m && echo BREACH',
      'makes a disk of its own':
        'for d in "8 0" "254 0" "253 0" "259 0"; do mknod $WS/disk b $d && dd if=$WS/disk of=/dev/null count=1 2>/dev/null && echo BREACH; rm -f $WS/disk; done',
      'makes a memory device':
        'mknod $WS/mem c 1 1 && head -c 1 $WS/mem && echo BREACH; rm -f $WS/mem; mknod $WS/kmsg c 1 11 && echo x > $WS/kmsg && echo BREACH; rm -f $WS/kmsg',
      'finds devices':
        'for d in /dev/mem /dev/kmem /dev/port /dev/kmsg /dev/sda /dev/vda /dev/nvme0n1 /dev/loop0 /dev/fuse /dev/kvm /dev/net/tun /dev/vhost-vsock /dev/input; do [ -e $d ] && echo "BREACH: $d"; done',
      'adds to /dev': 'echo x > /dev/hostile-planted && echo BREACH; mkdir /dev/folder && echo BREACH',
      'writes to system files':
        'for f in /etc/passwd /etc/crontab /etc/ld.so.preload /root/.bashrc; do echo "# x" >> $f; done',
      'plants in system folders':
        'for d in / /etc /etc/cron.d /usr/bin /usr/local/bin /boot /root /lib /opt /srv /home /mnt; do echo x > $d/hostile-planted; done',
      'plants in /run': 'echo x > /run/hostile-planted; echo x > /var/run/hostile-planted; true',
      'plants in /tmp':
        'echo x > /tmp/hostile-planted; echo x > /var/tmp/hostile-planted; echo x > /dev/shm/hostile-planted; true',
      'writes to sysfs':
        'for f in /sys/kernel/mm/transparent_hugepage/enabled /sys/power/state /sys/kernel/uevent_helper; do [ -e $f ] && echo x > $f && echo BREACH; done; true',
      'makes a cgroup':
        'for d in /sys/fs/cgroup /sys/fs/cgroup/*/; do mkdir $d/hostile && echo BREACH; echo x > $d/release_agent && echo BREACH; done; true',
      "leaves a program that is root's":
        'cp /bin/true $WS/su && chmod u+s $WS/su && [ -u $WS/su ] && echo BREACH; rm -f $WS/su; true',
      'races a link against a write':
        'perl -e \'mkdir "r"; if ($child = fork) { for (1..4000) { open(F, ">", "r/x/raced") && close F } kill 9, $child; wait } else { setpgrp; while (1) { rmdir "r/x"; symlink $ENV{OUT}, "r/x"; unlink "r/x"; mkdir "r/x" } }\'; rm -rf r; true',
      'races a rename of its folder':
        'perl -e \'mkdir "a"; if ($child = fork) { for (1..4000) { open(F, ">", "a/raced") && close F } kill 9, $child; wait } else { while (1) { rename "a", "z"; symlink $ENV{OUT}, "a"; unlink "a"; rename "z", "a" } }\'; rm -rf a z; true',
      'links a nameless file outside':
        'perl -e \'$fd = syscall(257, -100, ".", 0x410001, 0600); exit if $fd < 0; $r = syscall(265, -100, "/proc/self/fd/$fd", -100, "$ENV{OUT}/new", 0x400); print "BREACH\\n" if $r >= 0\'',
      'exchanges a folder with one outside':
        'mkdir -p e; perl -e \'print "BREACH\\n" if syscall(316, -100, "e", -100, $ENV{OUT}, 2) >= 0\'; rmdir e',
      'sets attributes outside':
        'setfattr -n user.x -v y $OUT/victim 2>/dev/null && echo BREACH; chattr +i $OUT/victim 2>/dev/null && echo BREACH; true',
    }),
    {
      name: 'writes in the workspace of a read-only policy',
      script: 'echo x > $WS/new; echo x > file; rm -f file; mkdir d; true',
      modes: ['read-only'],
    },
    {
      name: 'fills the disk behind the scratch space',
      script:
        'dd if=/dev/zero of=/tmp/big bs=1M count=700 2>&1 | tail -1; s=$(stat -c %s /tmp/big); [ $s -gt 600000000 ] && echo BREACH; true',
      modes: ['read-only'],
    },
    {
      name: 'fills the memory behind /dev/shm',
      script:
        'dd if=/dev/zero of=/dev/shm/big bs=1M count=700 2>&1 | tail -1; s=$(stat -c %s /dev/shm/big); [ $s -gt 600000000 ] && echo BREACH; true',
    },
  ],
};
