#!/bin/sh
# Reloads HAProxy and ends when its old workers have ended, for the --then of `theseus discover --watch --out`:
#   --then 'reload-and-wait.sh "$(systemctl show -p MainPID --value haproxy)"'
# An old worker goes on with the old list for the connections that it has. A container that leaves is stopped only after
# this script, so that no request is sent where nobody is. Wants master-worker mode (haproxy -W, Debian's default), and
# `option idle-close-on-response`: without it a reload closes idle connections just when a client may use them.
#
# reload-and-wait.sh MASTER-PID [SECONDS]    exit 1: the old workers are still there after so many seconds [50]
set -eu
master=$1
looks=$((${2:-50} * 20))
old=$(pgrep -P "$master")
kill -USR2 "$master"
for worker in $old; do
  while kill -0 "$worker" 2>/dev/null; do
    looks=$((looks - 1))
    [ "$looks" -gt 0 ] || { echo "worker $worker of HAProxy has not ended" >&2; exit 1; }
    sleep 0.05
  done
done
# Nobody would be left if the new one had not come up.
pgrep -P "$master" >/dev/null
