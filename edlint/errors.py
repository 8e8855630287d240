"""The one kind of error that the user can mend."""


class RequestError(Exception):
    """A request that cannot be met as it is; the message is for the user, with file and line where there is one.

    The command line ends with exit code 2 on it.
    """
