"""Adding, keeping, refreshing, correcting: documents over real HTTP, and all of it there again after a restart."""

import json
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from library_host import DocumentHost, document, hum, serving

from app.endpoints.catalogue import Price
from app.endpoints.request import Kind
from app.endpoints.roles import Role
from app.files.library import Entry, load_library, store_entry
from app.files.settings import Settings
from app.session.asking import Asking
from app.session.library import Library, Preview
from app.session.library_applied import with_library
from app.session.messages import Message, Messages
from app.session.preferences import Preferences

HUM = "studio/hum"
BUNDLED = "fal-ai/stable-audio-25/inpaint"
URL = "https://fal.ai/models/studio/hum/api"


@pytest.fixture
def host() -> Iterator[DocumentHost]:
    with serving() as host:
        host.answers[HUM] = document(HUM, hum())
        yield host


class Desk:
    """A library on a catalogue of its own, and what it said."""

    def __init__(self, host: DocumentHost, last: str = "") -> None:
        self.preferences = Preferences(Settings(last_endpoint=last))
        self.asking = Asking(self.preferences)
        self.messages = Messages()
        self.said: list[Message] = []
        self.messages.posted.connect(self.said.append)
        self.library = Library(self.asking, self.messages, last=last, address=host.address)

    def written(self, qtbot) -> None:
        """Wait until all that was to be written is on the disk."""
        done: list[None] = []
        self.library._writer.run(lambda: None, done.append, self.messages.fail)
        qtbot.waitUntil(lambda: bool(done) or self.library._closed)

    def get(self, endpoint: str, connection: str = "fal"):
        return self.asking.catalogue.get(endpoint, connection)


@pytest.fixture
def make(qtbot, host) -> Iterator:
    made: list[Desk] = []

    def make(last: str = "") -> Desk:
        for each in made:
            each.written(qtbot)
        desk = Desk(host, last)
        made.append(desk)
        qtbot.waitUntil(lambda: desk.library.loaded)
        return desk

    yield make
    for desk in made:
        desk.library.close()


@pytest.fixture
def desk(make) -> Desk:
    return make()


def add(qtbot, desk: Desk, text: str = HUM, connection: str = "fal") -> None:
    with qtbot.waitSignal(desk.library.kept):
        desk.library.add(text, connection)


def look(qtbot, desk: Desk, text: str) -> Preview:
    with qtbot.waitSignal(desk.library.previewed) as caught:
        desk.library.preview(text, "fal")
    return caught.args[0]


# -- adding ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", [HUM, URL, f"  {HUM}/ ", "{host}/hum.json", "{host}/x?endpoint_id=studio/hum", "{file}"]
)
def test_an_id_a_page_a_file_and_an_address_all_lead_to_the_endpoint(qtbot, make, host, tmp_path, text):
    host.answers["/hum.json"] = document(HUM, hum())
    file = tmp_path / "hum.openapi"
    file.write_text(json.dumps(document(HUM, hum())))
    desk = make()
    add(qtbot, desk, text.format(host=host.url, file=file))
    found = desk.get(HUM)
    assert found is not None
    assert (found.kind, found.limits.max_seconds) == (Kind.FILL, 47)
    assert desk.asking.endpoint == found, "what was added is asked from now on"
    assert desk.library.is_added("fal", HUM)
    again = make()
    origin = again.library.entry("fal", HUM).document.origin
    assert origin == str(file) or origin.startswith(host.url)


