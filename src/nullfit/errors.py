"""The kinds of errors that are the user's to mend."""


class UserError(ValueError):
    """Something in the input is wrong: a setting, a file, a data set.

    The message has one or two lines: what is wrong (the key and its value, or the file), what is
    allowed, and what to do. The command line prints it without a traceback and exits with 2.
    """


class StorageError(UserError):
    """What was computed cannot be written: the disk is full, or a folder is read-only.

    The rest of a grid would meet the same, so it is not started.
    """
