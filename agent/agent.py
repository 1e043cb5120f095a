"""Operators start the worker here: `python agent.py start`. Job processes run this file, too."""

import warnings

from livekit.agents import cli

from coach.worker import server

if __name__ == "__main__":
    # The framework's older CLI, which this command is, announces its successor on every start.
    warnings.filterwarnings("ignore", category=DeprecationWarning, module="livekit")
    cli.run_app(server)
