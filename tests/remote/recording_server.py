"""A host on loopback that keeps what is uploaded, hands it out again, and answers every job with a given answer."""

import json
from dataclasses import dataclass, field

from hostile_server import Act, Hostile, Seen, js


@dataclass
class Recording(Hostile):
    """`answer` is the result of every job, with "@" for this server's address; `files` are path -> (type, bytes).

    With `place`, uploads go to that other server, and files are found there.
    """

    answer: object = None
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    parts: dict[str, dict[int, bytes]] = field(default_factory=dict)
    place: "Recording | None" = None
    uploads: int = 0
    head: int = 200

    @property
    def bodies(self) -> list[dict]:
        """What was submitted, as JSON."""
        return [json.loads(each.body) for each in self.seen if each.stage == "submit"]

    def puts(self) -> list[bytes]:
        """What was uploaded, in the order in which it came."""
        return [each.body for each in self.seen if each.stage == "put" and each.method == "PUT"]

    def decent(self, stage: str, seen: Seen) -> Act:
        match stage:
            case "initiate":
                self.uploads += 1
                there = (self.place or self).url
                ending = json.loads(seen.body)["file_name"].removeprefix("source")
                name = f"{self.uploads}{ending}"
                return js({"upload_url": f"{there}/put/{name}?sig=s3cret", "file_url": f"{there}/files/{name}"})
            case "put":
                return self._put(seen)
            case "file":
                return self._file(seen)
            case "status":
                return js({"status": "COMPLETED", "logs": None})
            case "result" if self.answer is not None:
                return Act(200, json.dumps(self.answer).replace("@", self.url).encode())
            case _:
                return super().decent(stage, seen)

    def _put(self, seen: Seen) -> Act:
        name, _, number = seen.path.split("?")[0].removeprefix("/put/").partition("/")
        if number == "complete":
            told = json.loads(seen.body)["parts"]
            kept = self.parts.pop(name)
            assert [each["etag"] for each in told] == [f'"e{each["partNumber"]}"' for each in told]
            self.files[f"/files/{name}"] = ("audio/wav", b"".join(kept[each["partNumber"]] for each in told))
            return Act(200)
        if number:
            self.parts.setdefault(name, {})[int(number)] = seen.body
            etag = f'"e{number}"'
            return Act(200, headers=(("ETag", etag),)) if int(number) % 2 else js({"etag": etag})
        self.files[f"/files/{name}"] = (seen.headers["content-type"], seen.body)
        return Act(200)

    def _file(self, seen: Seen) -> Act:
        kind, content = self.files.get(seen.path.split("?")[0], ("", None))
        if content is None:
            return js({"detail": "Not Found"}, 404)
        said = (("Content-Type", kind),) if kind else ()
        if seen.method == "HEAD":
            if self.head != 200:
                return Act(self.head)
            return Act(200, headers=(*said, ("Content-Length", str(len(content)))), declare=False)
        if seen.headers.get("range") == "bytes=0-0":
            return Act(206, content[:1], said)
        return Act(200, content, said)