def test_a_preview_is_seen_and_not_kept(qtbot, desk):
    preview = look(qtbot, desk, HUM)
    assert preview.error is None
    assert [each.name for each in preview.found.endpoint.fields][:2] == ["audio_url", "mask_start"]
    assert desk.get(HUM) is None
    assert load_library().entries == ()
    desk.library.keep(preview.found)
    assert desk.get(HUM) is not None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "nothing to look up"),
        ("hum", "neither an endpoint's id"),
        ("no/such", "document"),
        ("~/no-such.json", "could not be read"),
        ("a\0b", "neither an endpoint's id"),
        ("x" * 5000, "neither an endpoint's id"),
        ("http://example.com/a.json", "Without https"),
        ("http://127.0.0.1:1/a.json", "127.0.0.1"),
        ("{host}/text", "no JSON"),
        ("{host}/list", "OpenAPI"),
        ("file:///no/such.json", "could not be read"),
    ],
)
def test_what_leads_nowhere_is_one_sentence(qtbot, desk, host, text, says):
    host.answers["/text"], host.answers["/list"] = b"<html>", [1]
    preview = look(qtbot, desk, text.format(host=host.url))
    assert preview.found is None
    assert says in str(preview.error)
    assert "\n" not in str(preview.error)


def test_of_two_looks_the_later_one_is_told(qtbot, desk, host):
    host.answers["studio/other"] = document("studio/other", hum())
    told: list[Preview] = []
    desk.library.previewed.connect(told.append)
    host.go_on.clear()
    desk.library.preview(HUM, "fal")
    desk.library.preview("studio/other", "fal")
    qtbot.waitUntil(lambda: len(host.asked) == 2)
    host.go_on.set()
    qtbot.waitUntil(lambda: told != [])
    qtbot.wait(200)
    assert [each.text for each in told] == ["studio/other"]


def test_a_look_that_nobody_waits_for_holds_nothing_up(qtbot, desk, host):
    host.go_on.clear()
    for _ in range(4):
        desk.library.preview(HUM, "fal")
        count = len(host.asked)
        qtbot.waitUntil(lambda count=count: len(host.asked) > count)


def test_closing_does_not_wait_for_a_slow_host(qtbot, host):
    desk = Desk(host)
    host.go_on.clear()
    desk.library.add(HUM, "fal")
    qtbot.waitUntil(lambda: host.asked != [])
    began = time.monotonic()
    desk.library.close()
    assert time.monotonic() - began < 2


def test_verbs_wait_for_what_the_disk_holds(qtbot, make, host):
    first = make()
    add(qtbot, first)
    first.library.close()  # or it might still write down that it was used
    desk = Desk(host)
    desk.library.set_favourite("fal", HUM, True)  # before the disk was read
    qtbot.waitUntil(lambda: desk.library.loaded)
    desk.library.close()
    (entry,) = load_library().entries
    assert entry.favourite
    assert entry.document is not None


def test_the_endpoint_of_the_run_before_is_chosen_again(qtbot, make):
    add(qtbot, make())
    assert make(last=HUM).asking.endpoint.id == HUM


def test_what_a_host_offers_later_does_not_push_corrections_away(qtbot, desk, host):
    desk.library.set_price("studio", "studio/late", 0.5)
    desk.asking.offer("studio", [document("studio/late", hum())])
    assert desk.get("studio/late", "studio").price.amount == 0.5
    desk.asking.offer("studio", [document("studio/late", {**hum(), "more": {"type": "string"}})])
    found = desk.get("studio/late", "studio")
    assert found.price.amount == 0.5
    assert [each.name for each in found.fields][-1] == "more"
    desk.asking.catalogue = desk.asking.catalogue.without("studio")
    desk.asking.catalogue_changed.emit()
    assert desk.get("studio/late", "studio") is None, "a host that is gone takes its endpoints along"


# -- refreshing --------------------------------------------------------------------------------------------------------


def test_a_changed_schema_is_told_and_keeps_the_values_that_fit(qtbot, make, host):
    desk = make()
    add(qtbot, desk)
    desk.asking.set_values({"prompt": "bees", "strength": 0.9, "steps": 40}, 7)
    fields = hum()
    del fields["strength"]
    fields["steps"] = {"type": "integer", "minimum": 1, "maximum": 20, "default": 8}
    fields["prompt"] = {"type": "string", "description": "Other words for the same."}
    fields["tempo"] = {"type": "number"}
    host.answers[HUM] = document(HUM, fields)
    with qtbot.waitSignals([desk.library.refreshed, desk.asking.endpoint_changed]):
        desk.library.refresh("fal", HUM)
    assert desk.said[-1].text == (
        "Hum has changed: 1 field is new (tempo); 1 field is gone (strength); 1 field is different (steps). "
        "No longer set: strength, steps."
    )
    assert desk.asking.values == {"prompt": "bees"}
    assert desk.asking.seed == 7
    assert [each.name for each in make().get(HUM).fields][-1] == "tempo"


