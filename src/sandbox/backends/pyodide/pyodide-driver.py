# Runs a file as `python3 FILE` would, and returns its exit code.
import asyncio
import atexit
import errno
import os
import random
import sys
import time
import traceback
import types


class _Selector:
    """There are no sockets here, so waiting is all there is to select."""

    def select(self, timeout=None):
        if timeout is None:
            raise RuntimeError("The event loop waits for something that cannot happen here.")
        if timeout > 0:
            time.sleep(timeout)
        return []

    def close(self):
        pass


class _Loop(asyncio.base_events.BaseEventLoop):
    def __init__(self):
        super().__init__()
        self._selector = _Selector()

    def _process_events(self, events):
        pass

    def _write_to_self(self):
        pass


class _Policy(asyncio.events._BaseDefaultEventLoopPolicy):
    _loop_factory = _Loop


asyncio.events._event_loop_policy = _Policy()
asyncio._set_running_loop(None)
asyncio.run = asyncio.runners.run
asyncio.new_event_loop = asyncio.events.new_event_loop


def _no_programs(command):
    raise OSError(errno.EPERM, "No other programs can be started here")


os.system = _no_programs

# A snapshot brings the state of its random numbers along. This also opens the way to fresh ones, which a script cannot.
random.seed(os.urandom(32))


def _code_of(stop):
    if stop.code is None:
        return 0
    if isinstance(stop.code, int):
        return stop.code & 0xFF
    print(stop.code, file=sys.stderr)
    return 1


def _run(file, folder):
    os.environ.clear()
    os.environ.update(HOME="/tmp", PATH="/", LANG="C.UTF-8", TERM="dumb")
    path = os.path.join(folder, file)
    sys.argv = [file]
    sys.path[0:0] = [os.path.dirname(path)]
    sys.dont_write_bytecode = True
    sys.stdout.reconfigure(line_buffering=True)
    asyncio._set_running_loop(None)
    main = types.ModuleType("__main__")
    main.__file__ = path
    main.__builtins__ = __builtins__
    sys.modules["__main__"] = main
    code = 0
    try:
        with open(path, "rb") as source:
            program = compile(source.read(), path, "exec", dont_inherit=True)
        exec(program, main.__dict__)
    except SystemExit as stop:
        code = _code_of(stop)
    except BaseException as error:
        trace = error.__traceback__
        traceback.print_exception(type(error), error, trace.tb_next if trace else None)
        code = 1
    try:
        atexit._run_exitfuncs()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return code


_run
