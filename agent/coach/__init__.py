"""A live sales coach for LiveKit. Layers, each importing only those below it:

- `worker`, `cli`: what operators and people start.
- `prewarmed`: what all calls of a worker share, made once, before the first.
- `calling`: one call put together with everything that it reaches.
- `engines`: playbook, matcher and search, built together; `playbook_names`: for the recogniser.
- `adapters`: the outside world, a folder for each system. The only code that can fail or block.
- `application`: async use cases; owns the tasks of a call and speaks to ports.
- `domain`: pure; events and times in, outputs out. Here it is decided what is worth a word.

`settings`, `errors` and `logs` are leaves. The life of a call is in `agent/ARCHITECTURE.md`.
"""
