"""The message list: 10,000 messages, every painted frame compared with the one before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import check_accessibility
from tests.servers import await_true as await_slowly

MESSAGES = 10_000


def await_true(condition: Any) -> None:
    await_slowly(condition, within=20)


class List:
    """The list on its page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def run(self, code: str) -> Any:
        """Call a function with the probe of the page; returns after what it changed is painted.

        It is called before a frame is laid out: the recorder of the frame before may still have to look.
        """
        return self.page.evaluate(
            "async () => { await new Promise(requestAnimationFrame);"
            f" const r = await ({code})(probe); await probe.painted(); return r; }}"
        )

    def record(self, direction: int = 0) -> None:
        """Begin to compare frames; `direction` is 1 if the content may only move down, -1 up."""
        self.run(f"(probe) => {{ probe.recorder.reset(); probe.recorder.direction = {direction}; }}")

    def wheel(self, delta: int, until: str, at_most: int = 4_000) -> None:
        """Turn the wheel until a function of the probe is true."""
        for turn in range(at_most):
            self.page.mouse.wheel(0, delta)
            if turn % 4 == 3 and self.page.evaluate(f"() => ({until})(probe)"):
                return
        raise AssertionError(f"{until} did not become true")

    def figures(self) -> dict[str, float]:
        return dict(self.run("(probe) => probe.figures"))

    def offset(self, row: int) -> float:
        """Pixels from the upper edge of a row to the lower edge of the list."""
        offset = self.run(f"(probe) => probe.offset({row})")
        assert offset is not None, f"row {row} is not in the document"
        return float(offset)

    def view(self) -> dict[str, Any]:
        return dict(self.run("(probe) => probe.views.at(-1)"))

    def scroll_up(self, pixels: int) -> int:
        """Scroll up by at least so many pixels, come to rest, and return the last row in sight."""
        place = "(probe) => -probe.recorder.scroller.scrollTop"
        self.wheel(-300, f"(probe) => ({place})(probe) >= {pixels}")
        before = -1.0
        while (now := self.run(place)) != before:
            before = now
        return int(self.view()["last"])


@pytest.fixture
def messages(component: Callable[[str], Page], page: Page) -> List:
    page.set_viewport_size({"width": 720, "height": 800})
    component("message-list")
    expect(page.locator("[data-row='10000']")).to_be_in_viewport()
    await_true(lambda: page.evaluate("probe.views.length > 0"))  # the rows around the viewport are complete
    page.mouse.move(300, 400)
    return List(page)


def steady(figures: dict[str, float]) -> tuple[float, float, float]:
    return figures["nonRigid"], figures["backwards"], figures["blank"]


def test_ten_thousand_messages_upwards_without_a_jump(messages: List) -> None:
    messages.page.set_viewport_size({"width": 720, "height": 1_300})
    messages.record(direction=1)
    messages.wheel(-1_000, "(probe) => probe.views.at(-1).first === 1")
    figures = messages.figures()
    assert messages.run("(probe) => probe.source.rows.length") == MESSAGES
    assert steady(figures) == (0, 0, 0), figures
    assert figures["writes"] == 0, "the way up is the browser's alone"
    assert abs(figures["moved"] - messages.run("(probe) => -probe.recorder.scroller.scrollTop")) <= 1, figures
    assert figures["maxRows"] <= 80 and figures["maxNodes"] <= 400, figures


def test_an_older_page_moves_nothing(messages: List) -> None:
    messages.run("(probe) => { probe.source.wait = () => new Promise((resolve) => { probe.answer = resolve; }); }")
    messages.wheel(-300, "(probe) => Boolean(probe.answer)")
    last = messages.scroll_up(1_000)
    before = messages.offset(last)
    loaded = messages.run("(probe) => probe.source.rows.length")
    messages.record()
    messages.run("(probe) => probe.answer()")
    assert messages.run("(probe) => probe.source.rows.length") == loaded + 50
    assert messages.offset(last) == pytest.approx(before, abs=1)
    assert messages.figures()["largest"] <= 1


