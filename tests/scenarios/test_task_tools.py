"""Task lists are read as a person would read them."""

from __future__ import annotations

import pytest

from pulsegate.scenarios.contract.task_tools import (
    change_problems,
    completion_problems,
    list_problems,
    new_titles,
    numbers_problem,
    rows_of,
)

A, B, C = "Blumen gießen k1a2b37", "café 2 k9f8e77", "日本語 k5d5d57"

FORMATS = {
    "check boxes": "You have 3 tasks:\n1. [ ] {a}\n2. [{mark}] {b}\n3. [ ] {c}\n",
    "words": "#1 {a} (pending)\n#2 {b} ({state})\n#3 {c} (pending)",
    "a table": (
        "| # | Task | State |\n|---|------|-------|\n"
        "| 1 | {a} | pending |\n| 2 | {b} | {state} |\n| 3 | {c} | pending |"
    ),
    "bullets": "- Task 1: {a}\n- Task 2: {b} {sign}\n- Task 3: {c}\n\n{done} of 3 done",
    "several lines": (
        "1. **{a}**\n   Status: pending\n2. **{b}**\n   Status: {state}\n3. **{c}**\n   Status: pending\n"
        "Total: 3, {done} done"
    ),
    "symbols": "1) ⬜ {a}\r\n2) {box} {b}\r\n3) ⬜ {c}",
    "strikes": "1. {a}\n2. {strike}{b}{strike}\n3. {c}",
    "database ids": "[1041] {a} | pending\n[1042] {b} | {state}\n[1043] {c} | pending",
}


def shown(name, *, done):
    return FORMATS[name].format(
        a=A,
        b=B.capitalize(),
        c=C,
        mark="x" if done else " ",
        state="completed" if done else "pending",
        sign="✓" if done else "",
        box="✅" if done else "⬜",
        strike="~~" if done else "",
        done=int(done),
    )


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("steady", [True, False])
def test_a_completed_row_differs_in_every_format(name, steady):
    """Whatever marks a completed row, the list in which only it is marked is sound."""
    before, after = shown(name, done=False), shown(name, done=True)
    assert list_problems(before, [A, B, C]) == []
    assert numbers_problem(before, [A, B, C]) == ""
    assert completion_problems(before, after, B, [A, C], steady=steady) == []


@pytest.mark.parametrize("name", FORMATS)
def test_rows_that_look_the_same_are_found(name):
    """A list that shows the completed row as before is blamed, although its total may have changed."""
    before = shown(name, done=False)
    after = before.replace("0 of 3", "1 of 3").replace("3, 0 done", "3, 1 done")
    assert "looks like an open one" in completion_problems(before, after, B, [A, C], steady=True)[0]


@pytest.mark.parametrize("steady", [True, False])
def test_the_wrong_row_is_found(steady):
    """Completing another row is blamed twice: the right one is open, and another one changed."""
    before = f"1. [ ] {A}\n2. [ ] {B}\n3. [ ] {C}"
    after = before.replace("3. [ ]", "3. [x]")
    problems = completion_problems(before, after, B, [A, C], steady=steady)
    assert problems[0].startswith("the completed row looks like an open one")


def test_a_second_row_that_is_completed_as_well_is_found():
    """Completing more than was asked for is blamed."""
    before = f"1. [ ] {A}\n2. [ ] {B}\n3. [ ] {C}"
    after = before.replace("2. [ ]", "2. [x]").replace("3. [ ]", "3. [x]")
    assert completion_problems(before, after, B, [A, C], steady=True)
    assert completion_problems(before, after, B, [A, C], steady=False)


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("1. [ ] {a}", 1),
        ("#17 {a} (pending)", 17),
        ("| 3 | {a} | 2026-11-21 |", 3),
        ("- {a} (task 5)", 5),
        ("☐ **2** - {a}, due in 3 days", 2),
        ("1️⃣ {a}", 1),
        ("123456 {a}", 123456),
        ("0f8fad5b-d9cb-469f-a165-70867728950e: 4. {a}", 4),
        ("- {a}", None),
    ],
)
def test_the_number_is_the_first_integer_outside_the_title(line, number):
    """Digits of the title and of ids are no task numbers."""
    assert rows_of(line.format(a=A), A)[0].number == number


def test_numbers_on_a_following_line_count():
    """A number may stand on an indented line below the title."""
    assert rows_of(f"* {A}\n    id: 12\n* {B}\n    id: 13", A)[0].number == 12


def test_titles_are_found_however_they_are_capitalised_and_composed():
    """Case, composition and white space of a title do not matter."""
    assert len(rows_of("1. CAFE\u0301  2 K9F8E77", B)) == 1


def test_missing_doubled_and_unnumbered_rows_are_named():
    """Each thing wrong with a list is said."""
    text = f"1. {A}\n2. {A}\n- {B}"
    problems = list_problems(text, [A, B, C], [B])
    assert [problem.split("”")[1].split(":")[0] for problem in problems] == [
        " is shown 2 times", " is shown without a number", " is not shown", " is shown",
    ]  # fmt: skip


def test_rows_with_the_same_number_are_found():
    """Tasks that cannot be told apart by number are blamed."""
    assert "share a number" in numbers_problem(f"1. {A}\n1. {B}", [A, B])


def test_renumbered_and_renamed_rows_are_unchanged():
    """Another number, another title and a time that goes by are no changes of a row."""
    before = f"1. [ ] {A} (added 5 seconds ago)\n2. [x] {B} (added just now)"
    after = f"1. [x] {B} (added 7 seconds ago)\n2. [ ] {C} (added a minute ago)"
    assert change_problems(before, after, [(A, C), (B, B)], steady=True) == []


@pytest.mark.parametrize("steady", [True, False])
def test_a_row_that_is_completed_by_the_way_is_found(steady):
    """A change of state is a change, whether or not lists are worded alike each time."""
    before, after = f"1. [ ] {A}\n2. [ ] {B}", f"1. [ ] {A}\n2. [x] {B}"
    assert change_problems(before, after, [(A, A), (B, B)], steady=steady)


def test_lists_may_be_worded_anew_where_answers_are_not_deterministic():
    """Only what tells rows from each other counts for an agent that words its lists anew."""
    before, after = f"1. {A} (open)\n2. {B} (done)", f"Task 1: {A}, still open\nTask 2: {B}, completed"
    assert change_problems(before, after, [(A, A), (B, B)], steady=False) == []
    assert change_problems(before, after, [(A, A), (B, B)], steady=True)


def test_titles_are_all_different():
    """New titles never repeat."""
    assert len({*new_titles(6), *new_titles(6)}) == 12
