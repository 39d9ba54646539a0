"""The one kind of error that is the user's to mend."""


class UserError(ValueError):
    """Something in the input is wrong: a setting, a file, a data set.

    The message has one or two lines: what is wrong (the key and its value, or the file), what is
    allowed, and what to do. The command line prints it without a traceback and exits with 2.
    """
