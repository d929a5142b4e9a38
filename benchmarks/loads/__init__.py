"""What is measured beside the runner, a program each: BASE_URL and FILE are its arguments.

Depends on nothing else of this room.
"""
