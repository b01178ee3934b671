"""Cards tell what is known and nothing more; a button stays the same button while its job lives."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication

from app.remote.job import JobId, JobState
from app.ui.job_cards import JobCard, JobCards, clock, words

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
LEFT = Qt.MouseButton.LeftButton
ONE = JobId("one")


@pytest.fixture
def cards(qtbot) -> JobCards:
    found = JobCards()
    qtbot.addWidget(found)
    found.resize(900, 120)
    found.show()
    return found


def card(state: JobState, **more) -> JobCard:
    return JobCard(ONE, "Fill 1.80 s", state, **more)


@pytest.mark.parametrize(
    ("job", "text"),
    [
        (card(JobState.PREPARING), "Preparing"),
        (card(JobState.UPLOADING, done=1_000_000, total=4_000_000), "Uploading 1.0 of 4.0 MB"),
        (card(JobState.UPLOADING), "Uploading"),
        (card(JobState.QUEUED, place=1, elapsed=3), "Queued · 2 in line · 0:03"),
        (card(JobState.QUEUED, elapsed=3), "Queued · 0:03"),
        (card(JobState.RUNNING, elapsed=72, log="fitting\nmodel"), "Running 1:12 · fitting model"),
        (card(JobState.FAILED, error="The host refused."), "Failed: The host refused."),
        (card(JobState.CANCELLED), "Cancelled"),
    ],
)
def test_state_in_words(cards, job, text):
    cards.set_jobs([job])
    assert cards.card(ONE).state.text() == text == words(job)


@pytest.mark.parametrize("state", list(JobState))
def test_no_state_shows_a_percentage(state):
    assert "%" not in words(card(state, done=1, total=4, elapsed=5))


def test_bar_is_filled_by_bytes_only(cards):
    cards.set_jobs([card(JobState.RUNNING, done=1, total=2)])
    bar = cards.card(ONE).bar
    assert bar.accessibleDescription() == "under way"
    cards.set_jobs([card(JobState.DOWNLOADING, done=1, total=2)])
    assert bar.accessibleDescription() == "50%"
    cards.set_jobs([card(JobState.FAILED)])
    assert not bar.isVisible()


def test_cancel_says_what_it_costs(qtbot, cards):
    cards.set_jobs([card(JobState.QUEUED, can_cancel_free=True)])
    button = cards.card(ONE).cancel
    assert button.text() == "Cancel – not started, free"
    with qtbot.waitSignal(cards.cancel, check_params_cb=lambda job: job == ONE):
        qtbot.mouseClick(button, LEFT)
    cards.set_jobs([card(JobState.RUNNING)])
    assert cards.card(ONE).cancel is button
    assert button.text() == "Stop"
    assert "billed" in button.toolTip()


def test_a_failed_job_can_be_asked_again(qtbot, cards):
    cards.set_jobs([card(JobState.FAILED, error="No.", hint="Try later.")])
    one = cards.card(ONE)
    assert one.hint.text() == "Try later."
    assert not one.cancel.isVisible()
    for button, signal in (
        (one.retry, cards.retry),
        (one.edit, cards.edit_retry),
        (one.copy, cards.copy),
        (one.dismiss, cards.dismiss),
    ):
        assert button.accessibleName() or button.text()
        with qtbot.waitSignal(signal, check_params_cb=lambda job: job == ONE):
            qtbot.mouseClick(button, LEFT)
    cards.set_jobs([card(JobState.FAILED, can_retry=False)])
    assert not one.retry.isVisible()


def test_buttons_are_pressed_with_the_keyboard(qtbot, cards):
    cards.set_jobs([card(JobState.FAILED, error="No.")])
    retry = cards.card(ONE).retry
    retry.setFocus(Qt.FocusReason.TabFocusReason)
    with qtbot.waitSignal(cards.retry):
        qtbot.keyClick(retry, Qt.Key.Key_Space)


def test_cards_come_go_and_keep_their_order(qtbot, cards):
    jobs = [JobCard(JobId(name), name, JobState.RUNNING) for name in "abc"]
    cards.set_jobs(jobs)
    middle = cards.card(JobId("b"))
    cards.set_jobs([jobs[1], jobs[0]])
    assert cards.card(JobId("b")) is middle
    qtbot.waitUntil(lambda: middle.y() < cards.card(JobId("a")).y())
    with pytest.raises(KeyError):
        cards.card(JobId("c"))
    cards.set_jobs([])
    assert not cards.isVisible()


def test_whole_cards_are_counted(cards):
    cards.set_jobs([JobCard(JobId(str(i)), "x", JobState.RUNNING) for i in range(9)])
    one, two = cards.height_within(0), cards.height_within(80)
    assert 0 < one < two <= 80
    assert cards.height_within(100_000) == cards.sizeHint().height()


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (59.9, "0:59"), (61, "1:01"), (-3, "0:00")])
def test_clock(seconds, text):
    assert clock(seconds) == text


def test_the_menu_is_asked_for_by_its_button_and_by_a_right_click(qtbot, cards):
    cards.set_jobs([card(JobState.RUNNING)])
    asked = []
    cards.menu_requested.connect(lambda job, where: asked.append((job, where)))
    shown = cards.card(ONE)
    qtbot.mouseClick(shown.more, LEFT)
    middle = shown.rect().center()
    QApplication.sendEvent(shown, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, middle, shown.mapToGlobal(middle)))
    assert [job for job, _ in asked] == [ONE, ONE]
    assert asked[0][1] == shown.more.mapToGlobal(shown.more.rect().bottomLeft())
    assert asked[1][1] == shown.mapToGlobal(middle)
