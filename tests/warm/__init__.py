"""`dq` without its start, for tests that call the command line as a reader's shell does.

Importing what a run needs costs two seconds of CPU, more than the run of a small example.  So one process imports it
once and forks for every command: the command has a process, an environment, a folder, streams and an exit code of its
own.  What a start decides cannot be tested so: hash seeds, the interpreter's options, the encoding of its streams,
the number of Polars' threads, plugins.  Those tests start `python -m dq`.
"""
