"""The two families of errors that the queue protocol knows, and the exception that carries one to the door.

Request errors are flat: {"detail": text, "error_type": kind}. Model errors are a list: {"detail": [{loc, msg, type}]}.
Both travel with headers that repeat their kind or say whether a second try makes sense.
"""

from typing import Self

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from app.errors import AppError


class Detail(BaseModel):
    """One complaint of a model error: where, what, which kind, and the limits that were broken."""

    model_config = ConfigDict(frozen=True)

    loc: tuple[str | int, ...]
    msg: str
    type: str
    ctx: dict[str, JsonValue] | None = None
    input: JsonValue = None


class Problem(BaseModel):
    """An error answer: status, body and headers. It is a model because it also crosses the pipe from a worker."""

    model_config = ConfigDict(frozen=True)

    status: int
    detail: str | tuple[Detail, ...]
    error_type: str | None = None
    extra: dict[str, str] = {}

    @classmethod
    def of_field(cls, field: str, msg: str, kind: str = "value_error", **ctx: JsonValue) -> Self:
        """A 422 about one field of the input."""
        return cls(status=422, detail=(Detail(loc=("body", field), msg=msg, type=kind, ctx=ctx or None),))

    @classmethod
    def of_model(cls, status: int, kind: str, msg: str) -> Self:
        """A model error about the whole run."""
        return cls(status=status, detail=(Detail(loc=("body",), msg=msg, type=kind),))

    @classmethod
    def of_validation(cls, error: ValidationError) -> Self:
        """The 422 of an input that does not fit its model."""
        return cls(
            status=422,
            detail=tuple(
                Detail(
                    loc=("body", *each["loc"]),
                    msg=each["msg"],
                    type=each["type"],
                    # An exception object stands among the limits of a validator that raised; it is no JSON.
                    ctx={k: v for k, v in each.get("ctx", {}).items() if isinstance(v, int | float | str)} or None,
                    input=_echo(each["input"]),
                )
                for each in error.errors(include_url=False)
            ),
        )

    @classmethod
    def of_error(cls, field: str, error: AppError) -> Self:
        """The 422 of an error whose sentence was written for the user."""
        return cls.of_field(field, str(error))

    @property
    def summary(self) -> str:
        """One sentence."""
        if isinstance(self.detail, str):
            return self.detail
        return "; ".join(
            f"{'.'.join(str(part) for part in each.loc[1:])}: {each.msg}".lstrip(": ") for each in self.detail
        )

    def body(self) -> dict[str, JsonValue]:
        """The JSON of the answer."""
        if isinstance(self.detail, str):
            flat: dict[str, JsonValue] = {"detail": self.detail}
            return flat if self.error_type is None else flat | {"error_type": self.error_type}
        return {"detail": [each.model_dump(mode="json", exclude_none=True) for each in self.detail]}

    def headers(self) -> dict[str, str]:
        """The headers that belong to its family."""
        if self.error_type is not None:
            return {"x-fal-error-type": self.error_type, **self.extra}
        if isinstance(self.detail, str):
            return dict(self.extra)
        again = self.status >= 500
        return {"x-fal-retryable": str(again).lower(), "x-fal-needs-retry": str(int(again)), **self.extra}


class Refused(Exception):
    """Raised wherever a request cannot be met; the server answers with its problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.summary)
        self.problem = problem


def _echo(value: object) -> JsonValue:
    """What may be repeated to the sender: short and surely JSON."""
    if value is None or isinstance(value, bool | int):
        return value
    return value[:200] if isinstance(value, str) else None


NOT_FOUND = Problem(status=404, detail="Not Found")
CANCELLED = Problem(status=499, detail="Request cancelled by the client.", error_type="client_cancelled")
CRASHED = Problem(status=500, detail="The runner ended unexpectedly.", error_type="runner_server_error")
NOT_STARTED = Problem(
    status=504,
    detail="The request did not start within the time that was asked for.",
    error_type="request_timeout",
    extra={"x-fal-request-timeout-type": "user"},
)


def too_large(limit: int) -> Refused:
    """The refusal of a body or an upload over its limit."""
    return Refused(Problem(status=413, detail=f"At most {limit} bytes are accepted here.", error_type="bad_request"))


def bad_request(detail: str) -> Refused:
    """The refusal of what is not even a request."""
    return Refused(Problem(status=400, detail=detail, error_type="bad_request"))
