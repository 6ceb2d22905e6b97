"""A router with nftables, in the network namespace that this is started in: it says which packets came out, and as what.

Standard input: {"commands": [[...]], "rules": "...", "markers": {"1": "hex", "2": "hex"}, "packets": [{"port": 1, "frame": "hex"}]}; p1 is the veth end `a`, p2 is `b`.
Standard output: for each packet a list of [port, "hex"] of what came out of the other end.
"""

import json
import os
import select
import socket
import subprocess
import sys

ENDS = {1: "a", 2: "b"}
ETH_P_ALL = 3
PATIENCE_SECONDS = 10

# Packets wait in a queue of the core that sends them: on one core none overtakes another.
os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
job = json.load(sys.stdin)
for command in job["commands"]:
    subprocess.run(command, check=True)
subprocess.run(["/usr/sbin/nft", "-f", "-"], input=job["rules"], text=True, check=True)

sockets = {}
for port, name in ENDS.items():
    sockets[port] = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    sockets[port].bind((name, 0))


def receive(port, patience):
    """The next packet that was sent to an end; None where there is none in time."""
    while select.select([sockets[port]], [], [], patience)[0]:
        frame, address = sockets[port].recvfrom(65536)
        # The router says things of its own too, to groups.
        if address[2] == socket.PACKET_OTHERHOST and frame[0] & 1 == 0:
            return frame
    return None


def is_marker(frame):
    return frame[23:24] == b"\xfd" and frame[12:14] == b"\x08\x00"


def send(port, frame, marker):
    """What comes out behind a router when a frame is sent, up to the marker that follows it."""
    other = 3 - port
    sockets[port].send(bytes.fromhex(frame))
    sockets[port].send(bytes.fromhex(marker))
    out = []
    while True:
        got = receive(other, PATIENCE_SECONDS)
        if got is None:
            sys.exit(f"the marker behind a packet from p{port} did not come out")
        if is_marker(got):
            return out
        out.append([other, got.hex()])


print(json.dumps([send(p["port"], p["frame"], job["markers"][str(p["port"])]) for p in job["packets"]]))
