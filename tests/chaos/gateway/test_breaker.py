from llmops.chaos.gateway.breaker import Breaker


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def breaker(clock: Clock, failures: int = 3, cooldown_s: float = 5.0) -> Breaker:
    return Breaker(failures, cooldown_s, clock)


def test_it_opens_at_its_limit_of_failures_in_a_row_and_not_before() -> None:
    one = breaker(Clock())
    one.failed()
    one.failed()
    assert one.state == "closed"
    one.failed()
    assert (one.state, one.allows()) == ("open", False)


def test_a_success_between_failures_starts_the_count_anew() -> None:
    one = breaker(Clock())
    for _ in range(2):
        one.failed()
        one.failed()
        one.succeeded()
    assert one.state == "closed"


def test_after_its_cooldown_one_request_looks_and_no_second() -> None:
    clock = Clock()
    one = breaker(clock, failures=1)
    one.failed()
    clock.now_s += 4.999
    assert not one.allows()
    clock.now_s += 0.001
    assert [one.allows(), one.allows()] == [True, False]


def test_a_look_that_succeeds_closes_it_and_one_that_fails_opens_it_for_another_cooldown() -> None:
    clock = Clock()
    one = breaker(clock, failures=3)
    for _ in range(3):
        one.failed()
    clock.now_s += 5
    assert one.allows()
    one.failed()  # one failure is enough now
    assert one.state == "open"
    clock.now_s += 5
    assert one.allows()
    one.succeeded()
    assert (one.state, one.allows(), one.allows()) == ("closed", True, True)


def test_a_look_whose_caller_hung_up_leaves_the_way_free_for_the_next() -> None:
    clock = Clock()
    one = breaker(clock, failures=1)
    one.failed()
    clock.now_s += 5
    assert one.allows()
    one.cancelled()
    assert one.allows()


def test_without_a_cooldown_it_never_opens_and_with_an_endless_one_it_never_closes() -> None:
    clock = Clock()
    never, forever = breaker(clock, failures=1, cooldown_s=0), breaker(clock, failures=1, cooldown_s=float("inf"))
    for one in (never, forever):
        one.failed()
    clock.now_s += 1e9
    assert (never.state, forever.state) == ("closed", "open")