def test_new_messages_wait_below_while_older_ones_are_read(messages: List) -> None:
    last = messages.scroll_up(3_000)
    before = messages.offset(last)
    messages.record()
    messages.run("(probe) => probe.source.append(5)")
    assert messages.offset(last) == pytest.approx(before, abs=0.1)
    assert messages.figures()["largest"] <= 0.1
    expect(messages.page.get_by_test_id("to-newest")).to_have_accessible_name("5 new")
    messages.page.get_by_test_id("to-newest").click()
    expect(messages.page.locator("[data-row='10005']")).to_be_in_viewport()
    expect(messages.page.get_by_test_id("to-newest")).to_have_count(0)


def test_the_end_stays_in_sight(messages: List) -> None:
    for number in range(10_001, 10_021):
        messages.run("(probe) => probe.source.append(1)")
        expect(messages.page.locator(f"[data-row='{number}']")).to_be_in_viewport(ratio=1)
    messages.run("(probe) => probe.source.change(10020, { extra: 300 })")
    expect(messages.page.locator("[data-row='10020']")).to_be_in_viewport(ratio=1)
    assert messages.view()["stuck"]


@pytest.mark.parametrize(("where", "largest"), [("above", 0.1), ("below", 1)])
def test_growth_out_of_sight_moves_nothing(messages: List, where: str, largest: float) -> None:
    last = messages.scroll_up(3_000)
    first = int(messages.view()["first"])
    row = first - 3 if where == "above" else last + 3
    messages.offset(row)  # it is in the document
    messages.record()
    messages.run(f"(probe) => probe.source.change({row}, {{ extra: 240 }})")
    messages.run(f"(probe) => probe.source.change({row}, {{ extra: 0 }})")
    figures = messages.figures()
    assert figures["largest"] <= largest, figures


def test_late_growth_by_layout_alone_moves_nothing(messages: List) -> None:
    """As by a picture without a size, or by a font that arrives."""
    last = messages.scroll_up(3_000)
    messages.record()
    messages.run(
        f"""(probe) => {{
            document.querySelector("[data-row='{last + 4}'] span").style.paddingBottom = "333px";
            document.querySelector("[data-row='{last + 2}'] span").style.paddingTop = "77.3px";
        }}"""
    )
    figures = messages.figures()
    assert figures["largest"] <= 1, figures
    assert figures["writes"] >= 1


def test_a_jump_to_a_loaded_message_and_down_again(messages: List) -> None:
    messages.wheel(-1_400, "(probe) => probe.source.rows.length >= 900")
    messages.run("(probe) => probe.list.scrollToEnd()")
    messages.run("(probe) => probe.list.scrollTo(9400, { flash: true })")
    row = messages.page.locator("[data-row='9400']")
    expect(row).to_have_class("list-row is-flashed")
    expect(row).to_be_in_viewport(ratio=1)
    assert messages.offset(9400) == pytest.approx(400, abs=150), "in the middle"
    expect(row).to_have_class("list-row")
    messages.record(direction=-1)
    messages.wheel(600, "(probe) => probe.views.at(-1).last === 10000")
    figures = messages.figures()
    assert steady(figures) == (0, 0, 0), figures


def test_a_jump_to_a_message_that_is_not_loaded(messages: List) -> None:
    messages.run("(probe) => { probe.list.scrollTo(4321, { flash: true }); return probe.source.loadAround(4321); }")
    expect(messages.page.locator("[data-row='4321']")).to_be_in_viewport(ratio=1)
    messages.record(direction=-1)
    messages.wheel(600, "(probe) => probe.source.rows.at(-1).id > 4800")
    figures = messages.figures()
    assert steady(figures) == (0, 0, 0), figures
    assert not messages.view()["stuck"]
    messages.run("(probe) => probe.source.append(2)")
    assert messages.run("(probe) => probe.source.hasNewer"), "what is new joins no list that ends before it"
    messages.page.get_by_test_id("to-newest").click()
    expect(messages.page.locator("[data-row='10002']")).to_be_in_viewport(ratio=1)
    await_true(lambda: messages.view()["stuck"])


def test_a_list_begins_at_the_first_unread_message(messages: List) -> None:
    messages.run("(probe) => probe.open(10000, { key: 9980, align: 'start' })")
    assert messages.offset(9980) == pytest.approx(800, abs=1)


def test_the_place_is_kept_when_the_width_changes(messages: List) -> None:
    last = messages.scroll_up(6_000)
    before = messages.offset(last)
    bottom = messages.run(f"(probe) => document.querySelector(\"[data-row='{last}']\").getBoundingClientRect().bottom")
    for width in (420, 720):
        messages.page.set_viewport_size({"width": width, "height": 800})
        messages.run("() => 0")
    after = messages.run(f"(probe) => document.querySelector(\"[data-row='{last}']\").getBoundingClientRect().bottom")
    assert after == pytest.approx(bottom, abs=1)
    assert messages.offset(last) == pytest.approx(before, abs=1)


