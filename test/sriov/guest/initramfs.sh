#!/bin/busybox sh
# The guest's first program: loads the drivers, then makes the host's files, read-only below a layer in memory, its root.
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in /modules/*; do insmod "$module"; done
mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=512000,cache=loose host /host || poweroff -f
mount -t tmpfs changes /changes
mkdir /changes/upper /changes/work
mount -t overlay overlay -o lowerdir=/host,upperdir=/changes/upper,workdir=/changes/work /root || poweroff -f
for folder in proc sys dev; do mount --move "/$folder" "/root/$folder"; done
exec switch_root /root "$(sed 's/.*guest=\([^ ]*\).*/\1/' /root/proc/cmdline)/init.sh"
