"""The pure core: events and times in, outputs out. No await, no I/O, no clock, no LiveKit.

Points in time are whole milliseconds on the call's clock (0 = the job's entrypoint begins),
as on the wire: whole numbers make a replay equal to the live call to the byte.
"""
