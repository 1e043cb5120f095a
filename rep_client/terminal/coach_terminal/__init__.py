"""The rep's client in a terminal, and the rep client that programs drive.

Programs take `RepClient` from `coach_terminal.client`; `coach_terminal.view.render` draws its
state; `python -m coach_terminal` runs both on a terminal. Nothing here knows the coach's code:
all that is shared is the wire contract.
"""
