"""What the command line does; `course_lib.__main__` only reads the words."""
