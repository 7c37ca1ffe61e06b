/** To anybody who listens: on the host, in the neighbourhood, through daemons. */
import { scripts, type Group } from '../attempt.ts';

const perlConnect = (family: string, address: string): string =>
  `perl -MSocket -e 'socket(S, ${family}, SOCK_STREAM, 0) or exit; print "BREACH\\n" if connect(S, ${address})'`;

export const network: Group = {
  name: 'network',
  attempts: scripts({
    'connects to the host by TCP': perlConnect('PF_INET', 'sockaddr_in($ENV{TCP}, inet_aton("127.0.0.1"))'),
    'connects through bash': '(echo x > /dev/tcp/127.0.0.1/$TCP) 2>/dev/null && echo BREACH; true',
    'connects by another name of the host':
      'for a in 127.0.0.2 0.0.0.0 localhost; do (echo x > /dev/tcp/$a/$TCP) 2>/dev/null && echo BREACH; done; true',
    'connects by IPv6':
      '(echo x > /dev/tcp/::1/$TCP) 2>/dev/null && echo BREACH; (echo x > /dev/tcp/::ffff:127.0.0.1/$TCP) 2>/dev/null && echo BREACH; true',
    'connects to addresses of the host':
      'for a in $(hostname -I 2>/dev/null) 10.0.0.1 172.17.0.1 192.168.0.1 169.254.169.254; do timeout 1 bash -c "echo x > /dev/tcp/$a/$TCP" 2>/dev/null && echo BREACH; done; true',
    'sends by UDP': '(echo x > /dev/udp/127.0.0.1/$UDP) 2>/dev/null; true',
    'sends to everybody':
      'perl -MSocket -e \'socket(S, PF_INET, SOCK_DGRAM, 0) or exit; setsockopt(S, SOL_SOCKET, SO_BROADCAST, 1); print "BREACH\\n" if send(S, "x", 0, sockaddr_in($ENV{UDP}, INADDR_BROADCAST))\'',
    'asks for a name':
      'timeout 3 getent hosts example.com && echo BREACH; (echo x > /dev/udp/1.1.1.1/53) 2>/dev/null && echo BREACH; true',
    'reaches the internet': '(timeout 2 bash -c "echo x > /dev/tcp/1.1.1.1/80") 2>/dev/null && echo BREACH; true',
    'connects to a named socket in the workspace': perlConnect('PF_UNIX', 'sockaddr_un($ENV{USOCK})'),
    'connects to an abstract socket': perlConnect('PF_UNIX', 'sockaddr_un("\\0$ENV{ABSTRACT}")'),
    'sends to a named socket':
      'perl -MSocket -e \'socket(S, PF_UNIX, SOCK_DGRAM, 0) or exit; print "BREACH\\n" if send(S, "x", 0, sockaddr_un($ENV{USOCK}))\'',
    'finds sockets of daemons':
      'for s in /run/docker.sock /var/run/docker.sock /run/dbus/system_bus_socket /run/systemd/private /run/podman/podman.sock /run/containerd/containerd.sock /tmp/.X11-unix/X0; do [ -e $s ] && echo "BREACH: $s"; done; true',
    'finds agents in /tmp': 'ls -d /tmp/ssh-* /tmp/hostile-* 2>/dev/null && echo BREACH; true',
    'has more than its own loopback': 'tail -n +3 /proc/net/dev | grep -v " lo:" && echo BREACH; true',
    'adds a network device':
      'ip link add d0 type dummy 2>/dev/null && echo BREACH; ip tuntap add t0 mode tun 2>/dev/null && echo BREACH; true',
    'adds an address':
      'ip addr add 10.9.9.9/24 dev lo 2>/dev/null && echo BREACH; ip route add default dev lo 2>/dev/null && echo BREACH; true',
    'changes the firewall':
      'iptables -A OUTPUT -j DROP 2>/dev/null && echo BREACH; nft add table t 2>/dev/null && echo BREACH; true',
    'reads packets': 'perl -e \'print "BREACH\\n" if syscall(41, 17, 3, 768) >= 0\'',
    'passes by vsock': 'perl -e \'print "BREACH\\n" if syscall(41, 40, 1, 0) >= 0\'',
    'passes by an inherited socket':
      'for f in /proc/self/fd/*; do case "$(readlink $f)" in socket:*) n=${f##*/}; [ $n -gt 2 ] && echo "BREACH: $n"; esac; done; true',
    'talks to the kernel as root':
      'perl -e \'$f = syscall(41, 16, 3, 9); exit if $f < 0; $m = pack("LSSLLLLLL", 16, 1001, 5, 0, 0); print "BREACH\\n" if $f >= 0 && syscall(44, $f, $m, 16, 0, 0, 0) >= 0 && 0\'; true',
  }),
};
