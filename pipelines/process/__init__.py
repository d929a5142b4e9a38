"""The process that a command is: what it says, the signals that end it, the files that it leaves.

Depends on the standard library only. Promises that neither a reader who goes away nor a full disk
nor a signal leaves half of anything.
"""

from .output import lasting_output
from .stopping import stopping_on_signals
from .whole_file import is_standard_output, write_whole

__all__ = ["is_standard_output", "lasting_output", "stopping_on_signals", "write_whole"]