def test_an_unchanged_one_says_so(qtbot, desk):
    add(qtbot, desk)
    with qtbot.waitSignal(desk.library.refreshed):
        desk.library.refresh("fal", HUM)
    assert desk.said[-1].text == "Hum has the same fields as before."


def test_a_bundled_one_keeps_what_only_retake_knows_of_it(qtbot, make, host):
    desk = make()
    before = desk.get(BUNDLED)
    fields = {
        "audio_url": {"type": "string"},
        "mask_start": {"type": "integer", "minimum": 0, "maximum": 190, "default": 30},
        "mask_end": {"type": "integer", "minimum": 0, "maximum": 190, "default": 190},
        "prompt": {"type": "string"},
        "breath": {"type": "number"},
    }
    host.answers[BUNDLED] = document(BUNDLED, fields)
    with qtbot.waitSignal(desk.library.refreshed):
        desk.library.refresh("fal", BUNDLED)
    after = desk.get(BUNDLED)
    assert [each.name for each in after.fields] == list(fields)
    assert (after.title, after.limits, after.kind) == (before.title, before.limits, before.kind)
    assert not desk.library.is_added("fal", BUNDLED)
    assert desk.library.is_changed("fal", BUNDLED)
    desk.library.remove("fal", BUNDLED)
    assert desk.get(BUNDLED) == before
    desk.library.close()
    assert load_library().entries == ()


def test_a_failed_refresh_changes_nothing(qtbot, desk, host):
    add(qtbot, desk)
    before = desk.get(HUM)
    for answer in (b"{", None, document("studio/another", hum())):
        host.answers[HUM] = answer
        count = len(desk.said)
        desk.library.refresh("fal", HUM)
        qtbot.waitUntil(lambda count=count: len(desk.said) > count)
        assert desk.get(HUM) is before


def test_what_a_host_tells_of_itself_has_no_document_to_fetch(qtbot, desk, host):
    desk.asking.offer("local", [document("retake/x", hum())])
    assert not desk.library.can_refresh("local", "retake/x")
    desk.library.refresh("local", "retake/x")
    assert "no document of retake/x to fetch" in desk.said[-1].text
    assert host.asked == []


# -- correcting --------------------------------------------------------------------------------------------------------


def test_roles_are_corrected_and_put_back(qtbot, make, host):
    host.answers[HUM] = document(HUM, {**hum(), "other_url": {"type": "string"}, "wobble": {"type": "number"}})
    desk = make()
    add(qtbot, desk)
    desk.library.correct_roles("fal", HUM, {Role.STRENGTH: "wobble", Role.PROMPT: None, Role.SOURCE: "audio_url"})
    found = desk.get(HUM)
    assert found.roles[Role.STRENGTH] == "wobble"
    assert Role.PROMPT not in found.roles
    assert desk.asking.endpoint == found, "the panel follows"
    assert desk.library.entry("fal", HUM).roles == {Role.STRENGTH: "wobble", Role.PROMPT: None}
    assert make().get(HUM).roles == found.roles
    desk.library.correct_roles("fal", HUM, desk.library.plain("fal", HUM).roles)
    assert desk.get(HUM).roles[Role.STRENGTH] == "strength"


def test_without_its_mask_it_is_another_kind_of_work(qtbot, desk):
    add(qtbot, desk)
    desk.library.correct_roles("fal", HUM, {Role.MASK_START: None, Role.MASK_END: None})
    assert desk.get(HUM).kind is Kind.VARY


