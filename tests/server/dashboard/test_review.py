"""People label answers, one key each, blind, alone and at once; judges beside what they said."""

from playwright.sync_api import Browser, Page, expect

from regrade.store import Store

from .conftest import Site, visiting


def queue(page: Page, site: Site, criterion: str = "polite") -> None:
    page.goto(f"/review/{site.newest.run_id}?criterion={criterion}")


def shown(page: Page) -> str:
    return page.locator(".label-form input[name=case]").input_value()


def call_me(page: Page, name: str) -> None:
    page.goto("/review")
    page.fill("input[name=who]", name)
    page.get_by_role("button", name="Call me that").click()


def test_a_label_is_one_key_and_the_next_answer_comes(browser: Browser, own_site: Site) -> None:
    with visiting(browser, own_site) as page:
        call_me(page, "Lin")
        queue(page, own_site)
        seen = []
        for key in ("p", "f", "u"):
            seen.append(shown(page))
            assert page.locator(".grades").count() == 0, "nobody sees what graders say first"
            page.keyboard.press(key)
            expect(page.locator(".label-form input[name=case]")).not_to_have_value(seen[-1])
        assert len({*seen}) == 3
        expect(page.locator("#item")).to_contain_text("3 labelled by you")
        page.keyboard.press("n")
        page.keyboard.type("too cool")
        page.keyboard.press("Escape")
        noted = shown(page)
        page.keyboard.press("f")
        expect(page.locator(".told")).to_contain_text(f"{noted}: you say fail")
    assert own_site.said == []
    with Store(own_site.place) as store:
        mine = [e for e in store.labels.of("help-centre") if e.who == "Lin"]
    assert [e.verdict for e in mine] == ["pass", "fail", "unsure", "fail"]
    assert [e.case for e in mine] == [*seen, noted]
    assert mine[-1].note == "too cool"


def test_what_was_said_is_seen_afterwards_and_can_be_changed(
    browser: Browser, own_site: Site
) -> None:
    with visiting(browser, own_site) as page:
        queue(page, own_site)
        case = shown(page)
        page.keyboard.press("p")
        expect(page.locator(".told")).to_contain_text(case)
        page.goto(f"/review/{own_site.newest.run_id}?criterion=polite&case={case}")
        expect(page.locator(".unblinded")).to_contain_text("tone")
        page.get_by_role("button", name="Fail").click()
        expect(page.locator(".told")).to_contain_text(f"{case}: you say fail")
    with Store(own_site.place) as store:
        said = [
            e.verdict
            for e in store.labels.of("help-centre")
            if e.case == case and e.who not in ("Ada", "Grace")
        ]
    assert said == ["pass", "fail"], "kept both; the later one counts"


def test_two_people_at_once_are_never_shown_the_same(browser: Browser, own_site: Site) -> None:
    with visiting(browser, own_site) as one, visiting(browser, own_site) as other:
        pages = {"Lin": one, "Ben": other}
        for name, page in pages.items():
            call_me(page, name)
            queue(page, own_site, "right")
        seen: list[str] = []
        for _ in range(5):
            now = {name: shown(page) for name, page in pages.items()}
            assert now["Lin"] != now["Ben"]
            seen += now.values()
            for page in pages.values():
                before = shown(page)
                page.keyboard.press("p")
                expect(page.locator(".label-form input[name=case]")).not_to_have_value(before)
        assert len({*seen}) == 10
    with Store(own_site.place) as store:
        labels = [e for e in store.labels.of("help-centre") if e.criterion == "right"]
    assert sorted(e.who for e in labels) == ["Ben"] * 5 + ["Lin"] * 5
    assert len({e.case for e in labels}) == 10


def test_an_answer_is_given_to_somebody_else(browser: Browser, own_site: Site) -> None:
    with visiting(browser, own_site) as page:
        call_me(page, "Lin")
        queue(page, own_site, "grounded")
        case = shown(page)
        page.keyboard.press("a")
        page.fill("input[name=assign]", "Ben")
        page.get_by_role("button", name="Assign").click()
        expect(page.locator(".told")).to_contain_text(f"{case} is for Ben to label")
        assert shown(page) != case
        call_me(page, "Ben")
        queue(page, own_site, "grounded")
        assert shown(page) == case
        expect(page.locator(".to-label h2").first).to_contain_text("assigned to you")


def test_reasons_choose_what_is_labelled(page: Page, site: Site) -> None:
    call_me(page, "Kim")
    queue(page, site)
    page.get_by_role("link", name="disagreements").click()
    assert "why=disagreement" in page.url
    with Store(site.place) as store:
        labels = store.labels.of("help-centre")
    assert shown(page) in {e.case for e in labels}
    page.keyboard.press("2")
    page.wait_for_url("**criterion=right**")


def test_live_answers_are_labelled_and_become_cases_in_one_key(
    browser: Browser, own_site: Site
) -> None:
    with visiting(browser, own_site) as page:
        page.goto("/review/monitor%3Atone?why=failure")
        trace = shown(page)
        expect(page.locator("#item")).to_contain_text("PARCEL LOST")
        page.keyboard.press("d")
        expect(page.locator(".told")).to_contain_text("is a case of regressions now")
        assert shown(page) == trace, "it stays until it is labelled"
        page.keyboard.press("f")
        expect(page.locator(".told")).to_contain_text("the graders say fail, as you do")
        page.goto("/judges")
        expect(page.locator("main")).to_contain_text("monitor:tone")
    assert own_site.said == []


def test_labelling_works_without_scripts(browser: Browser, own_site: Site) -> None:
    with visiting(browser, own_site, java_script_enabled=False) as page:
        queue(page, own_site)
        case = shown(page)
        page.get_by_role("button", name="Pass").click()
        assert f"{case}: you say pass" in page.locator(".told").inner_text()
        assert shown(page) != case


def test_judges_are_told_with_what_they_cost_and_how_people_see_them(page: Page) -> None:
    page.goto("/judges")
    text = page.inner_text("main")
    for said in (
        "polite: judged",
        "corrected",
        "judge passes",
        "people fail",
        "cost\n$0.00",
        "by the week of the label",
    ):
        assert said in text, said
