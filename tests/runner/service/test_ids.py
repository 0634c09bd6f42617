"""Ids rise, are what they say they are, and repeat only when they are meant to."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta

from runner.service.ids import Ids, text_digest
from tests.runner.service.company import START


def test_an_id_is_a_uuid_of_version_7_that_tells_its_instant() -> None:
    found = uuid.UUID(Ids().new(START))
    assert (found.version, found.variant) == (7, uuid.RFC_4122)
    assert found.int >> 80 == int(START.timestamp() * 1000)


def test_ids_rise_within_a_millisecond_and_past_the_counter() -> None:
    ids = Ids()
    made = [ids.new(START) for _ in range(9000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_ids_rise_even_when_time_is_told_backwards() -> None:
    ids = Ids()
    later, earlier = ids.new(START), ids.new(START - timedelta(hours=1))
    assert earlier > later


def test_ids_rise_with_time() -> None:
    ids = Ids(3)
    made = [ids.new(START + timedelta(seconds=number)) for number in range(100)]
    assert made == sorted(made)


def test_a_seed_repeats_and_another_run_over_the_same_store_does_not() -> None:
    def made(ids: Ids) -> list[object]:
        return [ids.new(START), ids.salt(), ids.new(START)]

    assert made(Ids(1)) == made(Ids(1))
    assert not set(made(Ids(1))) & set(made(Ids(2)))
    assert not set(made(Ids(1))) & set(made(Ids(1, run=1))), "after a restart at the same instant"
    assert made(Ids()) != made(Ids())


def test_threads_get_different_ids() -> None:
    ids, found = Ids(1), list[str]()
    threads = [threading.Thread(target=lambda: found.extend(ids.new(START) for _ in range(500))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 2000


def test_a_text_is_hidden_by_its_salt() -> None:
    ids = Ids()
    one, other = ids.salt(), ids.salt()
    assert (len(one), one == other) == (16, False)
    assert text_digest(one, "x") != text_digest(other, "x")
    assert text_digest(one, "x") == text_digest(one, "x")
    assert len(text_digest(one, "")) == 64


def test_the_salt_of_an_effects_text_follows_from_its_key_where_runs_are_repeated() -> None:
    seeded, again, other = Ids(1), Ids(1), Ids(2)
    assert seeded.salt_for("e:1:0") == again.salt_for("e:1:0") != other.salt_for("e:1:0")
    assert seeded.salt_for("e:1:0") != seeded.salt_for("e:1:1")
    real = Ids()
    assert real.salt_for("e:1:0") != real.salt_for("e:1:0")
    assert len(real.salt_for("x")) == len(seeded.salt_for("x")) == 16
