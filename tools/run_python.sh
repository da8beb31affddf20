#!/bin/bash
# Runs a script by the Python of the distribution, whatever PATH says: its packages are there.
exec /usr/bin/python3 "$@"
