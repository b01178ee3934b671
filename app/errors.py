"""Every error that a user may read, as one tree.

AppError(message, hint)
 |- FieldError            one field's value does not fit; stands beside its editor
 |- SchemaError           an endpoint's document cannot be read
 |- SoundError            the sound itself does not allow what was asked
 |   '- MaskError         the mask is empty, outside the clip, or cannot be sent
 |- RemoteError           a job did not come back; stands on its card
 |   |- Unreachable       nobody answered; certain that nothing was taken
 |   |- Unauthorized      the key is missing or refused
 |   |- OutOfFunds        the account cannot pay
 |   |- RateLimited       asked too often; may be asked again later
 |   |- Rejected          the host refused the input
 |   |- JobFailed         the host took the job and failed at it
 |   |   '- StillRunning  it was not done in the time that we wait; it may go on at the host
 |   |- Expired           the result is no longer kept by the host
 |   |- BadReply          the answer was not what the protocol says
 |   '- OutcomeUnknown    it cannot be told whether a submit arrived
 |- FileError             shown in the message bar
 |   |- UnreadableAudio
 |   |- UnreadableProject
 |   '- UnwritableFile
 |- EngineError           the bundled engine cannot be started or kept running
 '- DeviceError           shown in the transport

`message` is one sentence that says what happened; `hint` is one sentence that says what to do next.
"""


class AppError(Exception):
    """What went wrong, in a sentence for the user, and the next step."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class FieldError(AppError):
    """A field's value does not fit its schema."""

    def __init__(self, field: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.field = field


class SchemaError(AppError):
    """An endpoint's document cannot be read."""


class SoundError(AppError):
    """The sound itself does not allow what was asked."""


class MaskError(SoundError):
    """The mask is empty, outside the clip, or cannot be sent to the endpoint."""


class RemoteError(AppError):
    """A request to a queue host did not succeed."""

    retryable = False


class Unreachable(RemoteError):
    """Nobody answered, and nothing can have been taken."""

    retryable = True


class Unauthorized(RemoteError):
    """The key is missing or refused."""


class OutOfFunds(RemoteError):
    """The account behind the key cannot pay."""


class RateLimited(RemoteError):
    """The host asks to wait; `retry_after` is in seconds."""

    retryable = True

    def __init__(self, message: str, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, hint)
        self.retry_after = retry_after


class Rejected(RemoteError):
    """The host refused the input; `field` names the culprit where it was told."""

    def __init__(self, message: str, hint: str = "", field: str | None = None) -> None:
        super().__init__(message, hint)
        self.field = field


class JobFailed(RemoteError):
    """The host took the job and failed at it."""

    retryable = True


class StillRunning(JobFailed):
    """The job was not done in the time that we wait; it may go on at the host, and can be followed again."""


class Expired(RemoteError):
    """The host no longer keeps the job or its result."""


class BadReply(RemoteError):
    """The answer was not what the protocol says."""

    retryable = True


class OutcomeUnknown(RemoteError):
    """It cannot be told whether a submit arrived; only the user may send it again."""


class FileError(AppError):
    """Something on the disk could not be read or written."""


class UnreadableAudio(FileError):
    """A file that is missing, damaged, or not sound."""


class UnreadableProject(FileError):
    """A project that is missing, damaged, in use, or newer than this version."""


class UnwritableFile(FileError):
    """A file or folder that could not be written."""


class EngineError(AppError):
    """The bundled engine cannot be started or kept running."""


class DeviceError(AppError):
    """The audio device cannot be used."""
