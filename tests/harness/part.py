"""One daemon: started, watched, stopped or killed by its process id."""

import os
import signal
import subprocess
import time

# what lets a part finish what it has begun
STOP_SIGNAL = {"nginx": signal.SIGQUIT, "postgresql": signal.SIGINT}


class Part:
    def __init__(self, name, command, build, log, ready=None, cwd="/"):
        self.name = name
        self.command = [str(word) for word in command]
        self.build = build
        self.log = log
        self.ready = ready or (lambda: True)
        self.cwd = cwd
        self.process = None
        self.wanted = False  # started, and neither stopped nor killed by a test

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def start(self, timeout=180):
        """Starts it and waits until it answers."""
        assert not self.alive(), f"{self.name} runs already"
        # The part dies with us, however we die: no test run leaves one behind.
        command = ["setpriv", "--pdeathsig", "KILL", "--", *self.command]
        owner = {}
        if self.build.user is not None:
            owner = {"user": self.build.user, "group": self.build.group, "extra_groups": []}
        with open(self.log, "ab") as log:
            if owner:
                # nginx opens the same file by its name
                os.chown(self.log, self.build.user, self.build.group)
            self.process = subprocess.Popen(
                command, cwd=self.cwd, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.build.environment(self.name), start_new_session=True, **owner)
        deadline = time.monotonic() + timeout
        while not self.ready():
            if not self.alive():
                raise RuntimeError(f"{self.name} ended at its start:\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} does not answer:\n{self.log_tail()}")
            time.sleep(0.02)
        self.wanted = True

    def stop(self, timeout=180, how=None):
        """Asks it to end; that it does not in time is a failure.  how: by another signal than what lets it finish."""
        self.wanted = False
        if not self.alive():
            return
        self.process.send_signal(how or STOP_SIGNAL.get(self.name, signal.SIGTERM))
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise RuntimeError(f"{self.name} did not stop in {timeout} s:\n{self.log_tail()}")

    def kill(self):
        """kill -9, with all its children: the power cut of this part."""
        self.wanted = False
        if self.process is None:
            return
        family = self._family()
        for kill, pid in [(os.killpg, self.process.pid), *((os.kill, pid) for pid in family)]:
            try:
                kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait(120)
        # PostgreSQL's children have sessions of their own, and it does not start beside one of them
        while _session(self.process.pid) or not all(_ended(pid) for pid in family):
            time.sleep(0.01)

    def _family(self):
        """All of its children, of which it makes no more."""
        if not self.alive():
            return []
        os.kill(self.pid, signal.SIGSTOP)
        while _state(self.pid) not in "TZX":
            time.sleep(0.001)
        return self.children() if _state(self.pid) == "T" else []

    def children(self):
        """The pids of its child processes."""
        with open(f"/proc/{self.pid}/task/{self.pid}/children") as f:
            return [int(pid) for pid in f.read().split()]

    def log_tail(self, lines=30):
        with open(self.log, errors="replace") as f:
            return "".join(f.readlines()[-lines:])


def _stat(pid):
    """The fields of /proc/PID/stat from the state on; of a process that has gone those of a dead one."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rpartition(") ")[2].split()
    except OSError:
        return ["X", "0", "0", "0"]


def _state(pid):
    return _stat(pid)[0]


def _ended(pid):
    """With all its threads: one that outlives the first, as nginx's of the spool may, still holds the sockets."""
    try:
        return _state(pid) in "ZX" and len(os.listdir(f"/proc/{pid}/task")) <= 1
    except OSError:
        return True


def _session(leader):
    """Processes of a session that have not ended."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        if int(_stat(pid)[3]) == leader and not _ended(pid):
            found.append(int(pid))
    return found
