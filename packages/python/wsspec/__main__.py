"""`python -m wsspec`: becomes the binary, or on Windows its parent."""

import os
import subprocess
import sys

from wsspec import binary

command = [binary(), *sys.argv[1:]]
if os.name == "nt":
    sys.exit(subprocess.call(command))
os.execv(command[0], command)
