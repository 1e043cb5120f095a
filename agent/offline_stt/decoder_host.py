"""The decoder host: a process that loads the models once and forks a decoder for each stream.

pocketsphinx holds the interpreter's lock, so each stream has a process. A fork takes 3 ms and
shares the models; it starts from the same state each time, so nothing of one stream can show in
another. The host has one thread and imports neither numpy nor asyncio, which makes forking safe.

Every process here ends when its socket to the server does, so none outlives the server.
"""

import argparse
import gc
import json
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from offline_stt.recogniser import Recogniser, load_decoder
from offline_stt.vocabulary import add_names, plain_word
from offline_stt.wire import Kind, pack, pack_words, read
from offline_stt.words import parse_terms, read_words


def main(argv: Sequence[str]) -> int:
    """Load, say so on the control socket, and fork until that socket ends."""
    parser = argparse.ArgumentParser(prog="offline_stt.decoder_host")
    parser.add_argument("--control-fd", type=int, required=True)
    parser.add_argument("--words", type=Path)
    arguments = parser.parse_args(argv)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the group; the server decides
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended decoders are reaped by the kernel
    with socket.socket(fileno=arguments.control_fd) as control:
        decoder = load_decoder()
        entries = read_words(arguments.words) if arguments.words else []
        guessed = [plain_word(added.word) for added in add_names(decoder, entries) if added.guessed]
        control.sendall(json.dumps(guessed).encode() + b"\n")
        gc.freeze()  # a collection in a fork would copy the pages that it shares
        return _fork_on_request(control, decoder)


def _fork_on_request(control: socket.socket, decoder: Any) -> int:
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not data:
            return 0
        if os.fork() == 0:
            control.close()
            _run_decoder(decoder, descriptors[0])
        for descriptor in descriptors:
            os.close(descriptor)


def _run_decoder(decoder: Any, descriptor: int) -> None:
    """Serve one stream in a fork, and end the process with it."""
    status = 1
    try:
        with socket.socket(fileno=descriptor) as stream:
            serve_stream(Recogniser(decoder), stream)
        status = 0
    except (BrokenPipeError, ConnectionResetError):
        status = 0  # the server closed the stream first
    except Exception:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(status)  # never back into the host's loop


def serve_stream(recogniser: Recogniser, stream: socket.socket) -> None:
    """Answer the frames of one stream until it ends."""
    frames = stream.makefile("rb")
    while (frame := read(frames)) is not None:
        match frame:
            case (Kind.TERMS, payload):
                recogniser.expect(parse_terms(json.loads(payload)))
                stream.sendall(pack(Kind.READY, str(os.getpid()).encode()))
            case (Kind.BEGIN, _):
                recogniser.begin()
            case (Kind.AUDIO, payload):
                stream.sendall(pack(Kind.PARTIAL, pack_words(recogniser.hear(payload))))
            case (Kind.END, _):
                stream.sendall(pack(Kind.FINAL, pack_words(recogniser.finish())))
            case _:
                raise ValueError("a frame that only a decoder sends")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