def test_a_keyboard_that_opens_covers_no_message(messages: List) -> None:
    last = messages.scroll_up(2_000)
    before = messages.offset(last)
    messages.page.set_viewport_size({"width": 720, "height": 500})
    messages.run("() => 0")
    assert messages.offset(last) == pytest.approx(before, abs=0.1)


def test_arrow_keys_walk_through_the_messages(messages: List) -> None:
    page = messages.page
    page.get_by_role("group", name="Messages").focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator("[data-row='10000']")).to_be_focused()
    for number in range(9_999, 9_960, -1):
        page.keyboard.press("ArrowUp")
        row = page.locator(f"[data-row='{number}']")
        expect(row).to_be_focused()
        expect(row).to_be_in_viewport()
    page.keyboard.press("End")
    expect(page.locator("[data-row='10000']")).to_be_focused()
    expect(page.locator("[data-row='10000']")).to_be_in_viewport(ratio=1)


def test_the_focus_of_a_row_that_leaves_stays_in_the_list(messages: List) -> None:
    messages.run("(probe) => probe.source.change(9998, { hasButton: true })")
    messages.page.get_by_role("button", name="button").focus()
    messages.wheel(-700, "(probe) => !document.querySelector(\"[data-row='9998']\")")
    expect(messages.page.get_by_role("group", name="Messages")).to_be_focused()


def test_only_a_row_that_changed_is_rendered_again(messages: List) -> None:
    messages.run("(probe) => { probe.shown = new Set(probe.rendered); probe.rendered = []; }")
    messages.run("(probe) => probe.source.change(9999, { text: 'changed' })")
    expect(messages.page.locator("[data-row='9999']")).to_have_text("changed")
    messages.run("(probe) => probe.source.append(1)")
    expect(messages.page.locator("[data-row='10001']")).to_be_in_viewport()
    assert messages.run("(probe) => probe.rendered.filter((id) => probe.shown.has(id))") == [9999]


def test_a_failed_page_is_tried_again_by_scrolling(messages: List) -> None:
    messages.run(
        """(probe) => {
            const load = probe.source.loadOlder;
            probe.failures = 0;
            probe.source.loadOlder = async () => { probe.failures += 1; throw new Error("no answer"); };
            probe.render();
            probe.restore = () => { probe.source.loadOlder = load; probe.render(); };
        }"""
    )
    messages.wheel(-700, "(probe) => probe.views.at(-1).first === probe.source.rows[0].id && probe.failures > 0")
    failures = messages.run("(probe) => probe.failures")
    messages.run("() => 0")
    assert messages.run("(probe) => probe.failures") == failures, "not in a loop"
    messages.run("(probe) => probe.restore()")
    messages.wheel(-100, "(probe) => probe.source.rows.length > 100")


def test_switching_chats_leaves_nothing_behind(messages: List) -> None:
    session = messages.page.context.new_cdp_session(messages.page)

    def heap_after(switches: int) -> tuple[float, float]:
        for _ in range(switches):
            messages.run("(probe) => { probe.views = []; probe.open(2000); }")
            messages.page.mouse.wheel(0, -2_000)
            messages.run("(probe) => probe.list.scrollTo(1990, { flash: true })")
        for _ in range(3):
            session.send("HeapProfiler.collectGarbage")
        counters = session.send("Memory.getDOMCounters")
        return session.send("Runtime.getHeapUsage")["usedSize"], counters["nodes"]

    heap, nodes = heap_after(3)
    later_heap, later_nodes = heap_after(27)
    assert later_heap <= heap * 1.1, (heap, later_heap)
    assert later_nodes <= nodes * 1.1, (nodes, later_nodes)


def test_the_list_is_accessible(messages: List) -> None:
    row = messages.page.locator("[data-row='10000']")
    expect(row).to_have_attribute("aria-posinset", "10000")
    expect(row).to_have_attribute("aria-setsize", "10000")
    messages.scroll_up(1_000)
    check_accessibility(messages.page, without=("page-has-heading-one",))  # the page of a component has none
