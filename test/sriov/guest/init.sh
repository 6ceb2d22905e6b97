#!/bin/sh
# Process 1 of the guest, on the host's files: the rest of the file systems, then the agent that the tests talk to.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8
mount -t tmpfs run /run
# Not over the project itself.
case $0 in
/tmp/*) ;;
*) mount -t tmpfs tmp /tmp ;;
esac
mkdir -p /run/netns /run/logs /dev/shm
mount -t tmpfs shm /dev/shm
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000 logs /run/logs
ln -s /proc/self/fd /dev/fd
ip link set lo up
# Less that nobody asked for on the wire.
for scope in all default; do echo 1 >/proc/sys/net/ipv6/conf/$scope/disable_ipv6; done
echo 1 >/proc/sys/net/core/devconf_inherit_init_net
node "$(dirname "$0")/agent.mjs" /dev/vport*p1
echo "the agent ended with exit code $?"
echo o >/proc/sysrq-trigger
sleep 60