@pytest.mark.parametrize("path", ["no_such", "prompt"])
def test_a_role_that_cannot_be_is_refused(qtbot, desk, path):
    add(qtbot, desk)
    before = desk.get(HUM)
    desk.library.correct_roles("fal", HUM, {Role.MASK_START: path})
    assert path in desk.said[-1].text
    assert desk.get(HUM) == before


def test_a_correction_that_a_new_schema_no_longer_allows_lapses_alone(qtbot, desk, host):
    host.answers[HUM] = document(HUM, {**hum(), "wobble": {"type": "number"}})
    add(qtbot, desk)
    desk.library.correct_roles("fal", HUM, {Role.STRENGTH: "wobble", Role.PROMPT: None})
    host.answers[HUM] = document(HUM, hum())
    with qtbot.waitSignal(desk.library.refreshed):
        desk.library.refresh("fal", HUM)
    roles = desk.get(HUM).roles
    assert roles[Role.STRENGTH] == "strength"
    assert Role.PROMPT not in roles


def test_a_price_is_dated_and_put_back(make):
    desk = make()
    told = desk.get(BUNDLED).price
    desk.library.set_price("fal", BUNDLED, 0.2, "second")
    assert desk.get(BUNDLED).price == Price(0.2, "second", date.today().isoformat())
    assert make().get(BUNDLED).price is not None
    desk.library.set_price("fal", BUNDLED, None)
    assert desk.get(BUNDLED).price == told


def test_a_favourite_is_told_without_a_new_panel(qtbot, make):
    desk = make()
    with (
        qtbot.waitSignal(desk.library.changed),
        qtbot.assertNotEmitted(desk.asking.catalogue_changed),
        qtbot.assertNotEmitted(desk.asking.endpoint_changed),
    ):
        desk.library.set_favourite("fal", BUNDLED, True)
    desk.library.close()
    assert make().library.entry("fal", BUNDLED).favourite
    (entry,) = load_library().entries
    assert entry == Entry(connection="fal", id=BUNDLED, favourite=True)


def test_removing_the_chosen_one_chooses_another(qtbot, make):
    desk = make()
    add(qtbot, desk)
    desk.library.remove("fal", HUM)
    assert desk.get(HUM) is None
    assert desk.asking.endpoint is not None
    assert desk.asking.endpoint.id != HUM
    desk.library.close()
    assert [each.id for each in load_library().entries if each.document] == []
    assert make().get(HUM) is None


def test_a_disk_that_refuses_is_told(qtbot, desk, home: Path):
    (home / "data" / "endpoints").parent.mkdir(exist_ok=True)
    (home / "data" / "endpoints").write_text("in the way")
    desk.library.set_favourite("fal", BUNDLED, True)
    qtbot.waitUntil(lambda: desk.said != [])
    assert "could not be kept" in desk.said[-1].text


def test_a_document_that_cannot_be_read_any_more_is_told_and_kept(qtbot, make, host):
    desk = make()
    add(qtbot, desk)
    desk.library.close()
    (entry,) = (each for each in load_library().entries if each.document)
    damaged = Entry(connection="fal", id=HUM, document=type(entry.document)({"paths": 1}, "x", "y"))
    store_entry(damaged)
    desk = make()
    assert desk.get(HUM) is None
    assert f"The document that you keep of {HUM} cannot be used" in desk.said[-1].text
    assert load_library().entries == (damaged,)
    catalogue, notes = with_library(Asking(Preferences(Settings())).catalogue, load_library().entries)
    assert catalogue.get(HUM) is None
    assert len(notes) == 1


def test_the_command_lines_catalogue_is_the_same(qtbot, make):
    desk = make()
    add(qtbot, desk)
    desk.library.set_price("fal", HUM, 0.4)
    desk.library.close()
    catalogue, notes = with_library(Asking(Preferences(Settings())).catalogue, load_library().entries)
    assert list(catalogue) == list(desk.asking.catalogue)
    assert notes == ()
