"""Sends and receives Ethernet frames by a packet socket: frames.py INTERFACE MARK

Each line of standard input, COUNT HEX, is a frame that is sent COUNT times, answered by `sent COUNT`. Each frame that came in and
contains the mark is a line of standard output, `got HEX`. `ready` comes first.
"""

import socket
import sys
import threading

PACKET_OUTGOING = 4
EVERYTHING = socket.htons(3)

interface, mark = sys.argv[1], sys.argv[2].encode()
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, EVERYTHING)
link.bind((interface, 0))


def say(line):
    print(line, flush=True)


def send():
    for line in sys.stdin:
        count, frame = line.split()
        for _ in range(int(count)):
            link.send(bytes.fromhex(frame))
        say("sent " + count)


threading.Thread(target=send, daemon=True).start()
say("ready")
while True:
    frame, address = link.recvfrom(2048)
    if mark in frame and address[2] != PACKET_OUTGOING:
        say("got " + frame.hex())
