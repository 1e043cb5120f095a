import socket

from coach.cli.ports import free_port


def test_a_port_is_given_once_and_lies_below_what_outgoing_connections_get() -> None:
    ports = [free_port() for _ in range(50)]

    assert len(set(ports)) == 50
    assert all(1024 < port < 32_768 for port in ports)


def test_a_port_in_use_is_not_given() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as busy:
        taken = busy.getsockname()[1]

        assert taken not in {free_port() for _ in range(50)}
