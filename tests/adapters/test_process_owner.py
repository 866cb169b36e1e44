"""Who holds a lease, and whether that process still lives."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

from insights.adapters.process_owner import is_alive, this_process


def test_this_process_lives() -> None:
    assert is_alive(this_process())


def test_a_process_that_ended_is_dead() -> None:
    line = "from insights.adapters.process_owner import this_process; print(this_process())"
    ended = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True)
    assert not is_alive(ended.stdout.strip())


def test_a_killed_process_that_nobody_took_notice_of_is_dead() -> None:
    line = "from insights.adapters.process_owner import this_process; print(this_process(), flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", line], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as killed:
        assert killed.stdout is not None
        owner = killed.stdout.readline().decode().strip()
        assert is_alive(owner)
        killed.kill()
        os.waitid(os.P_PID, killed.pid, os.WEXITED | os.WNOWAIT)
        assert not is_alive(owner)


def test_a_new_process_that_was_given_a_dead_ones_number_is_not_taken_for_it() -> None:
    host, pid, _ = this_process().split("/")
    assert not is_alive(f"{host}/{pid}/1")


def test_a_process_of_another_machine_or_of_no_readable_name_is_taken_to_live() -> None:
    assert is_alive("elsewhere/1/1")
    assert is_alive("whoever")
    assert is_alive(f"{socket.gethostname()}/none/1")


def test_a_process_of_somebody_else_is_seen_by_its_start() -> None:
    assert not is_alive(f"{socket.gethostname()}/1/0")
